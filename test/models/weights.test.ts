import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  cast,
  type Device,
  encodeSafetensors,
  init,
  key,
  memory,
  relu,
  type Tensor,
  tensor,
  zeros,
} from '@adjoint/tensor';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conv2d } from '../../packages/models/src/layers/index.js';
import { model } from '../../packages/models/src/model.js';
import { unet } from '../../packages/models/src/unet/index.js';
import { decodeWeights, loadWeights, saveWeights } from '../../packages/models/src/weights/index.js';
import { valuesOf } from './nets.js';

let device: Device;
let folder: string;
beforeAll(async () => {
  device = await init({ device: 'wasm' });
  folder = await mkdtemp(path.join(tmpdir(), 'adjoint-weights-'));
});
afterAll(async () => {
  device.dispose();
  await rm(folder, { recursive: true });
});

const small = unet({ chans: 2, pools: 2, outChans: 3 });

describe('files of weights', () => {
  it('come back as they were saved, with network and metadata', async () => {
    const file = path.join(folder, 'a.safetensors');
    const parameters = small.init(key(1));
    await saveWeights(file, { network: small, parameters, metadata: { trained: 'on nothing' } });
    const loaded = await loadWeights(file);
    expect(loaded.network.architecture).toBe('unet');
    expect(loaded.network.config).toEqual(small.config);
    expect(loaded.metadata.trained).toBe('on nothing');
    expect(await valuesOf(loaded.parameters)).toEqual(await valuesOf(parameters));
  });

  it('of fastMRI carry no description: sizes follow from the shapes', async () => {
    const parameters = small.init(key(1));
    const { network } = await decodeWeights(await encodeSafetensors(parameters, { format: 'pt' }));
    expect(network.config).toEqual(small.config);
  });

  it('of networks of one’s own need the network', async () => {
    const own = model('own', { conv: conv2d(1, 1, 3) }, (p, x) => relu(p.conv(x)));
    const file = path.join(folder, 'own.safetensors');
    await saveWeights(file, { network: own, parameters: own.init(key(1)) });
    await expect(loadWeights(file)).rejects.toThrow(
      /architecture of .*one of unet; got "own"\. Pass \{ network \}/,
    );
    const { parameters } = await loadWeights(file, { network: own });
    expect(Object.keys(parameters)).toEqual(['conv.weight', 'conv.bias']);
  });
});

describe('refused by name', () => {
  const described = { architecture: 'unet', config: JSON.stringify(small.config) };
  const changed = async (
    change: (p: Record<string, Tensor>) => void,
    metadata: Record<string, string> = described,
  ) => {
    const parameters: Record<string, Tensor> = { ...small.init(key(1)) };
    change(parameters);
    return decodeWeights(await encodeSafetensors(parameters, metadata));
  };
  const name = 'conv.layers.4.weight';
  const notNumbers = new Float32Array(8 * 8 * 9).fill(Number.NaN);

  it.each<[string, (p: Record<string, Tensor>) => void, RegExp]>([
    ['missing weights', (p) => delete p[name], /got none called conv\.layers\.4\.weight/],
    [
      'unknown weights',
      (p) => Object.assign(p, { 'conv.layers.4.bias': zeros([8]) }),
      /got also conv\.layers\.4\.bias/,
    ],
    [
      'other shapes',
      (p) => Object.assign(p, { [name]: zeros([8, 8, 3, 2]) }),
      /conv\.layers\.4\.weight of .*\[8, 8, 3, 3\]; got f32 \[8, 8, 3, 2\]/,
    ],
    [
      'other dtypes',
      (p) => Object.assign(p, { [name]: cast(p[name]!, 'c64') }),
      /conv\.layers\.4\.weight of .*f32.*; got c64/,
    ],
    [
      'integers',
      (p) => Object.assign(p, { [name]: cast(p[name]!, 'i32') }),
      /conv\.layers\.4\.weight of .*; got i32/,
    ],
    [
      'NaN',
      (p) => Object.assign(p, { [name]: tensor(notNumbers, { shape: [8, 8, 3, 3] }) }),
      /conv\.layers\.4\.weight of .*finite/,
    ],
  ])('%s', async (_what, change, message) => {
    await expect(changed(change)).rejects.toThrow(message);
  });

  it('without leaving tensors behind', async () => {
    const parameters: Record<string, Tensor> = { ...small.init(key(1)) };
    delete parameters[name];
    const bytes = await encodeSafetensors(parameters, described);
    const before = memory().liveBytes;
    await expect(decodeWeights(bytes)).rejects.toThrow(name);
    expect(memory().liveBytes).toBe(before);
  });

  it('descriptions that say nonsense', async () => {
    const none = () => undefined;
    await expect(changed(none, { architecture: 'vae' })).rejects.toThrow(/architecture of the bytes/);
    await expect(changed(none, { ...described, config: '{' })).rejects.toThrow(
      /config of the bytes.*no JSON/,
    );
    await expect(changed(none, { ...described, config: '{"pools":1e9}' })).rejects.toThrow(/option pools/);
    await expect(changed(none, { ...described, config: '{"chans":4}' })).rejects.toThrow(/none called/);
    await expect(decodeWeights(await encodeSafetensors({ a: zeros([1]) }))).rejects.toThrow(
      /names of fastMRI.*neither: a/,
    );
    await expect(decodeWeights(await encodeSafetensors({}))).rejects.toThrow(/no tensors/);
    const file = path.join(folder, 'broken.safetensors');
    await writeFile(file, 'not weights');
    await expect(loadWeights(file)).rejects.toThrow(/broken\.safetensors/);
  });

  it('when saving, too', async () => {
    const { [name]: _, ...rest } = small.init(key(1));
    const file = path.join(folder, 'b.safetensors');
    await expect(saveWeights(file, { network: small, parameters: rest })).rejects.toThrow(/none called conv/);
    await expect(
      saveWeights(file, { network: small, parameters: small.init(key(1)), metadata: { a: 1 as never } }),
    ).rejects.toThrow(/metadata\.a must be a text/);
  });
});
