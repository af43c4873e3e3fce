import type { ClaimRecord } from '../records.js';
import type { Evidence } from './evidence.js';
import { claimA7, claimA17, claimD1 } from './mechanisms.js';
import { claimA1, claimA2, claimA3, claimA4 } from './perturbations.js';

/** The verdicts on all claims that this kind of study can speak to. */
export const claimsOf = (evidence: Evidence): ClaimRecord[] =>
  [claimA1, claimA2, claimA3, claimA4, claimA7, claimA17, claimD1].map((claim) => claim(evidence));
