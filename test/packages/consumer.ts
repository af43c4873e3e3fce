// A user's program, compiled against the packed packages in strict mode without skipLibCheck.
import { adam, grad, type LinearOperator, valueAndGrad } from '@adjoint/autograd';
import { l1, type Measurement, openFastmri, type Reconstructor, scores } from '@adjoint/mri';
import {
  type Backend,
  createDevice,
  Device,
  type DeviceInfo,
  info,
  init,
  type Layout,
  type Tensor,
  tensor,
} from '@adjoint/tensor';
import { backendChecks, checkValue, families, seededDraw } from '@adjoint/tensor/testing';

await init({ threads: 1 });
const loss = (x: Tensor): Tensor => x.sub(1).abs2().sum();
using x = tensor([1, 2, 3]);
const gradient: Tensor = grad(loss)(x);
const { value } = valueAndGrad((p: { w: Tensor }) => loss(p.w))({ w: x });
const state: Record<string, Tensor> = adam({ lr: 0.1 }).init({ w: x });
const domain = (operator: LinearOperator): readonly number[] => operator.domain.shape;
console.log(await gradient.data(), await value.item(), Object.keys(state), domain, families.length);

// a device, or a backend of one's own, under test
const reference = await createDevice({ device: 'reference' });
const ofMine: Backend = reference.backend;
const about: DeviceInfo = info(new Device(ofMine));
const strides = ({ strides }: Layout): readonly number[] => strides;
for (const check of backendChecks) await check.run(new Device(ofMine));
for (const row of families.flatMap(({ functions }) => functions))
  for (const dtypes of row.dtypes) await checkValue(row, dtypes, seededDraw(7), reference, reference);
console.log(about.limits.length, strides);

// a reconstruction and its scores
const method: Reconstructor = l1({ lambda: 0.002 });
const score = async (full: Measurement): Promise<number> =>
  (await scores(full.reference!, await method.reconstruct(full))).ssim;
console.log(score, openFastmri);
