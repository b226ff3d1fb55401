/** The rules of a lamp, left out or turned round one at a time. */
import type { LampState } from '../../clients/light/lamp.ts'
import type { Interval } from '../../protocol/aspect.ts'
import type { Command } from '../../protocol/wire.ts'
import { lamp, type Mutant, machine } from './mutation.ts'

const isLive = ({ from, red }: Interval, now: number): boolean => from <= now && now < red
export const inOrder = ({ from, until, red }: Interval): boolean =>
  Number.isFinite(from) && from <= until && until <= red
const isAmber = ({ until, red }: Interval, now: number): boolean => until <= now && now < red
const comesBack = (held: Interval, next: Interval, now: number): boolean =>
  now >= held.until && next.from < held.red && next.until > now

export const LAMP_MUTANTS: readonly Mutant[] = [
  {
    name: 'L1',
    does: 'a lamp takes commands to other boots',
    kinds: ['drift'],
    change: lamp({ L1: () => true }),
  },
  {
    name: 'L2 newer',
    does: 'a lamp takes older commands of the run it holds',
    kinds: ['successions'],
    change: lamp({
      L2: (state: LampState, command: Command, now) =>
        command.run === state.run || (command.run > state.run && now >= state.held.red),
    }),
  },
  {
    name: 'L2 larger',
    does: 'a lamp takes commands of an older run',
    kinds: ['successions'],
    change: lamp({
      L2: (state: LampState, command: Command, now) =>
        command.run === state.run ? command.n > state.n : now >= state.held.red,
    }),
  },
  {
    name: 'L2 idle',
    does: 'a lamp takes a newer run while an interval of the older is live',
    kinds: ['successions'],
    change: lamp({
      L2: (state: LampState, command: Command) =>
        command.run === state.run ? command.n > state.n : command.run > state.run,
    }),
  },
  {
    name: 'L3 order',
    does: 'a lamp takes an interval whose times are in no order',
    kinds: ['liar'],
    change: lamp({ L3: (interval, now, horizonMs) => interval.red <= now + horizonMs }),
  },
  {
    name: 'L3 horizon',
    does: 'a lamp takes an interval of any length',
    kinds: ['liar'],
    change: lamp({ L3: inOrder }),
  },
  {
    name: 'L4 to red',
    does: 'a lamp takes an interval that sends it from green to red',
    kinds: ['liar'],
    change: lamp({
      L4: (held, next, now) => !comesBack(held, next, now) && (isLive(held, now) || !isAmber(next, now)),
    }),
  },
  {
    name: 'L4 comes back',
    does: 'a lamp takes a green back whose amber has begun',
    kinds: ['successions'],
    change: lamp({ L4: (held, next, now) => (isLive(held, now) ? isLive(next, now) : !isAmber(next, now)) }),
  },
  {
    name: 'L4 amber',
    does: 'a lamp takes an interval whose amber is all that is left',
    kinds: ['successions'],
    change: lamp({ L4: (held, next, now) => !comesBack(held, next, now) && (!isLive(held, now) || isLive(next, now)) }),
  },
  {
    name: 'L5 late',
    does: 'a lamp that showed non-red far too long goes on as if nothing had been',
    kinds: ['stuck'],
    change: lamp({ L5Late: () => false }),
  },
  {
    name: 'L5 stepped',
    does: 'a lamp does not compare its clocks',
    kinds: ['drift'],
    change: lamp({ L5Stepped: () => false }),
  },
  {
    name: 'L6 dead-man',
    does: 'nobody paints red when a lamp stops or dies',
    kinds: ['storms', 'restarts'],
    change: machine({ hasDeadMan: false }),
  },
  {
    name: 'L6 one lamp',
    does: 'a successor starts while the old lamp is only stopped',
    kinds: ['storms', 'restarts'],
    change: machine({ killsFirst: false }),
  },
]
