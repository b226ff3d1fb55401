/**
 * The conflict monitor's rules, left out one at a time, where an episode shows that they are needed: what it would miss,
 * with controllers that let lights overlap, and what it would trip on. All of them fail in test/unit/broker/interlock.
 */
import { MONITOR_RULES, type MonitorRules } from '../../broker/interlock/monitor-rules.ts'
import type { Ways } from '../ways.ts'
import { both, controllerConstants, type Mutant } from './mutation.ts'

const monitor =
  (rules: Partial<MonitorRules>) =>
  (ways: Ways): Ways => ({ ...ways, monitor: { ...ways.monitor, ...rules } })

/** Controllers that let each stage begin while the last one is non-red still, for `ms`. */
export const overlappingFor = (ms: number) => controllerConstants(() => ({ allRedMs: -ms }))

/** An overlap that must not be missed, whatever the clocks make of it, ms. */
const LONG_MS = 520

export const MONITOR_MUTANTS: readonly Mutant[] = [
  {
    name: 'M4',
    does: 'non-red lasts no longer than the last report that says so; stages overlap',
    kinds: ['overlaps'],
    change: both(overlappingFor(LONG_MS), monitor({ M4: () => null })),
  },
  {
    name: 'M5',
    does: 'what was not seen was not granted',
    kinds: ['storms', 'restarts'],
    change: monitor({ M5: () => true }),
  },
  {
    name: 'M6',
    does: 'a conflict takes 300 ms more; stages overlap',
    kinds: ['overlaps'],
    change: both(overlappingFor(LONG_MS), monitor({ M6: (rho, a, b) => MONITOR_RULES.M6(rho, a, b) - 300 })),
  },
]
