import type { ColourMapName, Window } from '@adjoint/mri';
import { largestOf, type Panel, type Plane, phasePanel, valuePanel } from './panel.js';
import type { PanelName } from './panelNames.js';
import { difference, logarithm } from './planes.js';

/** One image with everything that can be shown of it. */
export interface Item {
  readonly title: string;
  readonly magnitude: Plane;
  readonly phase?: Plane | undefined;
  /** |k|, shown on a logarithmic scale. */
  readonly kspace?: Plane | undefined;
  readonly reference?: Plane | undefined;
}

export interface PictureOptions {
  readonly show: readonly PanelName[];
  readonly colourMap: ColourMapName;
  readonly errorMap: ColourMapName;
  readonly errorScale: number;
  /** Of magnitudes and references; default: 0 to the largest value of all items. */
  readonly window?: Window | undefined;
  /** Panels per row, of single images. */
  readonly columns: number;
}

/** Decades of k-space below its maximum that are shown. */
const kspaceDecades = 5;

/**
 * Rows of panels. Slices that are one image each stand side by side, as many as fit; slices of several images (coils)
 * take one row per kind of panel.
 */
export function pictureRows(slices: readonly (readonly Item[])[], options: PictureOptions): Panel[][] {
  const window = options.window ?? { low: 0, high: largestValue(slices.flat()) };
  const panels = slices.map((items) =>
    options.show.map((name) => items.map((item) => panelOf(name, item, window, options))),
  );
  if (slices.some((items) => items.length !== 1)) return panels.flat();
  const perSlice = panels.map((kinds) => kinds.flat());
  const side = Math.max(1, Math.floor(options.columns / options.show.length));
  const rows: Panel[][] = [];
  for (let i = 0; i < perSlice.length; i += side) rows.push(perSlice.slice(i, i + side).flat());
  return rows;
}

const largestValue = (items: readonly Item[]): number =>
  Math.max(
    ...items.map(({ magnitude, reference }) =>
      Math.max(largestOf(magnitude.values), reference ? largestOf(reference.values) : 0),
    ),
  );

function panelOf(name: PanelName, item: Item, window: Window, options: PictureOptions): Panel {
  const { title, magnitude, phase, kspace, reference } = item;
  const { colourMap, errorMap, errorScale } = options;
  switch (name) {
    case 'magnitude':
      return valuePanel(title, magnitude, window, colourMap);
    case 'reference':
      return valuePanel(`${title} reference`, reference!, window, colourMap);
    case 'error': {
      const high = (window.high - window.low) / errorScale;
      return valuePanel(`${title} error`, difference(magnitude, reference!), { low: 0, high }, errorMap);
    }
    case 'phase':
      return phasePanel(`${title} phase`, phase!, magnitude.values);
    case 'kspace': {
      const { plane, low, high } = logarithm(kspace!, kspaceDecades);
      return valuePanel(`${title} log10 of k-space`, plane, { low, high }, 'viridis');
    }
  }
}
