/** The rules of a controller, left out or turned round one at a time: listening, taking charge, and the plan. */
import type { LightView } from '../../clients/controller/light-view.ts'
import type { Report } from '../../protocol/wire.ts'
import { charge, listening, type Mutant, machine, plan } from './mutation.ts'

export const LISTENING_MUTANTS: readonly Mutant[] = [
  {
    name: 'C1',
    does: 'an echo of any run counts',
    kinds: ['far'],
    change: listening({ C1: () => true }),
  },
  {
    name: 'C2',
    does: 'every light is fresh for ever',
    kinds: ['slow clock'],
    change: listening({ C2: (view: LightView) => view.boot !== null }),
  },
  {
    name: 'C2 sent',
    does: 'a light is fresh when a report arrived lately',
    kinds: ['slow clock'],
    change: listening({ C2: (view: LightView, t, staleMs) => t - view.heardAt <= staleMs }),
  },
  {
    name: 'C3 ignores',
    does: 'every boot is believed at once',
    kinds: ['calm'],
    change: listening({ C3: () => true }),
  },
  {
    name: 'C3 believes',
    does: 'no boot but the first is ever believed',
    kinds: ['restarts'],
    change: listening({ C3: (view: LightView, report: Report) => view.boot === null || view.boot === report.boot }),
  },
  {
    name: 'C4 heard',
    does: 'it takes charge though some light does not report',
    kinds: ['kept away'],
    change: charge({ C4Heard: () => true }),
  },
  {
    name: 'C4 idle',
    does: 'it takes charge though another commands',
    kinds: ['calm'],
    change: charge({ C4Idle: () => true }),
  },
  {
    name: 'C4 yields',
    does: 'it goes on though it has seen a larger run',
    kinds: ['successions'],
    change: charge({ C4Yields: () => false }),
  },
  {
    name: 'C4 random',
    does: 'two controllers may draw the same run',
    kinds: ['duels'],
    change: machine({ drawsRuns: false }),
  },
  {
    name: 'C5',
    does: 'the first adoption counts instead of the last',
    kinds: ['successions'],
    change: charge({ C5: (last, adoptedAt) => (Number.isFinite(last) ? last : adoptedAt) }),
  },
  {
    name: 'C6',
    does: 'reports of another crossing file are believed',
    kinds: ['files'],
    change: listening({ C6: () => true }),
  },
]

export const PLAN_MUTANTS: readonly Mutant[] = [
  {
    name: 'P1',
    does: 'the plan goes on though a light fails G1',
    kinds: ['missing'],
    change: charge({ P1: () => false }),
  },
  {
    name: 'P2',
    does: 'the plan starts while spans are not over',
    coveredBy: 'G3',
    kinds: ['storms'],
    change: charge({ P2: () => true }),
  },
  {
    name: 'P3',
    does: 'a stage is granted aheadMs before it begins, whether the one before has proved to live or not',
    kinds: ['stuck'],
    change: plan({ P3: ({ constants: { aheadMs } }, { next }) => next.startsAt - aheadMs }),
  },
  {
    name: 'P4',
    does: 'a stage whose start has passed is not put off',
    kinds: ['hiccups'],
    change: plan({ P4: (_crossing, running) => running }),
  },
]
