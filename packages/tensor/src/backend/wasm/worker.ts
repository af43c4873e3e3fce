import { layout } from './layout.js';

/**
 * The program of a worker, as source text so that it survives bundlers. It takes commands from the ring in
 * order. Worker 0 does commands of one task alone; the others look only at commands with several tasks.
 * Tasks are claimed by an atomic counter; who finishes the last one completes the command. A waiting worker
 * spins for some microseconds, then sleeps.
 */
export const workerSource = `'use strict';
const L = ${JSON.stringify(layout)};
const SPIN = 1500;
function serve({ memory, index, scratch }, ready) {
  const words = new Int32Array(memory.buffer, 0, L.ring + L.slots * L.slotWords);
  const kernels = [];
  function kernel(slot) {
    const id = words[slot + L.codeId];
    let run = kernels[id];
    if (!run) {
      const address = words[slot + L.codeAddress];
      const bytes = new Uint8Array(memory.buffer, address, words[slot + L.codeBytes]).slice();
      run = kernels[id] = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports.run;
    }
    return run;
  }
  function fail(error) {
    if (Atomics.compareExchange(words, L.error, 0, 2) !== 0) return;
    const text = String(error && error.message || error).slice(0, L.errorTextBytes / 4);
    for (let i = 0; i < text.length; i++) words[L.errorText + i] = text.charCodeAt(i);
    words[L.errorLength] = text.length;
    Atomics.store(words, L.error, 1);
  }
  function sleep(word, sleepers, value) {
    Atomics.add(words, sleepers, 1);
    Atomics.wait(words, word, value);
    Atomics.sub(words, sleepers, 1);
  }
  function complete(seq) {
    const done = (seq + 1) | 0;
    Atomics.store(words, L.done, done);
    if (Atomics.load(words, L.doneSleepers) > 0) Atomics.notify(words, L.done);
    if (Atomics.load(words, L.waiting) === 1 && ((done - Atomics.load(words, L.target)) | 0) >= 0) {
      Atomics.store(words, L.waiting, 0);
      Atomics.add(words, L.wake, 1);
      Atomics.notify(words, L.wake);
    }
  }
  function work(seq, slot, tasks) {
    const args = 4 * (slot + L.args);
    for (;;) {
      const task = Atomics.add(words, slot + L.claimed, 1);
      if (task >= tasks) return;
      try {
        kernel(slot)(task, args, scratch);
      } catch (error) {
        fail(error);
      }
      if (Atomics.add(words, slot + L.finished, 1) === tasks - 1) complete(seq);
    }
  }
  function waitForCommand(seq) {
    for (let spins = 0; ; spins++) {
      const multi = Atomics.load(words, L.multi);
      if (Atomics.load(words, L.head) !== seq) return true;
      if (Atomics.load(words, L.exit)) return false;
      if (spins < SPIN) continue;
      if (index === 0) sleep(L.head, L.headSleepers, seq);
      else sleep(L.multi, L.multiSleepers, multi);
      spins = 0;
    }
  }
  function waitForTurn(seq) {
    for (let spins = 0; ; spins++) {
      const done = Atomics.load(words, L.done);
      if (((done - seq) | 0) >= 0) return done;
      if (Atomics.load(words, L.exit)) return done;
      if (spins >= SPIN) sleep(L.done, L.doneSleepers, done);
    }
  }
  ready();
  for (let seq = 0; waitForCommand(seq); Atomics.store(words, L.progress + index, seq)) {
    const slot = L.ring + (seq & (L.slots - 1)) * L.slotWords;
    const tasks = words[slot + L.tasks];
    if (tasks > 1 || index === 0) {
      const done = waitForTurn(seq);
      if (((done - seq) | 0) > 0) {
        seq = done;
        continue;
      }
      work(seq, slot, tasks);
      if (Atomics.load(words, L.exit)) return;
    }
    seq = (seq + 1) | 0;
  }
}
if (typeof require === 'function') {
  const { parentPort, workerData } = require('node:worker_threads');
  serve(workerData, () => parentPort.postMessage('ready'));
} else {
  self.onmessage = (event) => serve(event.data, () => self.postMessage('ready'));
}
`;
