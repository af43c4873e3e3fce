import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { adam, disposeTree, rmsprop } from '@adjoint/autograd';
import { type Device, init, key, memory, type Tensor, zeros } from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../packages/models/src/layers/index.js';
import { model } from '../../packages/models/src/model.js';
import {
  cosineSchedule,
  type FitOptions,
  type FitReport,
  lossCurveSvg,
  stepSchedule,
  fit as train,
} from '../../packages/models/src/training/index.js';
import { unet } from '../../packages/models/src/unet/index.js';
import { doubling, valuesOf } from './nets.js';

let device: Device;
let folder: string;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  folder = await mkdtemp(path.join(tmpdir(), 'adjoint-fit-'));
});
afterAll(async () => {
  device.dispose();
  await rm(folder, { recursive: true });
});

const inFolder = (name: string): string => path.join(folder, `${name}.safetensors`);
const scaling = model('scaling', { conv: conv2d(1, 1, 1) }, (p, x: Tensor) => p.conv(x));
const net = unet({ chans: 4, pools: 2, dropout: 0.1 });
const base = (): FitOptions => ({
  data: doubling(5),
  validate: doubling(3),
  optimizer: adam({ lr: 1e-2 }),
  epochs: 4,
  batchSize: 2,
  key: key(7),
});

