import { makeUnit, type Parameters, type Unit } from '../core/unit.js';
import type { MethodPlan } from './methodPlan.js';
import type { ImageUnit, PlanRequest } from './planRequest.js';
import { trainingUnit } from './trainingUnit.js';

export interface OnImage {
  readonly image: string;
  readonly subject: string;
  readonly unit: Unit;
}

export interface PlannedScores extends OnImage {
  readonly method: string;
}

/** Made for a method, or noise that it is tried on. */
export interface PlannedPerturbation extends PlannedScores {
  readonly epsilon: number;
}

export interface PlannedTransfer extends OnImage {
  readonly source: string;
  readonly target: string;
  readonly epsilon: number;
}

export interface PlannedOracle extends OnImage {
  readonly epsilon: number;
}

export interface PlannedTuning {
  readonly method: string;
  /** That the weight was chosen on. */
  readonly images: readonly string[];
  readonly unit: Unit;
}

export interface PlannedTraining {
  /** Whether the study's U-net is this one; else it is only shown. */
  readonly isStudied: boolean;
  /** That the network is rated on by the unit itself. */
  readonly images: readonly string[];
  readonly unit: Unit;
}

/** Makes the units of one study, with what they need. */
export class Planner {
  readonly tuning: readonly PlannedTuning[];
  private readonly tuneUnits: ReadonlyMap<string, Unit>;

  constructor(
    private readonly request: PlanRequest,
    tuned: readonly ImageUnit[],
  ) {
    this.tuning = request.methods.flatMap((method) => this.tune(method, tuned));
    this.tuneUnits = new Map(this.tuning.map(({ method, unit }) => [method, unit]));
  }

  /** What every unit of a method on an image has. */
  shared(method: MethodPlan, image: Unit): { parameters: Parameters; inputs: Record<string, Unit> } {
    const tune = this.tuneUnits.get(method.name);
    return {
      parameters: { method: { ...method.parameters }, seed: this.request.seed },
      inputs: { image, ...(tune && { tune }), ...(method.trained && { weights: method.trained }) },
    };
  }

  clean(method: MethodPlan, { planned, unit: image }: ImageUnit): PlannedScores {
    const { seeds } = this.request.profile.attack;
    const fresh = isRandom(method) ? seeds : 0;
    const { parameters, inputs } = this.shared(method, image);
    const unit = makeUnit('clean', {
      label: `clean ${method.name} ${planned.name}`,
      parameters: { ...parameters, seeds: fresh },
      ...{ inputs, files: method.files, cost: 0.1 + method.cost * (1 + fresh) },
    });
    return { method: method.name, image: planned.name, subject: planned.subject, unit };
  }

  attacks(image: ImageUnit): PlannedPerturbation[] {
    return this.request.methods.flatMap((method) => {
      const { attack } = method;
      const { profile } = this.request;
      if (attack.length === 0) return [];
      const clean = this.clean(method, image).unit;
      const { parameters, inputs } = this.shared(method, image.unit);
      return this.epsilons.map((epsilon) => {
        const unit = makeUnit('attack', {
          label: `attack ${method.name} ${image.planned.name} epsilon ${epsilon}`,
          parameters: {
            ...{ ...parameters, epsilon, attack: attack.map((trial) => ({ ...trial })) },
            seeds: isRandom(method) ? profile.attack.seeds : 0,
          },
          inputs: { ...inputs, clean },
          files: method.files,
          cost: 0.5 + method.cost * (4 + costOfSearch(method)),
        });
        return { ...{ method: method.name, epsilon, unit }, ...ofImage(image) };
      });
    });
  }

  /** On methods without an attack of their own, whose unit would try noise, too. */
  noises(image: ImageUnit): PlannedPerturbation[] {
    return this.request.methods
      .filter(({ attack }) => attack.length === 0)
      .flatMap((method) =>
        this.epsilons.map((epsilon) => {
          const { parameters, inputs } = this.tried(method, image);
          const unit = makeUnit('noise', {
            label: `noise ${method.name} ${image.planned.name} epsilon ${epsilon}`,
            parameters: { ...parameters, epsilon },
            ...{ inputs, files: method.files, cost: 0.1 + 2 * method.cost },
          });
          return { ...{ method: method.name, epsilon, unit }, ...ofImage(image) };
        }),
      );
  }

