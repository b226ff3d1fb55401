/**
 * Every rule of docs/protocol.md left out or turned round, one at a time: what a simulation that is worth anything must
 * catch. A pair shows that a rule which is covered by another is needed once that one is gone.
 */

import { earliest, latest } from '../clients/controller/clock-bounds.ts'
import type { ControllerRules } from '../clients/controller/control-state.ts'
import { GATE_RULES, type GateRules, type Scene } from '../clients/controller/gate.ts'
import type { LightView, Span } from '../clients/controller/light-view.ts'
import type { LampRules, LampState } from '../clients/light/lamp.ts'
import { type Interval, lightTime } from '../protocol/aspect.ts'
import type { Constants } from '../protocol/constants.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Command, Report } from '../protocol/wire.ts'
import type { KindName } from './kinds.ts'
import { type MachineWays, REAL_WAYS, type Ways } from './ways.ts'

export interface Mutant {
  /** Name of the rule, and which half of it. */
  readonly name: string
  /** What it does instead. */
  readonly does: string
  /** The rule that keeps all safe without this one; a pair of both is caught. */
  readonly coveredBy?: string
  /** Kinds of episodes to look in. */
  readonly kinds: readonly KindName[]
  readonly change: (ways: Ways) => Ways
}

const lamp =
  (rules: Partial<LampRules>) =>
  (ways: Ways): Ways => ({ ...ways, lamp: { ...ways.lamp, ...rules } })

const part =
  <Part extends keyof ControllerRules>(name: Part) =>
  (rules: Partial<ControllerRules[Part]>) =>
  (ways: Ways): Ways => ({
    ...ways,
    controller: { ...ways.controller, [name]: { ...ways.controller[name], ...rules } },
  })
const listening = part('listening')
const charge = part('charge')
const gate = part('gate')

const machine =
  (changes: Partial<MachineWays>) =>
  (ways: Ways): Ways => ({
    ...ways,
    machine: { ...ways.machine, ...changes },
  })

const withConstants = (crossing: Crossing, change: (c: Constants) => Partial<Constants>): Crossing => ({
  ...crossing,
  constants: { ...crossing.constants, ...change(crossing.constants) },
})
const lampConstants =
  (change: (c: Constants) => Partial<Constants>) =>
  (ways: Ways): Ways => ({
    ...ways,
    lampCrossing: (crossing) => withConstants(crossing, change),
  })
const controllerConstants =
  (change: (c: Constants) => Partial<Constants>) =>
  (ways: Ways): Ways => ({
    ...ways,
    controllerCrossing: (crossing) => withConstants(crossing, change),
  })

const both =
  (...changes: ((ways: Ways) => Ways)[]) =>
  (ways: Ways): Ways =>
    changes.reduce((changed, change) => change(changed), ways)

/**
 * A plan that asks for what `change` says, before a gate that knows the file: what the plan never asks for has to be
 * asked for by another, or nobody would know whether the gate refuses it.
 */
const hastyPlan =
  (change: (c: Constants) => Partial<Constants>) =>
  (ways: Ways): Ways => {
    const real = new WeakMap<Constants, Constants>()
    const knowing = (scene: Scene): Scene => ({ ...scene, constants: real.get(scene.constants) ?? scene.constants })
    const { gate } = ways.controller
    const rules: GateRules = {
      ...gate,
      G2Start: (scene, span) => gate.G2Start(knowing(scene), span),
      G3: (scene, span, other) => gate.G3(knowing(scene), span, other),
      G4New: (scene, span, last) => gate.G4New(knowing(scene), span, last),
    }
    return {
      ...ways,
      controller: { ...ways.controller, gate: rules },
      controllerCrossing(crossing) {
        const hasty = withConstants(ways.controllerCrossing(crossing), change)
        real.set(hasty.constants, crossing.constants)
        return hasty
      },
    }
  }

/** The next stage begins before the last one is over. */
const overlapping = hastyPlan(({ amberMs }) => ({ allRedMs: -amberMs - 2500 }))
/** The first stage begins at once. */
const atOnce = hastyPlan(() => ({ allRedMs: -10_000, startRedMs: 1 }))
/** Stages are granted further ahead than a lamp takes. */
const farAhead = hastyPlan(({ horizonMs }) => ({ horizonMs: 3 * horizonMs }))

const isLive = ({ from, red }: Interval, now: number): boolean => from <= now && now < red
const inOrder = ({ from, until, red }: Interval): boolean => Number.isFinite(from) && from <= until && until <= red
const isAmber = ({ until, red }: Interval, now: number): boolean => until <= now && now < red
const comesBack = (held: Interval, next: Interval, now: number): boolean =>
  now >= held.until && next.from < held.red && next.until > now

