// A user's program, compiled against the packed packages in strict mode without skipLibCheck.
import { adam, grad, type LinearOperator, valueAndGrad } from '@adjoint/autograd';
import { init, type Tensor, tensor } from '@adjoint/tensor';
import { families } from '@adjoint/tensor/testing';

await init({ threads: 1 });
const loss = (x: Tensor): Tensor => x.sub(1).abs2().sum();
using x = tensor([1, 2, 3]);
const gradient: Tensor = grad(loss)(x);
const { value } = valueAndGrad((p: { w: Tensor }) => loss(p.w))({ w: x });
const state: Record<string, Tensor> = adam({ lr: 0.1 }).init({ w: x });
const domain = (operator: LinearOperator): readonly number[] => operator.domain.shape;
console.log(await gradient.data(), await value.item(), Object.keys(state), domain, families.length);
