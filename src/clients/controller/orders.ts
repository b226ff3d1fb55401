/** What a controller in charge sends: the heartbeat of every light, and the grants of the next stage. */
import { type Interval, RED } from '../../protocol/aspect.ts'
import {
  type ControllerEffect,
  type ControllerSettings,
  type ControllerState,
  sceneOf,
  withView,
} from './control-state.ts'
import { passGate } from './gate.ts'
import { noteSent, type Span } from './light-view.ts'
import type { RunningPlan } from './plan.ts'

/** A heartbeat: every light whose boot is known gets a command, intervals computed anew from the same spans. */
export function commandAll(
  settings: ControllerSettings,
  before: ControllerState,
  t: number,
  effects: ControllerEffect[],
): ControllerState {
  let state = before
  for (const [light, { sent }] of before.views) {
    // A light that was granted its stage just now needs no second command.
    if (sent.at(-1)?.at === t) continue
    const { span, interval } = orderFor(settings, state, light, t)
    state = send(state, light, span, interval, t, effects)
  }
  return state
}

/** What a light is told at a heartbeat: its span and the interval that says it; no interval while the plan is stopped. */
function orderFor(settings: ControllerSettings, state: ControllerState, light: string, t: number) {
  const span = state.views.get(light)?.span ?? null
  if (state.plan.kind === 'stopped') return { span, interval: undefined }
  if (span === null || span.c <= t) return { span, interval: RED }
  const scene = sceneOf(settings, state, t)
  const wanted = settings.rules.plan.renews(settings.rules.gate, state.plan, scene, light, span)
  const verdict = passGate(settings.rules.gate, scene, light, wanted)
  return verdict.kind === 'pass' ? { span: wanted, interval: verdict.interval } : { span, interval: undefined }
}

/** Grants the next stage when it is due: all of its lights, or none. */
export function grantNext(
  settings: ControllerSettings,
  before: ControllerState,
  planned: RunningPlan,
  t: number,
  effects: ControllerEffect[],
): ControllerState {
  const { crossing, rules } = settings
  if (t < rules.plan.P3(crossing, planned)) return before
  // Asked for anew in the same breath: the next heartbeat may come after the new start as well.
  const plan = t < planned.next.startsAt ? planned : rules.plan.P4(crossing, planned, t)
  const state = { ...before, plan }
  const scene = sceneOf(settings, state, t)
  const { spans, granted } = rules.plan.proposes(crossing, rules.gate, plan, scene)
  const intervals = new Map<string, Interval>()
  for (const [light, span] of spans) {
    const verdict = passGate(rules.gate, scene, light, span)
    if (verdict.kind === 'pass') intervals.set(light, verdict.interval)
  }
  if (intervals.size < spans.size) return state
  effects.push({ kind: 'plan-changed' })
  let next: ControllerState = { ...state, plan: granted }
  for (const [light, span] of spans) next = send(next, light, span, intervals.get(light), t, effects)
  return next
}

/** Sends a command; from here on its span is on record, whether or not it arrives. */
function send(
  state: ControllerState,
  light: string,
  span: Span | null,
  green: Interval | undefined,
  t: number,
  effects: ControllerEffect[],
): ControllerState {
  const view = state.views.get(light)
  if (view === undefined || view.boot === null || state.run === null) return state
  const n = state.n + 1
  const numbers = { boot: view.boot, run: state.run, n }
  effects.push({ kind: 'command', light, command: green === undefined ? numbers : { ...numbers, green } })
  return { ...state, n, views: withView(state.views, light, { ...noteSent(view, n, t), span }) }
}
