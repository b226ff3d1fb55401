/** Constants that do not fit, machines that do not do what the rules rely on, and rules gone together with what covers them. */
import { inOrder } from './lamp-mutants.ts'
import {
  atOnce,
  both,
  charge,
  controllerConstants,
  farAhead,
  gate,
  lamp,
  lampConstants,
  type Mutant,
  machine,
  overlapping,
} from './mutation.ts'

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
  { name: 'boots', does: 'every boot has the same name', kinds: ['restarts'], change: machine({ drawsBoots: false }) },
]

/** Rules that another covers, and that other, both gone. */
export const PAIRS: readonly Mutant[] = [
  {
    name: 'C4 heard, C4 idle',
    does: 'it takes charge at any time',
    kinds: ['calm'],
    change: charge({ C4Heard: () => true, C4Idle: () => true }),
  },
  {
    name: 'G1 since, C2',
    does: 'a light that was ever adopted passes',
    kinds: ['duels'],
    change: gate({ G1: (_scene, view) => view.adoptedAt !== null }),
  },
  {
    name: 'G2 start, plan at once',
    does: 'the plan asks for a start at once, and nobody refuses',
    kinds: ['successions'],
    change: both(gate({ G2Start: () => true }), atOnce),
  },
  {
    name: 'G2 end, L3 horizon, plan far ahead',
    does: 'the plan asks for thrice the horizon, and neither gate nor lamp refuses',
    kinds: ['successions', 'storms'],
    change: both(gate({ G2End: () => true }), lamp({ L3: inOrder }), farAhead),
  },
  {
    name: 'G3, plan overlaps',
    does: 'the plan asks for the next stage before the last is over, and nobody refuses',
    kinds: ['storms'],
    change: both(gate({ G3: () => true }), overlapping),
  },
  {
    name: 'G5 order, L3 order',
    does: 'an interval without a green is sent, and taken',
    kinds: ['far'],
    change: both(
      gate({ G5Order: () => true }),
      lamp({ L3: (interval, now, horizonMs) => interval.red <= now + horizonMs }),
    ),
  },
  {
    name: 'P2, G3',
    does: 'the plan starts while spans are not over, and nobody refuses',
    kinds: ['storms'],
    change: both(charge({ P2: () => true }), gate({ G3: () => true })),
  },
]
