import { disposeTree, mapTree, rebuildTree, treeLeaves } from '@adjoint/autograd';
import { init, mul, type Tensor, tensor } from '@adjoint/tensor';
import { beforeAll, describe, expect, it } from 'vitest';

beforeAll(async () => {
  await init({ device: 'reference' });
});

describe('trees', () => {
  it('map every tensor and carry everything else along', async () => {
    class Keeper {
      readonly inside = tensor(1);
    }
    const keeper = new Keeper();
    const act = (): number => 1;
    const tree = {
      a: tensor(1),
      list: [tensor(2), 'text', null, undefined, 3],
      keeper,
      act,
      bare: Object.create(null) as object,
    };
    const paths: string[] = [];
    const mapped = mapTree(tree, (leaf: Tensor, path) => {
      paths.push(path);
      return mul(leaf, 10);
    });
    expect(paths).toEqual(['.a', '.list[0]']);
    expect(await mapped.a.item()).toBe(10);
    expect(mapped.list.slice(1)).toEqual(['text', null, undefined, 3]);
    expect(mapped.keeper).toBe(keeper);
    expect(mapped.act).toBe(act);
    expect(treeLeaves(tree)).toEqual([tree.a, tree.list[0]]);
    expect(rebuildTree(tree, [1, 2])).toMatchObject({ a: 1, list: [2, 'text', null, undefined, 3] });
    disposeTree(tree);
    expect([tree.a.isDisposed, keeper.inside.isDisposed]).toEqual([true, false]);
  });

  it('of one tensor are the tensor', () => {
    const x = tensor(1);
    expect(treeLeaves(x)).toEqual([x]);
    expect(mapTree(x, (leaf) => leaf)).toBe(x);
    expect(treeLeaves(3)).toEqual([]);
  });
});