describe('fit', () => {
  it.each(['l1', 'mse', 'ssim'] as const)('learns: %s', async (loss) => {
    const { losses, validation, parameters, steps, stepsPerEpoch } = await train(scaling, {
      ...base(),
      loss,
      optimizer: adam({ lr: 0.1 }),
      epochs: 30,
    });
    expect(losses).toHaveLength(steps);
    expect(stepsPerEpoch).toBe(3);
    expect(validation.map(({ step }) => step)).toEqual(Array.from({ length: 30 }, (_, i) => 3 * (i + 1)));
    expect(validation.at(-1)!.loss).toBeLessThan(0.2 * validation[0]!.loss);
    if (loss !== 'ssim') expect((await valuesOf(parameters))['conv.weight']![0]).toBeCloseTo(2, 1);
  });

  it('takes own losses, all tensors of the examples in hand', async () => {
    const names: string[] = [];
    const { losses } = await train(scaling, {
      ...base(),
      steps: 2,
      epochs: undefined,
      loss: (output, target, batch) => {
        names.push(...Object.keys(batch));
        return output.sub(target).abs2().sum();
      },
    });
    expect(losses).toHaveLength(2);
    expect(new Set(names)).toEqual(new Set(['input', 'target']));
  });

  it('ends, when aborted and resumed at any step, with the bits of a training that was not', async () => {
    const whole = await train(net, base());
    const expected = await valuesOf(whole.parameters);
    for (const at of [1, 5, 9]) {
      const options = { ...base(), checkpoint: inFolder(`resumed${at}`), resume: true };
      const stop = new AbortController();
      const onProgress = ({ step }: FitReport) => step === at && stop.abort(new Error('enough'));
      await expect(train(net, { ...options, signal: stop.signal, onProgress })).rejects.toThrow('enough');
      const rest = await train(net, options);
      expect(rest.losses).toEqual(whole.losses);
      expect(rest.validation).toEqual(whole.validation);
      expect(await valuesOf(rest.parameters)).toEqual(expected);
    }
    expect((await readdir(folder)).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  it('takes the validation that an interruption left out', async () => {
    const whole = await train(net, base());
    const stop = new AbortController();
    const own = doubling(3);
    const interrupting = {
      size: 3,
      sample(index: number, at: Tensor) {
        if (index === 2) stop.abort(new Error('enough'));
        return own.sample(index, at);
      },
    };
    const options = { ...base(), checkpoint: inFolder('validation'), resume: true };
    const { signal } = stop;
    await expect(train(net, { ...options, validate: interrupting, signal, batchSize: 2 })).rejects.toThrow(
      'enough',
    );
    expect((await train(net, options)).validation).toEqual(whole.validation);
  });

  it('gives the same weights on every number of threads', async () => {
    const expected = await valuesOf((await train(net, base())).parameters);
    const single = await init({ device: 'wasm', threads: 1 });
    try {
      expect(await valuesOf((await train(net, { ...base(), key: key(7) })).parameters)).toEqual(expected);
    } finally {
      single.dispose();
      device = await init({ device: 'wasm' });
    }
  });

  it('goes on beyond the end with more epochs, and does nothing when it is done', async () => {
    const options = { ...base(), checkpoint: inFolder('longer'), resume: true };
    const first = await train(net, { ...options, epochs: 2 });
    const second = await train(net, { ...options, epochs: 4 });
    expect(second.losses.slice(0, first.steps)).toEqual(first.losses);
    expect(second.losses).toEqual((await train(net, base())).losses);
    const again = await train(net, { ...options, epochs: 4 });
    expect(await valuesOf(again.parameters)).toEqual(await valuesOf(second.parameters));
  });

  it('starts anew without resume, and from weights that are given', async () => {
    const options = { ...base(), epochs: 1, checkpoint: inFolder('anew') };
    const first = await train(net, options);
    expect((await train(net, options)).losses).toEqual(first.losses);
    const further = await train(net, { ...base(), epochs: 1, parameters: first.parameters });
    expect(further.losses[0]).not.toBe(first.losses[0]);
    expect(Object.values(first.parameters).every((x) => !x.isDisposed)).toBe(true);
  });

  it('keeps memory flat', async () => {
    device.dispose();
    device = await init({ device: 'wasm' }); // without what other tests left to be collected
    const bytes: number[] = [];
    const { parameters } = await train(net, {
      ...base(),
      epochs: 12,
      checkpoint: inFolder('flat'),
      checkpointEvery: 0,
      onProgress: ({ step }) => {
        if (step % 3 !== 0) return;
        bytes.push(memory().liveBytes);
      },
    });
    expect(new Set(bytes.slice(1)).size).toBe(1);
    disposeTree(parameters);
  });

  it('reports progress with the time that is left', async () => {
    const reports: FitReport[] = [];
    await train(scaling, { ...base(), onProgress: (report) => reports.push(report) });
    expect(reports.map(({ step, steps }) => [step, steps])).toEqual(
      Array.from({ length: 12 }, (_, i) => [i + 1, 12]),
    );
    expect(reports[3]).toMatchObject({
      epoch: 1,
      validation: expect.any(Number),
      objective: expect.any(Number),
    });
    expect(reports.at(-1)!.secondsLeft).toBe(0);
    expect(reports[0]!.secondsLeft).toBeGreaterThan(0);
  });

  it('stops after the seconds it has', async () => {
    const { seconds, steps } = await train(scaling, { ...base(), epochs: undefined, seconds: 0.3 });
    expect(steps).toBeGreaterThan(2);
    expect(seconds).toBeGreaterThanOrEqual(0.3);
    expect(seconds).toBeLessThan(3);
  });

  it('follows schedules', async () => {
    const seen: number[] = [];
    const at = { step: 0, epoch: 0, fraction: 0 };
    const steps = stepSchedule({ lr: 1, every: 2, gamma: 0.5 });
    expect([0, 1, 2, 3, 4].map((epoch) => steps({ ...at, epoch }))).toEqual([1, 1, 0.5, 0.5, 0.25]);
    const cosine = cosineSchedule({ lr: 2, last: 0.5, warmup: 1 });
    expect(cosine({ step: 0, epoch: 0, fraction: 0 })).toBe(1);
    expect(cosine({ step: 3, epoch: 0, fraction: 0.5 })).toBeCloseTo(1.5);
    expect(cosine({ step: 9, epoch: 0, fraction: 1 })).toBeCloseTo(1);
    const frozen = await train(scaling, {
      ...base(),
      epochs: 3,
      schedule: ({ step, epoch, fraction }) => {
        seen.push(epoch);
        expect(fraction).toBeCloseTo(step / 9);
        return epoch === 0 ? 0.1 : 0;
      },
    });
    expect(seen).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect(frozen.validation[1]!.loss).toBe(frozen.validation[2]!.loss);
    await expect(train(scaling, { ...base(), schedule: () => -1 })).rejects.toThrow(
      /schedule gives at step 0/,
    );
  });

  it('stops at a loss that is not finite, with the last good checkpoint left', async () => {
    const data = doubling(5);
    const poisoned = {
      ...data,
      sample: (index: number, own: Tensor) =>
        index === 2
          ? { input: zeros([1, 16, 16]), target: zeros([1, 16, 16]).add(Number.MAX_VALUE) }
          : data.sample(index, own),
    };
    const checkpoint = inFolder('poisoned');
    const options = {
      ...base(),
      validate: undefined,
      data: poisoned,
      batchSize: 1,
      checkpoint,
      checkpointEvery: 0,
    };
    await expect(train(net, { ...options, loss: 'mse' })).rejects.toThrow(
      /the loss of step \d must be finite; got Infinity/,
    );
    const { parameters } = await train(net, { ...options, data, resume: true });
    for (const list of Object.values(await valuesOf(parameters)))
      expect(list.every(Number.isFinite)).toBe(true);
  });
});

describe('fit refuses', () => {
  it.each<[Partial<FitOptions>, RegExp]>([
    [{ epochs: undefined }, /with one of epochs, steps and seconds; got none/],
    [{ steps: 3 }, /got epochs and steps/],
    [{ epochs: 0 }, /option epochs/],
    [{ batchSize: 6 }, /option batchSize must be an integer >= 1 and <= 5/],
    [{ loss: 'l2' as never }, /option loss must be one of 'l1', 'mse', 'ssim'/],
    [{ data: {} as never }, /option data must be an object with size and sample/],
    [{ resume: true }, /option resume must be with a checkpoint/],
    [{ checkpoint: 'runs/unet' }, /ends in \.safetensors/],
    [{ checkpoint: '/nowhere/at/all.safetensors' }, /file that can be written/],
    [{ augment: true } as never, /made of data/],
    [{ parameters: {} }, /none called conv\.weight/],
  ])('%o', async (options, message) => {
    await expect(train(scaling, { ...base(), ...options })).rejects.toThrow(message);
  });

  it('checkpoints of other trainings, by what differs', async () => {
    const checkpoint = inFolder('other');
    const options = { ...base(), checkpoint };
    await train(net, { ...options, epochs: 1 });
    const resumed = (more: Partial<FitOptions>, network = net) =>
      train(network, { ...options, resume: true, ...more });
    await expect(resumed({ batchSize: 3 })).rejects.toThrow(/batchSize of .*must be 3; got 2/);
    await expect(resumed({ key: key(8) })).rejects.toThrow(/key of .*must be \[8,0\]; got \[7,0\]/);
    await expect(resumed({ optimizer: rmsprop() })).rejects.toThrow(/optimizer of .*must be "rmsprop"/);
    await expect(resumed({ data: doubling(6) })).rejects.toThrow(/size of/);
    await expect(resumed({}, unet({ chans: 4, pools: 1 }))).rejects.toThrow(/config of/);
  });

  it('examples without a target, or of several shapes', async () => {
    const only = { size: 2, sample: () => ({ input: zeros([1, 8, 8]) }) as never };
    await expect(train(scaling, { ...base(), data: only })).rejects.toThrow(
      /example \d of option data.*target/,
    );
    const mixed = {
      size: 2,
      sample: (i: number) => ({ input: zeros([1, 8, 8 + i]), target: zeros([1, 8, 8 + i]) }),
    };
    await expect(train(scaling, { ...base(), data: mixed })).rejects.toThrow(/input of example \d.*Crop/);
  });
});

describe('lossCurveSvg', () => {
  it('draws every part, whatever the number of losses', () => {
    const losses = Array.from({ length: 1234 }, (_, i) => 100 / (1 + i));
    const svg = lossCurveSvg({ losses, validation: [{ step: 617, loss: 0.2 }] }, { title: 'a < b' });
    expect(svg).toContain('a &lt; b');
    expect(svg.match(/<circle/g)).toHaveLength(1);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    const points = svg
      .match(/<polyline points="([^"]*)"/)![1]!
      .split(' ')
      .map((pair) => pair.split(',').map(Number));
    expect(points.length).toBeLessThanOrEqual(200);
    for (let i = 1; i < points.length; i++) {
      expect(points[i]![0]).toBeGreaterThan(points[i - 1]![0]!);
      expect(points[i]![1]).toBeGreaterThanOrEqual(points[i - 1]![1]!); // falling losses go down the page
    }
    for (const few of [[0.5], [1, 1], [0, -1, 2]])
      expect(lossCurveSvg({ losses: few, validation: [] })).not.toMatch(/NaN|Infinity/);
    expect(() => lossCurveSvg({ losses: [], validation: [] })).toThrow(/at least one/);
  });
});
