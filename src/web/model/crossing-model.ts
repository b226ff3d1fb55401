/** Everything the page knows of a crossing: a pure function of what reached it, and when. */

import { LIGHTS_MAX } from '../../protocol/limits.ts'
import type { Mode } from '../../protocol/mode.ts'
import type { PlanMessage } from '../../protocol/plan-message.ts'
import type { Trip } from '../../protocol/trip.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import { conflictMs, hasRightOfWay, newestIntergreen } from './conflict.ts'
import type { CrossingFacts } from './crossing-facts.ts'
import {
  forgetOld,
  hearCommand,
  hearReport,
  type LightRecord,
  loseSight,
  newLight,
  shownBy,
  withIntergreen,
} from './light-record.ts'
import { type Mark, withMark } from './mark.ts'

export interface CrossingModel {
  /** null before the crossing file has come. */
  readonly facts: CrossingFacts | null
  /** In the order of the file; before it has come, those that were heard. */
  readonly lights: ReadonlyMap<string, LightRecord>
  /** What the controller said last, and when; and the newest run that was in charge, null before the first. */
  readonly plan: { readonly message: PlanMessage; readonly atMs: number; readonly run: number | null } | null
  readonly mode: Mode
  readonly trip: Trip | null
  /** Whether this page is connected, and since when it is, or is not. */
  readonly link: { readonly isUp: boolean; readonly sinceMs: number }
  /** Oldest first. */
  readonly marks: readonly Mark[]
  /** Since when it has been watched, and how often conflicting lights were seen non-red at one time. */
  readonly watch: { readonly sinceMs: number; readonly conflicts: number }
}

export type ModelEvent =
  | { readonly kind: 'file'; readonly facts: CrossingFacts }
  | { readonly kind: 'report'; readonly light: string; readonly report: Report }
  | { readonly kind: 'command'; readonly light: string; readonly command: Command }
  | { readonly kind: 'plan'; readonly plan: PlanMessage }
  | { readonly kind: 'mode'; readonly mode: Mode }
  | { readonly kind: 'trip'; readonly trip: Trip }
  | { readonly kind: 'link'; readonly isUp: boolean }
  | { readonly kind: 'mark'; readonly mark: Omit<Mark, 'atMs'> }
  /** Time has passed. */
  | { readonly kind: 'tick' }

/** A light is given up after this time while no file says better, ms. */
const STALE_MS = 2000

/** A controller says something once a second; one that was silent for this long is gone, ms. */
export const PLAN_MS_MAX = 3000

export const emptyModel = (nowMs: number): CrossingModel => ({
  facts: null,
  lights: new Map(),
  plan: null,
  mode: 'auto',
  trip: null,
  link: { isUp: false, sinceMs: nowMs },
  marks: [],
  watch: { sinceMs: nowMs, conflicts: 0 },
})

export function stepModel(model: CrossingModel, event: ModelEvent, nowMs: number): CrossingModel {
  const mark = (next: CrossingModel, made: Omit<Mark, 'atMs'>): CrossingModel => ({
    ...next,
    marks: withMark(next.marks, { atMs: nowMs, ...made }),
  })
  switch (event.kind) {
    case 'file':
      return withFacts(model, event.facts, nowMs)
    case 'report':
      return withReport(model, event.light, event.report, nowMs)
    case 'command': {
      const light = model.lights.get(event.light)
      return light === undefined ? model : withLight(model, event.light, hearCommand(light, event.command))
    }
    case 'plan':
      return withPlan(model, event.plan, nowMs)
    case 'mode':
      if (event.mode === model.mode) return model
      return mark({ ...model, mode: event.mode }, { kind: 'mode', text: `an operator: mode ${event.mode}` })
    case 'trip': {
      const next = { ...model, trip: event.trip }
      if (event.trip.tripped === (model.trip?.tripped ?? false)) return next
      const { tripped, what } = event.trip
      return mark(
        next,
        tripped
          ? { kind: 'trip', text: `conflict monitor: ${what}` }
          : { kind: 'reset', text: 'the conflict monitor was reset' },
      )
    }
    case 'link':
      return withLink(model, event.isUp, nowMs)
    case 'mark':
      return mark(model, event.mark)
    case 'tick':
      return withTime(model, nowMs)
    default:
      throw new TypeError(`unknown event ${event satisfies never}`)
  }
}

/** Whether a controller speaks. */
export const isControlled = ({ plan }: CrossingModel, nowMs: number): boolean =>
  plan !== null && nowMs - plan.atMs <= PLAN_MS_MAX

function withFacts(model: CrossingModel, facts: CrossingFacts, nowMs: number): CrossingModel {
  const lights = facts.lights.map((name) => [name, model.lights.get(name) ?? newLight(nowMs)] as const)
  return { ...model, facts, lights: new Map(lights) }
}

function withLight(model: CrossingModel, name: string, light: LightRecord): CrossingModel {
  if (model.lights.get(name) === light) return model
  return { ...model, lights: new Map(model.lights).set(name, light) }
}

