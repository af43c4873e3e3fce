import { makeUnit, type Unit } from '../core/unit.js';
import type { Insertion } from '../units/feature.js';
import type { MethodPlan } from './methodPlan.js';
import type { Planner } from './planner.js';
import { type ImageUnit, type PlanRequest, planImage } from './planRequest.js';

/** A heat map, or one of several that differ in mask and noise alone. */
export interface PlannedHeatMap {
  readonly purpose: 'map' | 'location';
  readonly method: string;
  readonly image: string;
  readonly subject: string;
  readonly insertion: Insertion;
  readonly repeat: number;
  readonly imageUnit: Unit;
  /** Each computes some rows of the map, from top to bottom. */
  readonly units: readonly Unit[];
}

interface MapParts {
  readonly purpose: PlannedHeatMap['purpose'];
  readonly insertion: Insertion;
  readonly repeat: number;
  readonly positions: number;
}

/** The maps that are shown, of both insertions, and those that tell how much the place explains. */
export function planHeatMaps(
  request: PlanRequest,
  tested: readonly ImageUnit[],
  planner: Planner,
): PlannedHeatMap[] {
  const { heatMap, location } = request.profile;
  const shown = (['faithful', 'corrected'] as const).map(
    (insertion): MapParts => ({ purpose: 'map', insertion, repeat: 0, positions: heatMap.positions }),
  );
  const repeated = Array.from(
    { length: location.repeats },
    (_, repeat): MapParts => ({
      ...{ purpose: 'location', insertion: 'corrected', repeat, positions: location.positions },
    }),
  );
  const of = (images: readonly ImageUnit[], maps: readonly MapParts[]): PlannedHeatMap[] =>
    images.flatMap((image) =>
      request.methods.flatMap((method) =>
        maps.map((parts) => oneMap(request, planner, { image, method, parts })),
      ),
    );
  return [...of(tested.slice(0, heatMap.images), shown), ...of(tested.slice(0, location.images), repeated)];
}

interface MapRequest {
  readonly image: ImageUnit;
  readonly method: MethodPlan;
  readonly parts: MapParts;
}

function oneMap(
  request: PlanRequest,
  planner: Planner,
  { image, method, parts }: MapRequest,
): PlannedHeatMap {
  const { window, l1Iterations, rowsPerUnit } = request.profile.heatMap;
  const { purpose, insertion, repeat, positions } = parts;
  const { name, subject } = image.planned;
  const imageUnit = planImage(request, image.planned, repeat);
  const { parameters, inputs } = planner.tried(method, image, imageUnit);
  const units: Unit[] = [];
  for (let first = 0; first < positions; first += rowsPerUnit) {
    const rows = Array.from({ length: Math.min(rowsPerUnit, positions - first) }, (_, i) => first + i);
    units.push(
      makeUnit('heat map', {
        label: `heat map ${method.name} ${name} ${insertion} repeat ${repeat} rows ${first}-${first + rows.length - 1}`,
        parameters: {
          ...parameters,
          ...{ insertion, window, positions, rows },
          l1Iterations: method.name === 'l1' ? l1Iterations : 0,
        },
        ...{ inputs, files: method.files },
        cost: 0.5 + rows.length * positions * (0.02 + method.cost * (method.name === 'l1' ? 0.15 : 1)),
      }),
    );
  }
  return { purpose, method: method.name, image: name, subject, insertion, repeat, imageUnit, units };
}