  /**
   * What units have that try a method on perturbations. A program that fails on the image itself is not tried again on
   * each of them: it may take its time to fail.
   *
   * @param acquired the image's, or one with a mask and noise of its own
   */
  tried(method: MethodPlan, image: ImageUnit, acquired = image.unit): ReturnType<Planner['shared']> {
    const { parameters, inputs } = this.shared(method, acquired);
    if (method.attack.length > 0 || !this.hasScores) return { parameters, inputs };
    return { parameters, inputs: { ...inputs, clean: this.clean(method, image).unit } };
  }

  /** Whether there are clean reconstructions. */
  get hasScores(): boolean {
    const { experiments } = this.request;
    return experiments.includes('curves') || experiments.includes('transfer');
  }

  /** Without 0. */
  private get epsilons(): readonly number[] {
    return this.request.profile.epsilons.filter((epsilon) => epsilon > 0);
  }

  /** Every perturbation on every method it was not made for. */
  transfers(image: ImageUnit, attacks: readonly PlannedPerturbation[]): PlannedTransfer[] {
    const { methods } = this.request;
    return attacks
      .filter((attack) => attack.image === image.planned.name)
      .flatMap(({ method: source, epsilon, unit: attack }) =>
        methods
          .filter(({ name }) => name !== source)
          .map((target) => {
            const { parameters, inputs } = this.tried(target, image);
            const unit = makeUnit('transfer', {
              label: `transfer ${source} to ${target.name} ${image.planned.name} epsilon ${epsilon}`,
              ...{
                parameters,
                inputs: { ...inputs, attack },
                files: target.files,
                cost: 0.1 + 2 * target.cost,
              },
            });
            return { ...{ source, target: target.name, epsilon, unit }, ...ofImage(image) };
          }),
      );
  }

  oracle(image: ImageUnit): PlannedOracle {
    const { profile, seed } = this.request;
    const epsilon = Math.max(...profile.epsilons);
    const { jointSteps, steps } = profile.attack;
    const unit = makeUnit('oracle', {
      label: `oracle ${image.planned.name}`,
      parameters: { ...profile.oracle, epsilon, steps, jointSteps, seed },
      ...{ inputs: { image: image.unit }, cost: 5 },
    });
    return { epsilon, unit, ...ofImage(image) };
  }

  /** The network of the study where that trains it, or one that is trained to show how that goes. */
  training(tested: readonly ImageUnit[], isWanted: boolean): PlannedTraining | null {
    const { methods, profile, seed } = this.request;
    const studied = methods.find(({ trained }) => trained !== null)?.trained;
    if (studied) return { isStudied: true, images: [], unit: studied };
    if (!isWanted) return null;
    const rated = tested.map(({ unit }) => unit);
    const unit = trainingUnit(profile, profile.training, seed, { rated, isKept: false });
    return { isStudied: false, images: tested.map(({ planned }) => planned.name), unit };
  }

  private tune(method: MethodPlan, tuned: readonly ImageUnit[]): PlannedTuning[] {
    if (method.tuning === null || tuned.length === 0) return [];
    const { lambdas, refine } = method.tuning;
    const unit = makeUnit('tune', {
      label: `tune ${method.name}`,
      parameters: { method: { ...method.parameters }, lambdas, refine, metric: 'psnr' },
      inputs: Object.fromEntries(tuned.map(({ unit: image }, i) => [`image${i}`, image])),
      files: method.files,
      cost: (lambdas.length + refine) * tuned.length * method.cost,
    });
    return [{ method: method.name, images: tuned.map(({ planned }) => planned.name), unit }];
  }
}

const ofImage = ({ planned }: ImageUnit): { image: string; subject: string } => ({
  image: planned.name,
  subject: planned.subject,
});

/** Reconstructions with fresh randomness tell something of methods that have any. */
const isRandom = ({ name }: MethodPlan): boolean => name === 'l1';

/** Of all attacks, in reconstructions: a gradient is about three; the joint attack takes those of the data term alone. */
const costOfSearch = ({ attack, parameters }: MethodPlan): number =>
  attack
    .map(({ method, steps, restarts, iterations }) => {
      const part = (iterations ?? parameters.iterations ?? 1) / (parameters.iterations ?? 1);
      return 3 * steps * restarts * (method === 'joint' ? 0.02 : part);
    })
    .reduce((sum, cost) => sum + cost, 0);
