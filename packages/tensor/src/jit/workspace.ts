import type { DeviceBuffer } from '../backend/backend.js';
import type { Device } from '../device.js';

/**
 * Memory for the intermediate values of all compiled functions of a device. Calls run one after the
 * other, so they share it: it is as large as the most demanding of them needs.
 */
export class Workspace {
  /** Changes when a buffer was replaced: operands must be bound again. */
  version = 0;
  readonly buffers: DeviceBuffer[] = [];
  private users = 0;

  constructor(private readonly device: Device) {}

  /** Makes room for slots of these sizes, largest first. */
  reserve(sizes: readonly number[]): void {
    this.users++;
    try {
      sizes.forEach((bytes, i) => {
        const old = this.buffers[i];
        if (old && old.bytes >= bytes) return;
        this.buffers[i] = this.device.backend.allocate(bytes, { fn: 'jit', argument: 'its workspace' });
        this.version++;
        if (old) this.device.free(old);
      });
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  /** Frees everything with the last user. */
  leave(): void {
    if (--this.users > 0) return;
    for (const buffer of this.buffers) this.device.free(buffer);
    this.buffers.length = 0;
    this.version++;
  }
}

const workspaces = new WeakMap<Device, Workspace>();

export function workspaceOf(device: Device): Workspace {
  let workspace = workspaces.get(device);
  if (!workspace) {
    workspace = new Workspace(device);
    workspaces.set(device, workspace);
  }
  return workspace;
}
