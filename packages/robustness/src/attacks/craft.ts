import type { Measurement, Reconstructor } from '@adjoint/mri';
import { abs, identity, isComplex, type Key, mul, scope, type Tensor, zeros } from '@adjoint/tensor';
import { ascend } from './ascend.js';
import type { AttackMethod, AttackOptions, TriedAttack } from './attackOptions.js';
import type { Ball } from './ball.js';
import { type AttackFlag, courseFlags } from './health.js';
import { implicitReconstruction } from './implicit.js';
import { craftJointly } from './jointSearch.js';
import { checkImages, relativeChange } from './objective.js';
import { publishedRule } from './publishedRule.js';
import { type Subject, withMapsFor } from './subject.js';

/** A method and what it is attacked on. */
export interface Case {
  /** For error messages. */
  readonly fn: string;
  readonly method: Reconstructor;
  readonly subject: Subject;
  readonly ball: Ball;
  readonly reference: Tensor;
  readonly options: AttackOptions & { readonly key: Key; readonly methodKey: Key };
}

/** A case and how a perturbation is searched for. */
export interface Search extends Case {
  readonly kind: AttackMethod;
  /** What the search follows: the method, or what stands in for it. */
  readonly through: Reconstructor;
}

/** What the search for a perturbation gives. */
export interface Crafted {
  readonly kind: AttackMethod | 'imported';
  readonly perturbation: Tensor;
  readonly history: readonly (readonly number[])[];
  readonly flags: readonly AttackFlag[];
  readonly tried?: readonly TriedAttack[] | undefined;
  /** Maps estimated from the clean samples because the method needs some. */
  readonly maps?: Tensor | undefined;
}

/** A function of the samples that gradients are taken through, or anything else that may lack maps. */
type Traceable = (kspace: Tensor, measurement: Measurement) => Tensor;

/** Searches for the worst perturbation of a ball. @internal */
export async function craft(at: Search): Promise<Crafted> {
  const { kind, through, subject, ball, options } = at;
  if (options.epsilon === 0) {
    const perturbation = zeros(ball.shape, { dtype: ball.dtype, device: ball.radius.device });
    return { kind, perturbation, history: [], flags: [] };
  }
  const isJoint = kind === 'joint';
  const reach: Traceable = isJoint
    ? (_, m) => through.problem!.coilImages(through.problem!.init(options.key, m), m)
    : reachInto(kind, through);
  const { kspace } = subject.measurement;
  const { measurement, estimated } = await withMapsFor((m) => reach(kspace, m), subject.measurement, options);
  try {
    const found = isJoint
      ? await craftJointly(at, measurement)
      : await climb(at, (y) => reach(y, measurement), measurement);
    return { kind, ...found, maps: estimated };
  } catch (error) {
    estimated?.dispose();
    throw error;
  }
}

type Found = Pick<Crafted, 'perturbation' | 'history' | 'flags'>;

function reachInto(kind: AttackMethod, method: Reconstructor): Traceable {
  if (kind !== 'implicit') return (kspace, m) => method.differentiable!(kspace, m);
  return (kspace, m) => implicitReconstruction(method.problem, m)(kspace);
}

async function climb(at: Search, f: (kspace: Tensor) => Tensor, { kspace }: Measurement): Promise<Found> {
  const { fn, kind, through, ball, reference, options } = at;
  const isReference = options.target === 'reference';
  const image = (y: Tensor): Tensor => {
    const found = checkImages(fn, through.name, f(y), kspace.shape.slice(0, -3));
    return isReference && isComplex(found.dtype) ? abs(found) : found;
  };
  using target = scope(() => (isReference ? mul(reference, 1) : identity(image(kspace))));
  const { restarts, momentum, stepSize, key, signal, onProgress } = options;
  const isPublished = kind === 'adam' && options.mode === 'faithful';
  const { perturbation, history, slopes } = await ascend(relativeChange(image, kspace, target), ball, {
    ...{ restarts, momentum, stepSize, key, signal, onProgress },
    method: kind === 'pgd' || kind === 'adam' ? kind : 'apgd',
    steps: options.steps ?? (isPublished ? 2000 : 100),
    ...(isPublished && publishedRule(options.epsilon)),
  });
  return { perturbation, history, flags: courseFlags({ history, slopes }) };
}
