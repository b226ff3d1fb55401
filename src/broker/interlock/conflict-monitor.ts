/**
 * The conflict monitor of one crossing: an independent watch on the aspects that lamps report, as a monitor in hardware
 * watches the lamps' current. Pure: messages and times come in, a finding comes out; watch.ts acts on it. It shares the
 * crossing file with the controller, and nothing that the controller decides by, or both would fail together.
 *
 * What it sees. Commands and reports as they pass the broker. Of each boot of each lamp it bounds the clock by itself
 * (boot-clock.ts): a report was stamped before it passed, and after the command passed that it echoes. It knows of no
 * message that did not pass, and of none before it began.
 *
 * When it trips. Only on what is certain, whatever the network did:
 * - two conflicting lights were reported non-red together for TOGETHER_MS, at the least that the bounds leave open;
 * - a lamp reports, for as long, an aspect that no interval allows it: it took no command at all (run 0), or none since
 *   more than a horizon, or every interval that it can hold was seen and none gives that aspect at that time.
 * Never on what only looks so: bounds too wide, a report that is old, a copy, or contradicts what its boot said before
 * (M1), a command that passes again (M2), a clock that stood still or was set (M3), reports that are missing (M4),
 * commands that passed before it began (M5), or that are sent again from a time before (M7).
 *
 * Why TOGETHER_MS lies where it does. NEMA TS 2: a conflict of more than 450 ms must trip, one of less than 200 must
 * not. What is certain is never more than what was, so 200 would do; the 50 above it are for what the bounds take for
 * granted and nobody can check, such as a suspend too short to be seen. The 200 below 450 are what the bounds of two
 * clocks may leave open: about a hop down and a hop up. The report period costs nothing: a lamp reports each change at
 * its moment, and between two reports it is bound to the interval that it echoed (M4). The proof is in docs/protocol.md.
 */
import type { Aspect } from '../../protocol/aspect.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import { type BootWatch, commandPasses, type MonitorSettings, newBootWatch, reportPasses } from './boot-watch.ts'

/** A conflict that is certain for this long trips, ms. Source: NEMA TS 2, between 200 and 450. */
export const TOGETHER_MS = 250

/** Boots of a light that are watched at once; the one that is silent longest is forgotten. */
const BOOTS_MAX = 4

/** Between its two clocks a step of more than this shows that one was set, or that the machine slept, ms. */
const STEP_MS = 100

export interface MonitorState {
  /** Of each light its boots, the one heard of last at the end. */
  readonly lights: ReadonlyMap<string, readonly BootWatch[]>
  /** Wall clock less monotonic clock at the last message; null before the first. */
  readonly wallOffsetMs: number | null
}

export type MonitorEvent =
  | { readonly kind: 'command'; readonly light: string; readonly command: Command }
  | { readonly kind: 'report'; readonly light: string; readonly report: Report }

/** The broker's own clocks, read when a message came and before it is passed on. */
export interface MonitorMoment {
  readonly t: number
  readonly wallMs: number
}

export type Finding =
  | { readonly kind: 'conflict'; readonly lights: readonly [string, string]; readonly forMs: number }
  | { readonly kind: 'unallowed'; readonly light: string; readonly aspect: Aspect }

export const NOTHING_SEEN: MonitorState = { lights: new Map(), wallOffsetMs: null }

/** Takes a message that passes; gives what is known after it, and what must trip the crossing, if anything. */
export function stepMonitor(
  settings: MonitorSettings,
  before: MonitorState,
  event: MonitorEvent,
  { t, wallMs }: MonitorMoment,
): readonly [MonitorState, Finding | null] {
  const wallOffsetMs = wallMs - t
  const isStep = before.wallOffsetMs !== null && Math.abs(wallOffsetMs - before.wallOffsetMs) > STEP_MS
  const state: MonitorState = { lights: isStep ? NOTHING_SEEN.lights : before.lights, wallOffsetMs }
  const { light } = event
  if (!settings.crossing.lights.includes(light)) return [state, null]
  const boots = state.lights.get(light) ?? []
  const { boot } = event.kind === 'command' ? event.command : event.report
  const known = boots.find((one) => one.boot === boot) ?? newBootWatch(boot, t)
  const watch =
    event.kind === 'command'
      ? commandPasses(settings, known, event.command, t)
      : reportPasses(settings, known, event.report, t)
  const others = boots.filter((one) => one.boot !== boot).slice(1 - BOOTS_MAX)
  const next = { ...state, lights: new Map(state.lights).set(light, [...others, watch]) }
  return [next, event.kind === 'command' || watch === known ? null : findingOf(settings, next, light, watch)]
}

function findingOf(
  { crossing, rules }: MonitorSettings,
  { lights }: MonitorState,
  light: string,
  watch: BootWatch,
): Finding | null {
  const { newest, unallowedSince } = watch
  if (newest !== null && unallowedSince !== null && newest.now - unallowedSince >= TOGETHER_MS) {
    return { kind: 'unallowed', light, aspect: newest.aspect }
  }
  const { rho } = crossing.constants
  for (const rival of crossing.conflicting.get(light) ?? []) {
    for (const other of lights.get(rival) ?? []) {
      const forMs = longestTogetherMs(rules, rho, watch, other)
      if (forMs >= TOGETHER_MS) return { kind: 'conflict', lights: [light, rival], forMs }
    }
  }
  return null
}

function longestTogetherMs({ M6 }: MonitorSettings['rules'], rho: number, a: BootWatch, b: BootWatch): number {
  const together = a.shown.flatMap((shown) =>
    b.shown.map((rival) => M6(rho, { clock: a.clock, shown }, { clock: b.clock, shown: rival })),
  )
  return Math.max(Number.NEGATIVE_INFINITY, ...together)
}
