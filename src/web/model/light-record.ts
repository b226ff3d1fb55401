/**
 * What is known of one light: what its lamp reported, and when, on the page's own clock. Pure.
 *
 * The picture is made of reports alone. A report is stamped by the lamp's clock, so that a late one changes the past
 * where it belongs; how the two clocks stand to each other is told by the report that was least delayed.
 */
import type { Aspect, Interval, LightTime } from '../../protocol/aspect.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import type { Intergreen } from './conflict.ts'

/** What a lamp was seen to show; `unknown` where nothing was heard of it. */
export type Shown = Aspect | 'unknown'

/** One aspect from its start to its end, page time, ms. */
export interface Bar {
  readonly shown: Shown
  readonly fromMs: number
  /** null: it lasts. */
  readonly toMs: number | null
}

/** An interval that a controller asked for, page time, ms. */
export interface Intent {
  readonly boot: string
  readonly fromMs: number
  readonly untilMs: number
  readonly redMs: number
}

/** How a lamp's clock stands to the page's. */
export interface LampClock {
  readonly boot: string
  /** Page time less lamp time, ms; too large by the least delay of a report. */
  readonly offsetMs: number
  readonly sampledMs: number
}

export interface LightRecord {
  /** Oldest first; the last one lasts. */
  readonly bars: readonly Bar[]
  /** Oldest first. */
  readonly intents: readonly Intent[]
  /** Measured before its greens, oldest first. */
  readonly intergreens: readonly Intergreen[]
  readonly clock: LampClock | null
  /** The newest report; null before the first. */
  readonly report: Report | null
  /** The newest interval commanded, in the lamp's clock. */
  readonly given: Interval | null
  /** When its newest report was stamped, page time; null before the first. It is heard as long as that is not old. */
  readonly stampedMs: number | null
  /** How long after its planned time the last change was shown, ms; negative: before. null where no plan is known. */
  readonly lateMs: number | null
}

/** What the diagram shows, and so what is kept, ms. */
export const HISTORY_MS = 120_000

/** Bars and intents of a light that are kept: ten times those of a demo in that time. */
export const BARS_MAX = 512

/** Two clocks may drift apart so fast; by as much an offset is trusted less with time. Source: docs/protocol.md, rho. */
const DRIFT = 0.002

export const newLight = (nowMs: number): LightRecord => ({
  bars: [{ shown: 'unknown', fromMs: nowMs, toMs: null }],
  intents: [],
  intergreens: [],
  clock: null,
  report: null,
  given: null,
  stampedMs: null,
  lateMs: null,
})

/** What it shows, as far as is known. */
export const shownBy = ({ bars }: LightRecord): Shown => bars.at(-1)?.shown ?? 'unknown'

/** A report that arrived at `nowMs`. One that is older than what is known changes nothing. */
export function hearReport(light: LightRecord, report: Report, nowMs: number): LightRecord {
  const isSameBoot = report.boot === light.report?.boot
  if (isSameBoot && light.report !== null && report.now <= light.report.now) return light
  const clock = clockAfter(light.clock, report, nowMs)
  const stampedMs = Math.min(nowMs, report.now + clock.offsetMs)
  const given = isSameBoot ? light.given : null
  const before = shownBy(light)
  return {
    ...light,
    clock,
    report,
    stampedMs,
    given,
    lateMs:
      before === report.aspect ? light.lateMs : latenessOf({ from: before, to: report.aspect }, given, report.now),
    bars: withBar(light.bars, report.aspect, stampedMs),
  }
}

/** A command on its way to the light. What it asks for is drawn, and nothing follows from it. */
export function hearCommand(light: LightRecord, { boot, green }: Command): LightRecord {
  const { clock } = light
  // Without an interval, or with one that is red alone, nothing is intended; another boot is not this lamp.
  if (green === undefined || green.red <= green.from || clock === null || clock.boot !== boot) return light
  const at = (time: LightTime): number => time + clock.offsetMs
  const intent: Intent = { boot, fromMs: at(green.from), untilMs: at(green.until), redMs: at(green.red) }
  const last = light.intents.at(-1)
  // A renewal of what was asked for before, and not another one.
  const isRenewal = last !== undefined && last.boot === boot && intent.fromMs < last.redMs
  const others = isRenewal ? light.intents.slice(0, -1) : light.intents
  return { ...light, given: green, intents: [...others.slice(1 - BARS_MAX), intent] }
}

/** Takes what was measured before its newest green; measured again, it replaces what was. */
export function withIntergreen(light: LightRecord, measured: Intergreen): LightRecord {
  const last = light.intergreens.at(-1)
  if (last?.fromMs === measured.fromMs && last.toMs === measured.toMs) return light
  const others = last?.toMs === measured.toMs ? light.intergreens.slice(0, -1) : light.intergreens
  return { ...light, intergreens: [...others.slice(1 - BARS_MAX), measured] }
}

/** Nothing is known any more from the last stamp on: it was not heard for too long, or this page is cut off. */
export function loseSight(light: LightRecord): LightRecord {
  if (shownBy(light) === 'unknown') return light
  return { ...light, lateMs: null, bars: withBar(light.bars, 'unknown', light.stampedMs ?? 0) }
}

/** Leaves out what is older than the diagram. */
export function forgetOld(light: LightRecord, nowMs: number): LightRecord {
  const oldestMs = nowMs - HISTORY_MS
  const [bar] = light.bars
  const [intent] = light.intents
  const isOld = (bar?.toMs ?? nowMs) < oldestMs || (intent?.redMs ?? nowMs) < oldestMs
  if (!isOld) return light
  return {
    ...light,
    bars: light.bars.filter(({ toMs }) => toMs === null || toMs >= oldestMs),
    intents: light.intents.filter(({ redMs }) => redMs >= oldestMs),
    intergreens: light.intergreens.filter(({ toMs }) => toMs >= oldestMs),
  }
}

function clockAfter(clock: LampClock | null, { boot, now }: Report, nowMs: number): LampClock {
  const sample = nowMs - now
  if (clock === null || clock.boot !== boot) return { boot, offsetMs: sample, sampledMs: nowMs }
  const trusted = clock.offsetMs + DRIFT * (nowMs - clock.sampledMs)
  return { boot, offsetMs: Math.min(trusted, sample), sampledMs: nowMs }
}

function withBar(bars: readonly Bar[], shown: Shown, fromMs: number): readonly Bar[] {
  const last = bars.at(-1)
  if (last === undefined) return [{ shown, fromMs, toMs: null }]
  if (last.shown === shown) return bars
  const startMs = Math.max(last.fromMs, fromMs)
  return [...bars.slice(1 - BARS_MAX, -1), { ...last, toMs: startMs }, { shown, fromMs: startMs, toMs: null }]
}

/** In the lamp's own clock, so that no network is part of it; null for a change that no interval asks for. */
function latenessOf(change: { from: Shown; to: Aspect }, given: Interval | null, now: number): number | null {
  if (given === null) return null
  const { from, to } = change
  if (from === 'red' || from === 'flashing-red') return to === 'green' || to === 'red-amber' ? now - given.from : null
  if (from === 'green' && to === 'amber') return now - given.until
  return from === 'amber' && to === 'red' ? now - given.red : null
}
