// The op table again, with many more samples and on every variant of the wasm device; on a GPU some more.
process.env.ADJOINT_RUNS ??= '120';
process.env.ADJOINT_GPU_RUNS ??= '8';
await import('../ops/table.test.js');

export {};
