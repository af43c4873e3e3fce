import { valueAndGrad } from '@adjoint/autograd';
import { type ConvAlgorithm, currentDevice, type Tensor } from '@adjoint/tensor';
import { GoldenError, type Group, type Stored } from './h5.js';
import { isProse, type Result, type Suite } from './suite.js';
import { below, datasetsOf, readNet, recordedKinks, withAlgorithm } from './unetNet.js';
import { trainingCase } from './unetTraining.js';

/** Winograd's, as docs/accuracy.md states it: its rounding in one layer is five times that of sums of products. */
const outputLimits: Record<ConvAlgorithm, number> = { direct: 1e-5, winograd: 2e-5 };
const gradientLimit = 1e-4;

/** The algorithms that exist where the case runs; `reference` has none to choose from. */
const algorithms = (): readonly ConvAlgorithm[] =>
  currentDevice('golden').name === 'reference' ? ['direct'] : ['direct', 'winograd'];

/**
 * Output, loss and all gradients: of the package's net by sums of products, and of the composed one by Winograd's transforms
 * wherever they fit.
 */
function netCase(group: Group): Result[] {
  const { network, weights, x, loss, composed } = readNet(group);
  const expected = new Map(datasetsOf(below(group, 'grads')));
  const names = [weights, Object.fromEntries(expected), network.shapes].map((of) =>
    Object.keys(of).sort().join(),
  );
  if (new Set(names).size !== 1) throw new GoldenError('weights, grads and the net do not belong together');
  const { record, replay } = recordedKinks();
  const tried = algorithms();
  if (tried.includes('winograd')) withAlgorithm('direct', () => composed(record)(weights, x));
  return tried.flatMap((algorithm) => {
    const run = algorithm === 'direct' ? loss : composed(replay);
    const { value, gradient, aux } = withAlgorithm(algorithm, () =>
      valueAndGrad(run, { argnums: [0, 1], hasAux: true })(weights, x),
    );
    const [byWeight, byImage] = gradient;
    const result = (name: string, got: Tensor, stored: Stored, limit: number): Result => ({
      name: `${name} (${algorithm})`,
      ...{ got, expected: stored, limit },
    });
    return [
      result('y', aux, group.dataset('y'), outputLimits[algorithm]),
      result('loss_l1', value, group.dataset('loss_l1'), outputLimits[algorithm]),
      result('grad_x', byImage, group.dataset('grad_x'), gradientLimit),
      ...[...expected].map(([name, stored]) => result(name, byWeight[name]!, stored, gradientLimit)),
    ];
  });
}

/** Groups that cases look into. */
const parts = ['weights', 'grads', 'curve', 'final_weights'];
const isLayer = (name: string): boolean =>
  /^(conv|down_sample_layers|up_conv|up_transpose_conv)\./.test(name);
/** Facts that the arrays tell, too, what other tools reached, and words for what `checkDesign` cannot ask. */
const notes = ['h', 'w', 'batch', 'y_f32_maxabsdiff', 'grad_sensitivity_1e-6'];
const words = ['block', 'down', 'up', 'final', 'odd_sizes', 'skip'];
const unused = new Set([...notes, ...words]);

export const unetSuite: Suite = {
  file: 'unet',
  ignored: (name) => isProse(name) || isLayer(name) || unused.has(name),
  plan(group) {
    if (parts.includes(group.name)) return 'shared';
    return group.parent?.name === 'curve'
      ? () => trainingCase(group, readNet(group.parent!.parent!))
      : () => netCase(group);
  },
};
