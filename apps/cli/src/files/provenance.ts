import type { Session } from '../session.js';
import { ownVersion } from '../version.js';

/** Attributes of a result file. */
export type Attributes = Readonly<Record<string, string | number>>;

/**
 * What every result file says about itself: `command`, `seed`, `versions`, `device`, and `limits`, sentences on what the
 * data cannot show. Limits of the input are handed on.
 */
export async function provenance(
  session: Session,
  seed: number,
  limits: readonly string[] = [],
): Promise<Record<string, string | number>> {
  const { description } = await session.device();
  return {
    command: session.commandLine,
    seed,
    versions: JSON.stringify({ adjoint: ownVersion(), node: process.versions.node }),
    device: description,
    limits: [...new Set(limits.filter((text) => text !== ''))].join(' ') || 'none stated',
  };
}
