import { makeUnit, type Parameters, type Unit } from '../core/unit.js';
import type { MethodPlan, StudyMethodName } from './methodPlan.js';
import type { ImageUnit, PlanRequest } from './planRequest.js';
import type { Profile } from './profiles.js';

export interface OnImage {
  readonly image: string;
  readonly subject: string;
  readonly unit: Unit;
}

export interface PlannedScores extends OnImage {
  readonly method: StudyMethodName;
}

export interface PlannedAttack extends PlannedScores {
  readonly epsilon: number;
}

export interface PlannedTransfer extends OnImage {
  readonly source: StudyMethodName;
  readonly target: StudyMethodName;
  readonly epsilon: number;
}

export interface PlannedOracle extends OnImage {
  readonly epsilon: number;
}

export interface PlannedTuning {
  readonly method: StudyMethodName;
  /** That the weight was chosen on. */
  readonly images: readonly string[];
  readonly unit: Unit;
}

export interface PlannedTraining {
  /** That the network is rated on. */
  readonly images: readonly string[];
  readonly unit: Unit;
}

/** Makes the units of one study, with what they need. */
export class Planner {
  readonly tuning: readonly PlannedTuning[];
  private readonly tuneUnits: ReadonlyMap<StudyMethodName, Unit>;

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
      inputs: { image, ...(tune && { tune }) },
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

  attacks(image: ImageUnit): PlannedAttack[] {
    const { methods, profile } = this.request;
    return methods.flatMap((method) => {
      const clean = this.clean(method, image).unit;
      const { parameters, inputs } = this.shared(method, image.unit);
      return profile.epsilons
        .filter((epsilon) => epsilon > 0)
        .map((epsilon) => {
          const unit = makeUnit('attack', {
            label: `attack ${method.name} ${image.planned.name} epsilon ${epsilon}`,
            parameters: {
              ...{ ...parameters, epsilon, attack: method.attack.map((trial) => ({ ...trial })) },
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

  /** Every perturbation on every method it was not made for. */
  transfers(image: ImageUnit, attacks: readonly PlannedAttack[]): PlannedTransfer[] {
    const { methods } = this.request;
    return attacks
      .filter((attack) => attack.image === image.planned.name)
      .flatMap(({ method: source, epsilon, unit: attack }) =>
        methods
          .filter(({ name }) => name !== source)
          .map((target) => {
            const { parameters, inputs } = this.shared(target, image.unit);
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

  training({ training, mask, acquisition }: Profile, tested: readonly ImageUnit[]): PlannedTraining {
    const { seed } = this.request;
    const { head, subjects, ...rest } = training;
    const unit = makeUnit('train', {
      label: 'train unet from scratch',
      parameters: { ...rest, head, subjects, ...mask, acquisition: { ...acquisition, seed }, seed },
      inputs: Object.fromEntries(tested.map(({ unit: image }, i) => [`image${i}`, image])),
      cost: 1 + rest.steps * 0.05,
    });
    return { images: tested.map(({ planned }) => planned.name), unit };
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
