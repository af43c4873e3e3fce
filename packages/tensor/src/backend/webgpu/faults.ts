import { AdjointError, BudgetError, DeviceError } from '../../errors.js';

/**
 * What goes wrong on the GPU after the call that caused it: recorded here, thrown by the next wait. The loss
 * of the device is thrown by every later call.
 */
export class Faults {
  private readonly recorded: AdjointError[] = [];
  private readonly checks = new Set<Promise<void>>();
  private loss: DeviceError | undefined;
  private closed = false;

  constructor(private readonly device: GPUDevice) {
    device.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      this.record(typed((event as GPUUncapturedErrorEvent).error));
    });
    void device.lost.then(({ message }) => {
      if (this.closed) return;
      this.loss = new DeviceError(
        `The GPU was lost${message ? ` (${firstLine(message)})` : ''}: its tensors are gone. Call init() again.`,
      );
    });
  }

  record(error: AdjointError): void {
    this.recorded.push(error);
  }

  /** Records the cause of errors that may be recorded already. */
  recordFirst(error: AdjointError): void {
    this.recorded.unshift(error);
  }

  /** What later waits await too: it may record errors, and does not throw. */
  watch(check: Promise<void>): void {
    this.checks.add(check);
    void check.then(() => this.checks.delete(check));
  }

  /** Throws if the device is lost or closed. */
  checkLive(): void {
    if (this.loss) throw this.loss;
  }

  /** Ends a wait: throws the loss, or the first error since the last wait. */
  async settle(): Promise<void> {
    await Promise.all(this.checks);
    this.checkLive();
    const first = this.recorded[0];
    this.recorded.length = 0;
    if (first) throw first;
  }

  /** What to throw when a wait was rejected. */
  async explain(error: unknown): Promise<never> {
    // the loss may be announced after the promises that it rejects
    await Promise.race([this.device.lost, new Promise((resolve) => setTimeout(resolve, 100))]);
    if (this.closed) throw new AdjointError('The device was disposed before the values arrived.');
    await this.settle();
    throw new DeviceError(`The GPU did not deliver: ${(error as Error).message}`);
  }

  close(): void {
    this.closed = true;
  }
}

const firstLine = (text: string): string => text.split('\n')[0]!.trim();

function typed(error: GPUError): AdjointError {
  const isMemory = error.constructor.name === 'GPUOutOfMemoryError';
  if (!isMemory) return new DeviceError(`The GPU refused a command: ${error.message}`);
  return new BudgetError(
    `The GPU has no memory left (${firstLine(error.message)}). Dispose tensors, work in smaller batches, or set init({ memoryBudget }) to what it has.`,
  );
}