function withReport(model: CrossingModel, name: string, report: Report, nowMs: number): CrossingModel {
  const isKnown = model.lights.has(name)
  if (!isKnown && (model.facts !== null || model.lights.size >= LIGHTS_MAX)) return model
  const before = model.lights.get(name) ?? newLight(nowMs)
  const light = hearReport(before, report, nowMs)
  if (light === before) return model
  const heard = withChange(withLight(model, name, light), name, before)
  if (before.report === null || before.report.boot === report.boot) return heard
  return {
    ...heard,
    marks: withMark(heard.marks, { atMs: nowMs, kind: 'restart', text: `${name}: its lamp began anew` }),
  }
}

/** What follows where a light shows something else than `before`. */
function withChange(model: CrossingModel, name: string, before: LightRecord): CrossingModel {
  const light = model.lights.get(name)
  if (light === undefined || light.bars === before.bars) return model
  return withConflicts(withIntergreens(model, name), name, before)
}

/** Measures what comes before the greens that are shown now, of this light and of those that had to wait for it. */
function withIntergreens(model: CrossingModel, name: string): CrossingModel {
  const rivalsOf = (one: string): readonly string[] => model.facts?.conflicting.get(one) ?? []
  const records = (names: readonly string[]): readonly LightRecord[] =>
    names.flatMap((one) => model.lights.get(one) ?? [])
  return [name, ...rivalsOf(name)].reduce((next, one) => {
    const light = model.lights.get(one)
    if (light === undefined || shownBy(light) !== 'green') return next
    const measured = newestIntergreen(light, records(rivalsOf(one)))
    return measured === null ? next : withLight(next, one, withIntergreen(light, measured))
  }, model)
}

/**
 * Looks, when a light's right of way has ended, whether another one has it and had it before. It ended at some time after
 * the last report `before`: where those in between were lost, that alone is certain.
 */
function withConflicts(model: CrossingModel, name: string, before: LightRecord): CrossingModel {
  const light = model.lights.get(name)
  if (light === undefined || !hasRightOfWay(before) || hasRightOfWay(light)) return model
  const others = model.facts?.conflicting.get(name) ?? []
  const met = others.filter((other) => {
    const record = model.lights.get(other)
    return record !== undefined && hasRightOfWay(record) && conflictMs(before, record) > slackMs(model, name, other)
  })
  if (met.length === 0) return model
  const text = `${name} and ${met.join(', ')} were both non-red`
  const atMs = light.stampedMs ?? 0
  return {
    ...model,
    marks: withMark(model.marks, { atMs, kind: 'conflict', text }),
    watch: { ...model.watch, conflicts: model.watch.conflicts + 1 },
  }
}

/** Clocks are compared through the network: what is shorter than its delays proves nothing, ms. */
function slackMs({ plan }: CrossingModel, ...names: readonly string[]): number {
  const trips = names.map((name) => plan?.message.lights[name]?.roundTripMs ?? 0)
  return SLACK_MS + Math.max(0, ...trips)
}
const SLACK_MS = 100

function withPlan(model: CrossingModel, message: PlanMessage, nowMs: number): CrossingModel {
  const before = model.plan?.message
  // Who was started anew is in charge of nothing at first: its run is compared with the last one that was.
  const run = model.plan?.run ?? null
  const next = { ...model, plan: { message, atMs: nowMs, run: message.run ?? run } }
  const marks: Omit<Mark, 'atMs'>[] = []
  if (run !== null && message.run !== null && message.run !== run)
    marks.push({ kind: 'restart', text: 'another controller took charge' })
  if (before !== undefined && message.state !== before.state) {
    if (before.state === 'running')
      marks.push({ kind: 'stop', text: `the plan stops: ${message.waitingFor ?? message.state}` })
    else if (message.state === 'running') marks.push({ kind: 'start', text: 'the plan runs' })
  }
  return { ...next, marks: marks.reduce((all, mark) => withMark(all, { atMs: nowMs, ...mark }), model.marks) }
}

function withLink(model: CrossingModel, isUp: boolean, nowMs: number): CrossingModel {
  if (isUp === model.link.isUp) return model
  const text = isUp ? 'this page is connected' : 'this page lost the broker'
  return {
    ...model,
    link: { isUp, sinceMs: nowMs },
    lights: isUp ? model.lights : new Map([...model.lights].map(([name, light]) => [name, loseSight(light)])),
    marks: withMark(model.marks, { atMs: nowMs, kind: 'link', text }),
  }
}

function withTime(model: CrossingModel, nowMs: number): CrossingModel {
  const staleMs = model.facts?.staleMs ?? STALE_MS
  let changed = false
  const lights = [...model.lights].map(([name, light]) => {
    const isStale = light.stampedMs !== null && nowMs - light.stampedMs > staleMs
    const next = forgetOld(isStale ? loseSight(light) : light, nowMs)
    changed ||= next !== light
    return [name, next] as const
  })
  return changed ? { ...model, lights: new Map(lights) } : model
}
