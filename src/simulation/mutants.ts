/**
 * Every rule of docs/protocol.md left out or turned round, one at a time: what a simulation that is worth anything must
 * catch. A pair shows that a rule which is covered by another is needed once that one is gone.
 */
import type { KindName } from './kinds.ts'
import { LISTENING_MUTANTS, PLAN_MUTANTS } from './mutants/controller-mutants.ts'
import { GATE_MUTANTS } from './mutants/gate-mutants.ts'
import { LAMP_MUTANTS } from './mutants/lamp-mutants.ts'
import { MONITOR_MUTANTS } from './mutants/monitor-mutants.ts'
import type { Mutant } from './mutants/mutation.ts'
import { CONSTANT_MUTANTS, MACHINE_MUTANTS, PAIRS } from './mutants/other-mutants.ts'
import { REAL_WAYS, type Ways } from './ways.ts'

export type { Mutant } from './mutants/mutation.ts'

export const MUTANTS: readonly Mutant[] = [
  ...LAMP_MUTANTS,
  ...LISTENING_MUTANTS,
  ...GATE_MUTANTS,
  ...PLAN_MUTANTS,
  ...CONSTANT_MUTANTS,
  ...MACHINE_MUTANTS,
  ...PAIRS,
  ...MONITOR_MUTANTS,
]

/** The episode of `seed` that looks for `mutant`, one kind after the other. */
export function huntFor({ kinds, change }: Mutant, seed: number): { kind: KindName; ways: Ways } {
  const kind = kinds[(seed - 1) % kinds.length]
  if (kind === undefined) throw new RangeError('a mutant that is looked for nowhere')
  return { kind, ways: change(REAL_WAYS) }
}
