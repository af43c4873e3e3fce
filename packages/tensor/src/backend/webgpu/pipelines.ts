import { DeviceError } from '../../errors.js';
import type { Faults } from './faults.js';
import { computeStage, type ImmediatesLayout, immediateBytes } from './gpu.js';
import type { WgslStep } from './plan.js';

/** How a kernel gets its parameters. */
export type ParameterPath = 'none' | 'immediate' | 'uniform';

export interface Pipeline {
  readonly gpu: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly parameters: ParameterPath;
}

const declarations: Record<ParameterPath, string> = {
  none: '',
  immediate: 'requires immediate_address_space;\nvar<immediate> p: Parameters;\n',
  uniform: '@group(1) @binding(0) var<uniform> p: Parameters;\n',
};

/** Bytes of parameters in the uniform buffer: what a kernel can take at most. */
export const uniformSlotBytes = 256;

/** Compiled kernels by their source, and the layouts of what is bound to them. */
export class Pipelines {
  private readonly bySource = new Map<string, Pipeline>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  readonly uniformLayout: GPUBindGroupLayout;

  constructor(
    private readonly device: GPUDevice,
    private readonly faults: Faults,
    private readonly hasImmediates: boolean,
  ) {
    this.uniformLayout = device.createBindGroupLayout({
      entries: [
        { binding: 0, visibility: computeStage, buffer: { type: 'uniform', hasDynamicOffset: true } },
      ],
    });
  }

  get count(): number {
    return this.bySource.size;
  }

  pipelineOf({ name, source, directives = '', bindings, words }: Omit<WgslStep, 'groups'>): Pipeline {
    const known = this.bySource.get(source);
    if (known) return known;
    const path: ParameterPath =
      words.length === 0
        ? 'none'
        : this.hasImmediates && 4 * words.length <= immediateBytes
          ? 'immediate'
          : 'uniform';
    if (4 * words.length > uniformSlotBytes)
      throw new TypeError(`${name}: ${words.length} parameters, at most 64 fit`);
    const code = directives + declarations[path] + source;
    const module = this.device.createShaderModule({ label: name, code });
    this.faults.watch(this.reportErrors(name, code, module));
    const layout = this.layoutOf(bindings.map(({ writes }) => writes));
    const layoutParts: ImmediatesLayout = {
      bindGroupLayouts: path === 'uniform' ? [layout, this.uniformLayout] : [layout],
      ...(path === 'immediate' ? { immediateSize: 4 * words.length } : {}),
    };
    const gpu = this.device.createComputePipeline({
      label: name,
      layout: this.device.createPipelineLayout(layoutParts),
      compute: { module, entryPoint: 'main' },
    });
    const made = { gpu, layout, parameters: path };
    this.bySource.set(source, made);
    return made;
  }

  private layoutOf(writes: readonly boolean[]): GPUBindGroupLayout {
    const key = writes.map((isWritten) => (isWritten ? 'w' : 'r')).join('');
    let layout = this.layouts.get(key);
    if (!layout) {
      layout = this.device.createBindGroupLayout({
        entries: writes.map((isWritten, binding) => ({
          binding,
          visibility: computeStage,
          buffer: { type: isWritten ? ('storage' as const) : ('read-only-storage' as const) },
        })),
      });
      this.layouts.set(key, layout);
    }
    return layout;
  }

  /** A kernel that does not compile is reported with the line at fault. */
  private async reportErrors(name: string, code: string, module: GPUShaderModule): Promise<void> {
    let messages: readonly GPUCompilationMessage[];
    try {
      ({ messages } = await module.getCompilationInfo());
    } catch {
      return; // the device is gone: that is reported anyway
    }
    const error = messages.find(({ type }) => type === 'error');
    if (!error) return;
    const line = code.split('\n')[error.lineNum - 1] ?? '';
    this.faults.recordFirst(
      new DeviceError(
        `${name}: its WGSL does not compile: ${error.message}\n  line ${error.lineNum}, column ${error.linePos}: ${line.trim()}`,
      ),
    );
  }
}
