import type { DeviceBuffer } from '../backend/backend.js';
import type { Device } from '../device.js';
import { TraceError } from '../errors.js';
import { Storage } from '../tensor.js';
import type { GraphBuffer } from './graph.js';

/** Which trace a symbolic tensor belongs to, and whether it still runs. */
export interface TraceState {
  open: boolean;
}

/** Storage of a tensor in a trace: it stands for a buffer of the graph and has no memory. */
export class SymbolicStorage extends Storage {
  constructor(
    device: Device,
    readonly graphBuffer: GraphBuffer,
    readonly trace: TraceState,
  ) {
    super(device, graphBuffer);
  }

  override memory(): DeviceBuffer {
    const parts = { fn: 'jit', argument: 'the traced function' };
    throw this.trace.open
      ? new TraceError({
          ...parts,
          expected: 'a computation that can be replayed without looking at values',
          got: 'one that reads the values of a tensor (data, item, toArray, toDevice, linalg)',
          remedy: 'Return the tensor and read it outside.',
        })
      : new TraceError({
          ...parts,
          expected: 'one that hands its tensors out as its result',
          got: 'a tensor of an ended trace, used outside',
          remedy: 'Return it from the function.',
        });
  }

  protected override free(): void {}
}
