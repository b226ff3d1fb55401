/** Constants that do not fit, machines that do not do what the rules rely on, and rules gone together with what covers them. */
import { inOrder } from './lamp-mutants.ts'
import { both, charge, controllerConstants, gate, lamp, lampConstants, type Mutant, machine, plan } from './mutation.ts'

export const CONSTANT_MUTANTS: readonly Mutant[] = [
  {
    name: 'heartbeatMs',
    does: 'a controller commands every staleMs',
    kinds: ['calm'],
    change: controllerConstants(({ staleMs }) => ({ heartbeatMs: staleMs })),
  },
  {
    name: 'staleMs of a controller',
    does: 'a light may be silent for an hour',
    kinds: ['slow clock'],
    change: controllerConstants(() => ({ staleMs: 3_600_000 })),
  },
  {
    name: 'staleMs of a lamp',
    does: 'a lamp that is given nothing does not flash',
    kinds: ['missing'],
    change: lampConstants(() => ({ staleMs: Number.POSITIVE_INFINITY })),
  },
  {
    name: 'horizonMs',
    does: 'a controller grants further than a lamp takes',
    kinds: ['calm'],
    change: controllerConstants(({ horizonMs }) => ({ horizonMs: 2 * horizonMs })),
  },
  {
    name: 'rho',
    does: 'a controller takes clocks for equal',
    kinds: ['drift'],
    change: controllerConstants(() => ({ rho: 0 })),
  },
  {
    name: 'allRedMs',
    does: 'half of all-red',
    kinds: ['calm'],
    change: controllerConstants(({ allRedMs }) => ({ allRedMs: allRedMs / 2 })),
  },
  {
    name: 'amberMs',
    does: 'half of amber',
    kinds: ['calm'],
    change: controllerConstants(({ amberMs }) => ({ amberMs: amberMs / 2 })),
  },
  {
    name: 'startRedMs',
    does: 'no all-red before the first stage',
    kinds: ['calm'],
    change: controllerConstants(() => ({ startRedMs: 0 })),
  },
  {
    name: 'aheadMs',
    does: 'a stage is granted when it begins',
    kinds: ['calm'],
    change: controllerConstants(() => ({ aheadMs: 0 })),
  },
  {
    name: 'lateMs',
    does: 'a lamp may be late by an hour',
    kinds: ['drift'],
    change: lampConstants(() => ({ lateMs: 3_600_000 })),
  },
]

export const MACHINE_MUTANTS: readonly Mutant[] = [
  {
    name: 'stamp',
    does: 'a report is stamped after it has left',
    kinds: ['calm'],
    change: machine({ stampedLateMs: 50 }),
  },
  {
    name: 'rounding',
    does: 'stamps are rounded to 100 ms',
    kinds: ['calm'],
    change: machine({ roundsStampsToMs: 100 }),
  },
  {
    name: 'S',
    does: 'the clock is read after a command has left',
    kinds: ['calm'],
    change: machine({ readAfterSendingMs: 50 }),
  },
  {
    name: 'R',
    does: 'the clock is read before a report has arrived',
    kinds: ['calm'],
    change: machine({ readBeforeArrivalMs: 50 }),
  },
  { name: 'boots', does: 'every boot has the same name', kinds: ['drift'], change: machine({ drawsBoots: false }) },
  {
    name: 'own topic',
    does: 'a light does not hear what others say on its topic',
    kinds: ['links'],
    change: machine({ readsOwnTopic: false }),
  },
]

/** Rules that another covers, and that other, both gone. */
export const PAIRS: readonly Mutant[] = [
  {
    name: 'G2 end, L3 horizon',
    does: 'a span may end beyond the horizon, and a lamp takes it',
    kinds: ['whims'],
    change: both(gate({ G2End: () => true }), lamp({ L3: inOrder })),
  },
  {
    name: 'G4 future, P4',
    does: 'a stage whose start has passed is granted, not put off',
    kinds: ['hiccups'],
    change: both(
      gate({ G4New: (scene, _span, last) => last === null || last.c + scene.constants.allRedMs <= scene.t }),
      plan({ P4: (_crossing, running) => running }),
    ),
  },
  {
    name: 'P2, G3',
    does: 'the plan starts while spans are not over, and nobody refuses',
    kinds: ['storms'],
    change: both(charge({ P2: () => true }), gate({ G3: () => true })),
  },
]
