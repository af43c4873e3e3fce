import { DeviceError } from '../../errors.js';
import { isNode, nodeModule } from '../node.js';

/** The package that brings WebGPU to Node; optional, so imported only here and by a name bundlers do not follow. */
interface DawnModule {
  create(options: readonly string[]): GPU;
}

/** Node's GPU must outlive everything made from it: the process crashes when it is collected. */
const heldGpu = Symbol.for('adjoint.dawn');

export interface FoundAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
  /** Name of the hardware, or of the software that stands in for it. */
  readonly title: string;
  readonly isSoftware: boolean;
}

/**
 * The GPU of this machine.
 *
 * @throws DeviceError with the reason, one sentence, when there is none.
 */
export async function findAdapter(): Promise<FoundAdapter> {
  const gpu = isNode ? await nodeGpu() : pageGpu();
  const options: GPURequestAdapterOptions = { powerPreference: 'high-performance' };
  const adapter = isNode ? await muted(() => gpu.requestAdapter(options)) : await gpu.requestAdapter(options);
  if (!adapter)
    throw new DeviceError(
      isNode
        ? 'WebGPU found no GPU here: install a Vulkan driver (on machines without a GPU, Mesa lavapipe computes in software).'
        : 'WebGPU found no GPU here: the browser offers no adapter on this machine.',
    );
  const { vendor, architecture, description, device } = adapter.info;
  const title = description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed';
  return { gpu, adapter, title, isSoftware: isSoftware(adapter.info) };
}

function isSoftware(info: GPUAdapterInfo): boolean {
  const names = `${info.architecture} ${info.description} ${info.device}`;
  return info.isFallbackAdapter || /llvmpipe|lavapipe|swiftshader|software|basic render/i.test(names);
}

async function nodeGpu(): Promise<GPU> {
  const held = globalThis as { [heldGpu]?: GPU };
  if (held[heldGpu]) return held[heldGpu];
  let dawn: DawnModule;
  try {
    dawn = await nodeModule<DawnModule>('webgpu');
  } catch (error) {
    const isAbsent = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    throw new DeviceError(
      isAbsent
        ? "WebGPU in Node needs the package 'webgpu': npm install webgpu."
        : `The package 'webgpu' does not load here: ${(error as Error).message.split('\n')[0]}`,
    );
  }
  held[heldGpu] ??= dawn.create([]);
  return held[heldGpu];
}

function pageGpu(): GPU {
  const { gpu } = navigator as { gpu?: GPU };
  if (!gpu)
    throw new DeviceError(
      'This page has no WebGPU: it needs a browser with WebGPU and a secure context (https or localhost).',
    );
  return gpu;
}

let looking: Promise<unknown> = Promise.resolve();

/**
 * Runs `look` with the error output closed, one look at a time: drivers write warnings there at every look for
 * adapters, and nothing else turns these off.
 */
function muted<T>(look: () => Promise<T>): Promise<T> {
  const turn = looking.then(() => withoutErrorOutput(look));
  looking = turn.catch(() => undefined);
  return turn;
}

async function withoutErrorOutput<T>(look: () => Promise<T>): Promise<T> {
  const fs = await nodeModule<typeof import('node:fs')>('node:fs');
  const saved = (await canReopenErrorOutput(fs)) ? reopened(fs) : undefined;
  if (saved === undefined) return look();
  fs.closeSync(2);
  fs.openSync('/dev/null', 'w');
  try {
    return await look();
  } finally {
    fs.closeSync(2);
    fs.openSync(`/proc/self/fd/${saved}`, 'a');
    fs.closeSync(saved);
  }
}

/**
 * Only on Linux, where a descriptor can be opened again by its path; only on the main thread, so that no two threads
 * do this at once; not if it is a file: standard output may go there too, and they would lose their common position.
 */
async function canReopenErrorOutput(fs: typeof import('node:fs')): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const { isMainThread } = await nodeModule<typeof import('node:worker_threads')>('node:worker_threads');
  return isMainThread && !fs.fstatSync(2).isFile();
}

/** A second descriptor of the error output; undefined where that is not allowed, as for a socket. */
function reopened(fs: typeof import('node:fs')): number | undefined {
  try {
    return fs.openSync('/proc/self/fd/2', 'a');
  } catch {
    return undefined;
  }
}
