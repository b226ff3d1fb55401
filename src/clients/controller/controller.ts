/**
 * The controller: listens to the lights of a crossing, takes charge when nobody is, and grants right of way through
 * the gate. Pure: time, chance and messages come in, effects go out; run.ts acts on them. The rules C1 to
 * C3 and C6 are in light-view.ts, C4, C5, P1 and P2 in charge.ts, G1 to G5 in gate.ts; docs/protocol.md has the proof.
 */

import type { Report } from '../../protocol/wire.ts'
import { beginAgain, takeCharge } from './charge.ts'
import {
  type ControllerEffect,
  type ControllerEvent,
  type ControllerMoment,
  type ControllerSettings,
  type ControllerState,
  sceneOf,
  withView,
} from './control-state.ts'
import { failsG1 } from './gate.ts'
import { hear, UNHEARD } from './light-view.ts'
import { commandAll, grantNext } from './orders.ts'
import { type Plan, startPlan } from './plan.ts'

/** A controller that has just started: it knows nobody. */
export function startControl({ crossing }: ControllerSettings, { t, wallMs }: ControllerMoment): ControllerState {
  return {
    run: null,
    n: 0,
    largestRun: 0,
    lastAdopted: Number.NEGATIVE_INFINITY,
    plan: { kind: 'stopped', why: 'no light was heard yet' },
    mode: 'auto',
    trip: null,
    beatDueAt: t,
    views: new Map(crossing.lights.map((light) => [light, UNHEARD])),
    wallOffsetMs: wallMs - t,
  }
}

/** Takes one event at `t`, read before anything that comes of it is sent; gives the next state and what is to be done. */
export function stepController(
  settings: ControllerSettings,
  before: ControllerState,
  event: ControllerEvent,
  t: number,
): readonly [ControllerState, readonly ControllerEffect[]] {
  const effects: ControllerEffect[] = []
  switch (event.kind) {
    case 'report':
      return [listen(settings, before, event.light, event.report, t, effects), effects]
    case 'mode':
      return [{ ...before, mode: event.mode }, effects]
    case 'trip':
      return [{ ...before, trip: event.trip }, effects]
    case 'tick':
      return [advance(settings, before, { t, wallMs: event.wallMs }, effects), effects]
    default:
      throw new TypeError(`unknown event ${event satisfies never}`)
  }
}

/** When the next tick after `t` has something to do. A grant that was refused is tried again with the heartbeats. */
export function controllerWakesAt({ crossing, rules }: ControllerSettings, state: ControllerState, t: number): number {
  if (state.plan.kind !== 'running') return state.beatDueAt
  const grantAt = rules.plan.P3(crossing, state.plan)
  return grantAt > t ? Math.min(state.beatDueAt, grantAt) : state.beatDueAt
}

function listen(
  settings: ControllerSettings,
  state: ControllerState,
  light: string,
  report: Report,
  t: number,
  effects: ControllerEffect[],
): ControllerState {
  const before = state.views.get(light)
  if (before === undefined) return state
  const { crossing, rules } = settings
  const { rho, staleMs } = crossing.constants
  const listener = { file: crossing.digest, rho, staleMs, run: state.run, rules: rules.listening }
  const heard = hear(listener, before, report, t)
  if (heard.kind === 'another-boot-ignored') return state
  if (heard.kind === 'differs') effects.push({ kind: 'differs', light, file: report.file })
  if (heard.kind === 'new-boot' || heard.kind === 'clock-broke-bound') effects.push({ kind: heard.kind, light })
  const next = { ...state, views: withView(state.views, light, heard.view) }
  if (heard.kind === 'differs') return next
  const { adoptedAt } = heard.view
  const known = { ...next, largestRun: Math.max(state.largestRun, report.run) }
  const yields = state.run !== null && rules.charge.C4Yields(state.run, state.n, report)
  if (yields) return beginAgain(known, 'larger-run', effects)
  if (adoptedAt === null || adoptedAt === before.adoptedAt) return known
  effects.push({ kind: 'adopted', light })
  return { ...known, lastAdopted: rules.charge.C5(state.lastAdopted, adoptedAt) }
}

function advance(
  settings: ControllerSettings,
  before: ControllerState,
  { t, wallMs }: ControllerMoment,
  effects: ControllerEffect[],
): ControllerState {
  const wallOffsetMs = wallMs - t
  const stepped = Math.abs(wallOffsetMs - before.wallOffsetMs) > settings.crossing.constants.lateMs
  const awake = { ...before, wallOffsetMs }
  let state = stepped ? beginAgain(awake, 'clock-stepped', effects) : awake
  if (state.run === null) state = takeCharge(settings, state, t, effects)
  if (state.run === null) return { ...state, beatDueAt: nextBeat(settings, state.beatDueAt, t) }
  state = steer(settings, state, t, effects)
  const started = state.plan.kind === 'running' && before.plan.kind !== 'running'
  if (state.plan.kind === 'running') state = grantNext(settings, state, state.plan, t, effects)
  if (t < state.beatDueAt && !started) return state
  return { ...commandAll(settings, state, t, effects), beatDueAt: nextBeat(settings, state.beatDueAt, t) }
}

const nextBeat = ({ crossing }: ControllerSettings, dueAt: number, t: number): number => {
  const { heartbeatMs } = crossing.constants
  // From the time it was due, so that beats keep their rhythm, unless one was missed.
  return t - dueAt < heartbeatMs && t >= dueAt ? dueAt + heartbeatMs : t + heartbeatMs
}

/** P1, P2 and the operator's mode: whether the plan runs. */
function steer(
  settings: ControllerSettings,
  state: ControllerState,
  t: number,
  effects: ControllerEffect[],
): ControllerState {
  const { crossing, rules } = settings
  const scene = sceneOf(settings, state, t)
  const failing = failsG1(rules.gate, scene)
  const over = rules.charge.P2(state.views, t)
  const to = (plan: Plan): ControllerState => {
    if (plan.kind !== state.plan.kind || whyOf(plan) !== whyOf(state.plan)) effects.push({ kind: 'plan-changed' })
    return { ...state, plan }
  }
  if (state.trip !== null) return to({ kind: 'stopped', why: `tripped: ${state.trip}` })
  if (rules.charge.P1(failing)) return to({ kind: 'stopped', why: `${failing ?? 'a light'} was not heard in time` })
  switch (state.mode) {
    case 'hold':
      return to({ kind: 'held' })
    case 'flash':
      return to(over || state.plan.kind === 'stopped' ? { kind: 'stopped', why: 'mode flash' } : { kind: 'held' })
    case 'auto':
      if (state.plan.kind === 'running') return state
      return over ? to(startPlan(crossing, scene)) : state
    default:
      throw new TypeError(`unknown mode ${state.mode satisfies never}`)
  }
}

const whyOf = (plan: Plan): string | null => (plan.kind === 'stopped' ? plan.why : null)
