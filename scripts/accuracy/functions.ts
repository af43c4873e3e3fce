import {
  cos,
  createDevice,
  type Device,
  exp,
  expm1,
  log,
  log1p,
  read,
  sigmoid,
  sin,
  sqrt,
  type Tensor,
  tanh,
  tensor,
  withDevice,
} from '@adjoint/tensor';

interface Sweep {
  name: string;
  f(x: Tensor): Tensor;
  from: number;
  to: number;
  exact(x: number): number;
}

/** Functions of a real argument and the range they are swept over. */
const sweeps: readonly Sweep[] = [
  { name: 'exp', f: exp, from: -87, to: 88, exact: Math.exp },
  { name: 'expm1', f: expm1, from: -10, to: 10, exact: Math.expm1 },
  { name: 'log', f: log, from: 1e-30, to: 1e6, exact: Math.log },
  { name: 'log1p', f: log1p, from: -0.99, to: 100, exact: Math.log1p },
  { name: 'sin', f: sin, from: -1000, to: 1000, exact: Math.sin },
  { name: 'cos', f: cos, from: -1000, to: 1000, exact: Math.cos },
  { name: 'tanh', f: tanh, from: -12, to: 12, exact: Math.tanh },
  { name: 'sqrt', f: sqrt, from: 0, to: 1e6, exact: Math.sqrt },
  { name: 'sigmoid', f: sigmoid, from: -80, to: 80, exact: (x) => 1 / (1 + Math.exp(-x)) },
];

const points = 200_001;

async function worst(device: Device, { f, from, to, exact }: Sweep): Promise<{ ulps: number; at: number }> {
  const x = Float32Array.from({ length: points }, (_, i) => from + ((to - from) * i) / (points - 1));
  const y = await read(withDevice(device, () => f(tensor(x))));
  let [ulps, at] = [0, from];
  for (let i = 0; i < points; i++) {
    const truth = exact(x[i]!);
    const error = Math.abs(y[i]! - truth) / ulp(truth);
    if (error > ulps) [ulps, at] = [error, x[i]!];
  }
  return { ulps, at };
}

/** Distance of f32 numbers around x. */
const ulp = (x: number): number => 2 ** (Math.max(Math.floor(Math.log2(Math.abs(x) || 1e-38)), -126) - 23);

/** Markdown table: largest error of the elementary functions in units in the last place. */
export async function functionAccuracy(): Promise<string> {
  const device = await createDevice({ device: 'wasm' });
  const lines = [
    '## Elementary functions',
    '',
    `Largest error over ${points} points, in units in the last place of the result.`,
    '',
  ];
  lines.push('| function | range | largest error (ulp) | at |', '|---|---|---|---|');
  for (const sweep of sweeps) {
    const { ulps, at } = await worst(device, sweep);
    lines.push(`| ${sweep.name} | ${sweep.from} … ${sweep.to} | ${ulps.toFixed(2)} | ${at.toPrecision(6)} |`);
  }
  device.dispose();
  return `${lines.join('\n')}\n`;
}
