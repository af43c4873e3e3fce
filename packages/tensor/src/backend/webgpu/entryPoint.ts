import type { WgslKernel } from './plan.js';

/** Counts invocations such that those of a subgroup follow one another, which WGSL's own index does not promise. */
const bySubgroups = {
  arguments:
    '@builtin(subgroup_id) subgroup_: u32, @builtin(subgroup_size) lanes_: u32, @builtin(subgroup_invocation_id) lane_: u32',
  statement: 'let local = subgroup_ * lanes_ + lane_;\n',
};

/** The entry point. Groups beyond what one dimension takes lie in rows of `across_`. */
export function entryPoint(
  { workgroupSize, usesSubgroups, body }: Pick<WgslKernel, 'workgroupSize' | 'usesSubgroups' | 'body'>,
  isWide: boolean,
): string {
  const index = usesSubgroups ? bySubgroups.arguments : '@builtin(local_invocation_index) local: u32';
  const group = isWide ? 'at_.x + at_.y * p.across_' : 'at_.x';
  const guarded = isWide ? `if (group < p.groups_) {\n${body}\n}` : body;
  return `@compute @workgroup_size(${workgroupSize})
fn main(@builtin(workgroup_id) at_: vec3u, ${index}) {
${usesSubgroups ? bySubgroups.statement : ''}let group = ${group};
${guarded}
}`;
}
