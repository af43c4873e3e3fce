import type { Window } from '@adjoint/mri';
import { defineCommand } from '../command.js';
import { UsageError } from '../failure.js';
import { checkInput, checkOutput } from '../files/checkFiles.js';
import { provenance } from '../files/provenance.js';
import { writeWhole } from '../files/wholeFile.js';
import { readItems, withReference } from '../view/items.js';
import { montage } from '../view/montage.js';
import { type PanelName, panelNames } from '../view/panelNames.js';
import type { Item } from '../view/pictures.js';

export const viewCommand = defineCommand({
  name: 'view',
  summary: 'show images, k-space, maps or masks as a PNG picture',
  details: [
    'Of k-space the root sum of squares of the coil images and the logarithm of its magnitude are shown, of complex images ' +
      'magnitude and phase (hue; dark where there is no signal), of coil maps one column per coil. With --reference, the ' +
      'reference and the error stand beside every image, in the same window. Of a file of adjoint attack, the clean image is the ' +
      'reference of the attacked one, and the k-space of the perturbation is shown, too.',
  ],
  options: {
    in: { kind: 'text', placeholder: 'FILE', required: true, about: 'HDF5 file' },
    out: { kind: 'text', placeholder: 'FILE', required: true, about: 'PNG file to write' },
    dataset: {
      kind: 'text',
      placeholder: 'NAME',
      about: 'what to show; default: reconstruction, maps, kspace, image or mask, the first that is there',
    },
    reference: {
      kind: 'text',
      placeholder: 'FILE',
      about: 'HDF5 file to compare with: images, or k-space (its RSS)',
    },
    show: { kind: 'choices', choices: panelNames, about: 'panels; default: what there is' },
    slices: { kind: 'indices', about: 'which slices; default: the first 16 at most' },
    'colour-map': {
      kind: 'choice',
      choices: ['gray', 'viridis', 'magma'],
      default: 'gray',
      about: 'of magnitudes',
    },
    'error-map': {
      kind: 'choice',
      choices: ['gray', 'viridis', 'magma'],
      default: 'magma',
      about: 'of errors',
    },
    'error-scale': {
      kind: 'number',
      positive: true,
      default: 5,
      about: 'errors are shown from 0 to the maximum of the window divided by this',
    },
    window: { kind: 'numbers', about: 'LOW,HIGH of magnitudes; default: 0 and the largest value' },
    columns: { kind: 'integer', min: 1, max: 64, default: 6, about: 'panels per row, of single images' },
    zoom: {
      kind: 'integer',
      min: 1,
      max: 32,
      about: 'pixels per pixel; default: what makes small images readable',
    },
  },
  positionals: ['in', 'out'],
  examples: [
    { about: 'the images of a reconstruction', command: 'adjoint view r.h5 --out r.png' },
    {
      about: 'with reference and error, ten times as bright as the images',
      command: 'adjoint view r.h5 --reference k.h5 --error-scale 10 --out error.png',
    },
    { about: 'coil maps', command: 'adjoint view s.h5 --dataset maps --slices 0 --out maps.png' },
  ],
  async run(values, session) {
    await checkOutput(values.out, [values.in, values.reference]);
    for (const file of [values.in, values.reference]) if (file !== undefined) await checkInput(file);
    const window = windowOf(values.window);
    await session.lightDevice();
    const picked = await readItems(values.in, values, session);
    const slices = await withReference(picked, values.reference, session);
    const show = chosenPanels(values.show, slices[0]![0]!);
    const { pictureRows } = await import('../view/pictures.js');
    const rows = pictureRows(slices, {
      show,
      window,
      colourMap: values['colour-map'],
      errorMap: values['error-map'],
      errorScale: values['error-scale'],
      columns: values.columns,
    });
    const picture = montage(rows, { zoom: values.zoom });
    const { encode } = await import('fast-png');
    const { command, device, versions } = await provenance(session, values.seed);
    const text = { Software: `adjoint ${versions}`, Comment: `${command} (${device})` };
    await writeWhole(values.out, encode({ ...picture, channels: 3, depth: 8, text }), session.signal);
    const { height, width } = picture;
    const json = { out: values.out, dataset: picked.dataset, slices: picked.numbers, show, height, width };
    return {
      json,
      text: `${values.out}: ${picked.dataset}, ${show.join(', ')}; ${height} x ${width} pixels`,
    };
  },
});

function windowOf(given: readonly number[] | undefined): Window | undefined {
  if (given === undefined) return undefined;
  const [low, high] = given;
  if (given.length === 2 && low! < high!) return { low: low!, high: high! };
  throw new UsageError(`--window must be LOW,HIGH with LOW below HIGH; got "${given.join(',')}".`);
}

/** The panels asked for, or all that the data have but those that only a picture of something else would need. */
function chosenPanels(asked: readonly PanelName[] | undefined, item: Item): readonly PanelName[] {
  const has: Record<PanelName, boolean> = {
    reference: item.reference !== undefined,
    magnitude: true,
    error: item.reference !== undefined,
    phase: item.phase !== undefined,
    kspace: item.kspace !== undefined,
  };
  const missing = asked?.find((name) => !has[name]);
  if (missing === undefined) return asked ?? panelNames.filter((name) => has[name]);
  const remedies: Partial<Record<PanelName, string>> = {
    reference: 'give --reference',
    error: 'give --reference',
    phase: 'it is of complex images',
    kspace: 'it is of the dataset kspace',
  };
  throw new UsageError(`--show ${missing}: there is none here; ${remedies[missing]}.`);
}
