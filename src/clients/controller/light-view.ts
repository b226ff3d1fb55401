/** What a controller knows of one light, and how a report changes it. Rules C1 to C3, C5 and C6 of docs/protocol.md. */
import type { Aspect } from '../../protocol/aspect.ts'
import { COMMANDS_REMEMBERED } from '../../protocol/limits.ts'
import type { Report } from '../../protocol/wire.ts'
import { type ClockBounds, echoed, heard, UNKNOWN, widthMs } from './clock-bounds.ts'

/** Right of way on record, green and amber together, in the controller's clock. */
export interface Span {
  readonly a: number
  /** Its end as sent; it may rise, never fall. */
  readonly c: number
}

export interface LightView {
  /** The boot believed, or null before the first report. */
  readonly boot: string | null
  readonly bounds: ClockBounds
  /** Commands of this run to this boot, oldest first: number and time of sending. */
  readonly sent: readonly { readonly n: number; readonly at: number }[]
  /** When the newest command that it echoed was sent; -Infinity while it echoed none. */
  readonly echoedSentAt: number
  /** When its boot first echoed this run, or null. */
  readonly adoptedAt: number | null
  /** When its last believed report arrived; -Infinity before the first. */
  readonly heardAt: number
  readonly aspect: Aspect | null
  /** For how long it had taken no command when it reported last, ms; Infinity where it never took one. */
  readonly idleMs: number
  /** Until when it may still be commanded by another, by all that was heard of it; -Infinity where it never was. */
  readonly busyUntil: number
  readonly roundTripMs: number | null
  /** The newest span sent to it, or that may have been. */
  readonly span: Span | null
  /** Digest of another crossing file that it, or another light of its name, reported, and when; null while none. */
  readonly differs: { readonly file: string; readonly at: number } | null
}

/** The rules of listening by their names in docs/protocol.md. */
export const LISTENING_RULES = {
  /** An echo counts only with the controller's own run: another one's n has another time of sending. */
  C1: (report: Report, run: number): boolean => report.run === run,
  /** Fresh: the newest command that it echoed was *sent* lately. The arrival of a report proves nothing of its age. */
  C2: (view: LightView, t: number, staleMs: number): boolean => t - view.echoedSentAt <= staleMs,
  /** Another boot is believed only once the known one is not fresh. */
  C3: (view: LightView, report: Report, isFresh: boolean): boolean => report.boot === view.boot || !isFresh,
  /** A light that reads another crossing file is not believed. */
  C6: (report: Report, file: string): boolean => report.file === file,
} as const

export type ListeningRules = { readonly [Rule in keyof typeof LISTENING_RULES]: (typeof LISTENING_RULES)[Rule] }

export const UNHEARD: LightView = {
  boot: null,
  bounds: UNKNOWN,
  sent: [],
  echoedSentAt: Number.NEGATIVE_INFINITY,
  adoptedAt: null,
  heardAt: Number.NEGATIVE_INFINITY,
  aspect: null,
  idleMs: 0,
  busyUntil: Number.NEGATIVE_INFINITY,
  roundTripMs: null,
  span: null,
  differs: null,
}

/** Nothing known of its clock or its memory any more; what was granted stays on record. */
export const forget = (view: LightView): LightView => ({
  ...view,
  bounds: UNKNOWN,
  sent: [],
  echoedSentAt: Number.NEGATIVE_INFINITY,
  adoptedAt: null,
  roundTripMs: null,
})

/** Notes that command `n` is about to be sent at `at`. */
export const noteSent = (view: LightView, n: number, at: number): LightView => ({
  ...view,
  sent: [...view.sent.slice(1 - COMMANDS_REMEMBERED), { n, at }],
})

export interface Listener {
  readonly file: string
  readonly rho: number
  readonly staleMs: number
  /** The run of a controller in charge; null otherwise: then no echo counts. */
  readonly run: number | null
  readonly rules: ListeningRules
}

export type Heard =
  | { readonly kind: 'heard'; readonly view: LightView }
  | { readonly kind: 'differs'; readonly view: LightView }
  | { readonly kind: 'another-boot-ignored' }
  | { readonly kind: 'new-boot'; readonly view: LightView }
  | { readonly kind: 'clock-broke-bound'; readonly view: LightView }

/** Takes a report that arrived at `receivedAt`. */
export function hear(listener: Listener, before: LightView, report: Report, receivedAt: number): Heard {
  const { rules, rho, staleMs, run } = listener
  if (!rules.C6(report, listener.file)) {
    return { kind: 'differs', view: { ...before, differs: { file: report.file, at: receivedAt } } }
  }
  if (!rules.C3(before, report, rules.C2(before, receivedAt, staleMs))) return { kind: 'another-boot-ignored' }
  const isNewBoot = report.boot !== before.boot
  const idleMs = report.run === 0 ? Number.POSITIVE_INFINITY : report.now - report.at
  const known: LightView = {
    ...(isNewBoot ? forget(before) : before),
    boot: report.boot,
    heardAt: receivedAt,
    aspect: report.aspect,
    idleMs,
    busyUntil: Math.max(before.busyUntil, receivedAt - idleMs + staleMs),
  }
  const listened = { ...known, bounds: heard(known.bounds, rho, report.now, receivedAt) }
  const view = run !== null && rules.C1(report, run) ? echo(listened, rho, report, receivedAt) : listened
  if (widthMs(view.bounds, rho, receivedAt) < 0) return { kind: 'clock-broke-bound', view: forget(view) }
  return { kind: isNewBoot ? 'new-boot' : 'heard', view }
}

/** C5 and the upper bound: it echoed a command of this run. */
function echo(view: LightView, rho: number, report: Report, receivedAt: number): LightView {
  const command = view.sent.find(({ n }) => n === report.n)
  // Too old to be remembered, or sent before its clock was given up: it says nothing of now.
  if (command === undefined) return view
  return {
    ...view,
    bounds: echoed(view.bounds, rho, report.at, command.at),
    adoptedAt: view.adoptedAt ?? receivedAt,
    echoedSentAt: Math.max(view.echoedSentAt, command.at),
    roundTripMs: command.at > view.echoedSentAt ? receivedAt - command.at : view.roundTripMs,
  }
}