const L: readonly Mutant[] = [
  {
    name: 'L1',
    does: 'a lamp takes commands to other boots',
    kinds: ['restarts'],
    change: lamp({ L1: () => true }),
  },
  {
    name: 'L2 newer',
    does: 'a lamp takes older commands of the run it holds',
    kinds: ['storms'],
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
    kinds: ['storms'],
    change: lamp({ L4: (held, next, now) => (isLive(held, now) ? isLive(next, now) : !isAmber(next, now)) }),
  },
  {
    name: 'L4 amber',
    does: 'a lamp takes an interval whose amber is all that is left',
    kinds: ['storms'],
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

const C: readonly Mutant[] = [
  {
    name: 'C1',
    does: 'an echo of any run counts',
    kinds: ['takeovers'],
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
    kinds: ['calm'],
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
    kinds: ['duels'],
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

const G: readonly Mutant[] = [
  {
    name: 'G1 fresh',
    does: 'a light that is not fresh passes',
    kinds: ['slow clock'],
    change: gate({ G1: (scene, view) => view.adoptedAt !== null && view.echoedSentAt >= scene.lastAdopted }),
  },
  {
    name: 'G1 since',
    does: 'an echo of before the last adoption will do',
    coveredBy: 'C2',
    kinds: ['duels'],
    change: gate({ G1: (scene, view) => scene.isFresh(view, scene.t) && view.adoptedAt !== null }),
  },
  {
    name: 'G2 start',
    does: 'a span may start at once after the last adoption',
    kinds: ['whims'],
    change: gate({ G2Start: () => true }),
  },
  {
    name: 'G2 end',
    does: 'a span may end beyond the horizon',
    kinds: ['whims'],
    change: gate({ G2End: () => true }),
  },
  {
    name: 'G3',
    does: 'conflicting spans may follow each other anyhow',
    kinds: ['whims'],
    change: gate({ G3: () => true }),
  },
  {
    name: 'G3 later',
    does: 'a span may reach into a conflicting one that begins later',
    kinds: ['whims'],
    change: gate({ G3: (scene, span, other) => span.a < other.a || span.a >= other.c + scene.constants.allRedMs }),
  },
  {
    name: 'G4 future',
    does: 'a new span may start in the past',
    kinds: ['whims'],
    change: gate({ G4New: (scene, _span, last) => last === null || last.c + scene.constants.allRedMs <= scene.t }),
  },
  {
    name: 'G4 over',
    does: 'a new span may be sent while the last one runs',
    kinds: ['whims'],
    change: gate({ G4New: (scene, span) => span.a >= scene.t }),
  },
  {
    name: 'G4 fall',
    does: 'a span may become shorter',
    kinds: ['whims'],
    change: gate({ G4Fall: () => true }),
  },
  {
    name: 'G4 rise',
    does: 'a span may become longer at any time',
    kinds: ['storms'],
    change: gate({ G4Rise: () => true }),
  },
  {
    name: 'G5 from',
    does: 'green begins when it may be time',
    kinds: ['drift'],
    change: gate({
      G5: (scene, view, span) => ({
        ...GATE_RULES.G5(scene, view, span),
        from: earliest(view.bounds, scene.constants.rho, span.a),
      }),
    }),
  },
  {
    name: 'G5 red',
    does: 'red begins when it must be time',
    kinds: ['drift'],
    change: gate({ G5: redAtLatest }),
  },
  {
    name: 'G5 order',
    does: 'an interval without a green is sent',
    coveredBy: 'L3 order',
    kinds: ['far'],
    change: gate({ G5Order: () => true }),
  },
]

function redAtLatest({ constants: { rho, amberMs } }: Scene, { bounds }: LightView, { a, c }: Span): Interval {
  const red = latest(bounds, rho, c)
  return { from: latest(bounds, rho, a), until: lightTime(red - amberMs), red }
}

const P: readonly Mutant[] = [
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
]

const CONSTANTS: readonly Mutant[] = [
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

const MACHINE: readonly Mutant[] = [
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
const PAIRS: readonly Mutant[] = [
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

export const MUTANTS: readonly Mutant[] = [...L, ...C, ...G, ...P, ...CONSTANTS, ...MACHINE, ...PAIRS]

/** The episode of `seed` that looks for `mutant`, one kind after the other. */
export function huntFor({ kinds, change }: Mutant, seed: number): { kind: KindName; ways: Ways } {
  const kind = kinds[(seed - 1) % kinds.length]
  if (kind === undefined) throw new RangeError('a mutant that is looked for nowhere')
  return { kind, ways: change(REAL_WAYS) }
}
