import type { Operand } from '../backend.js';
import type { Commands, Extent } from './commands.js';
import { maxGroupsAcross } from './kernelText.js';
import type { Block, GpuBuffer } from './memoryPool.js';
import type { Pipeline, Pipelines } from './pipelines.js';
import type { WgslSource, WgslStep } from './plan.js';

/** What the bindings of a launch refer to. */
export interface LaunchMemory {
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly temps: readonly GpuBuffer[];
  readonly tables: readonly GpuBuffer[];
}

type Kind = keyof LaunchMemory;

/** Bind groups by the blocks bound, one level per binding. */
type GroupTree = Map<Block, GroupTree | GPUBindGroup>;

/** Bind groups kept per dispatch; then all are dropped, for most would bind memory given back long ago. */
const groupLimit = 512;

/** A dispatch made ready: nothing is left to do at a launch but to look up its bind group and fill in offsets. */
export class PreparedStep {
  private readonly kinds: readonly Kind[];
  private readonly indices: readonly number[];
  private readonly words: Uint32Array<ArrayBuffer>;
  private readonly offsets: readonly { word: number; input: number; bytes: number }[];
  private readonly extent: Extent;
  private groups: GroupTree = new Map();
  private groupCount = 0;

  constructor(
    private readonly device: GPUDevice,
    private readonly pipeline: Pipeline,
    { bindings, words, groups }: WgslStep,
  ) {
    this.kinds = bindings.map(({ source }) => kindOf(source));
    this.indices = bindings.map(({ source }) => Object.values(source)[0] as number);
    this.words = new Uint32Array(words.length);
    this.offsets = words.flatMap((word, i) =>
      'offsetOf' in word ? [{ word: i, input: word.offsetOf, bytes: word.elementBytes }] : [],
    );
    words.forEach((word, i) => {
      if (!('offsetOf' in word)) this.words[i] = bitsOf(word.type, word.value);
    });
    const y = Math.ceil(groups / maxGroupsAcross);
    this.extent = { x: Math.ceil(groups / y), y };
  }

  run(commands: Commands, memory: LaunchMemory): void {
    const { words } = this;
    for (const { word, input, bytes } of this.offsets) words[word] = memory.inputs[input]!.byteOffset / bytes;
    commands.dispatch(this.pipeline, this.group(memory), words, this.extent);
  }

  private block(memory: LaunchMemory, binding: number): Block {
    const kind = this.kinds[binding]!;
    const index = this.indices[binding]!;
    const buffer =
      kind === 'inputs' || kind === 'outputs'
        ? (memory[kind][index]!.buffer as GpuBuffer)
        : memory[kind][index]!;
    return buffer.block;
  }

  private group(memory: LaunchMemory): GPUBindGroup {
    const last = this.kinds.length - 1;
    let level = this.groups;
    for (let i = 0; i < last; i++) {
      const block = this.block(memory, i);
      let next = level.get(block) as GroupTree | undefined;
      if (!next) level.set(block, (next = new Map()));
      level = next;
    }
    const block = this.block(memory, last);
    const known = level.get(block) as GPUBindGroup | undefined;
    if (known) return known;
    const made = this.makeGroup(memory);
    level.set(block, made);
    if (++this.groupCount > groupLimit) {
      this.groups = new Map();
      this.groupCount = 0;
    }
    return made;
  }

  private makeGroup(memory: LaunchMemory): GPUBindGroup {
    return this.device.createBindGroup({
      layout: this.pipeline.layout,
      entries: this.kinds.map((_, binding) => ({
        binding,
        resource: { buffer: this.block(memory, binding).gpu },
      })),
    });
  }
}

/** Makes the dispatches of a plan ready. */
export const prepareSteps = (
  device: GPUDevice,
  pipelines: Pipelines,
  steps: readonly WgslStep[],
): readonly PreparedStep[] =>
  steps
    .filter(({ groups }) => groups > 0)
    .map((step) => new PreparedStep(device, pipelines.pipelineOf(step), step));

const kindOf = (source: WgslSource): Kind =>
  'input' in source ? 'inputs' : 'output' in source ? 'outputs' : 'temp' in source ? 'temps' : 'tables';

const cell = new DataView(new ArrayBuffer(4));
function bitsOf(type: 'u32' | 'i32' | 'f32', value: number): number {
  if (type === 'f32') cell.setFloat32(0, value);
  else cell.setInt32(0, value);
  return cell.getUint32(0);
}
