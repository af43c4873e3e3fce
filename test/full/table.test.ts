// The op table again, with many more samples and on every variant of the wasm device.
process.env.ADJOINT_RUNS ??= '120';
await import('../ops/table.test.js');

export {};
