/**
 * Where things lie in the shared memory. Words are i32 indices from address 0.
 *
 * A command is a slot of the ring: which code, how many tasks, counters of claimed and finished tasks,
 * and the kernel's arguments, whose address is handed to the kernel.
 */
export const layout = {
  /** Commands enqueued, completed. Both wrap; compare differences. */
  head: 0,
  done: 1,
  /** Counts commands with more than one task, which all workers take part in. */
  multi: 2,
  headSleepers: 3,
  multiSleepers: 4,
  doneSleepers: 5,
  exit: 6,
  /** 1 after a kernel trapped or failed to compile; text of the error follows at `errorText`. */
  error: 7,
  errorLength: 8,
  /** The caller waits for this many completed commands, when `waiting` is 1; `wake` is notified. */
  target: 9,
  waiting: 10,
  wake: 11,
  /** Per worker: commands it has left behind. */
  progress: 16,
  errorText: 128,
  errorTextBytes: 2048,
  ring: 1024,
  /** A power of two. */
  slots: 1024,
  slotWords: 64,
  // words of a slot
  codeId: 0,
  codeAddress: 1,
  codeBytes: 2,
  tasks: 3,
  claimed: 4,
  finished: 5,
  args: 8,
} as const;

export const maxArgs = layout.slotWords - layout.args;
export const maxThreads = 64;
/** First byte behind control words and ring. */
export const controlBytes = 4 * (layout.ring + layout.slots * layout.slotWords);
/** Room for the bytes of kernels, which workers compile from here. */
export const codeArenaBytes = 64 * 1024 * 1024;
