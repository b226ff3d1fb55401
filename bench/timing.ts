/** How exactly lights keep to the plan. */
import { DEMO_CROSSING } from 'mqtt-crossing'
import type { Demo, Grant } from './demo.ts'
import { type Aim, type Row, rowOf } from './figures.ts'
import { conflictMs, isNonRed, type Showing } from './trace.ts'
import type { Workbench } from './workbench.ts'

export const TIMING_MEANING = `A change is one right of way: a green and the red that ends it. *Shown* is the time in the trace (CLOCK_MONOTONIC, when
the lamp hands the frame to its display). *Planned* is the controller's own plan, on the same clock: the start of a stage
as its log line \`stage_granted\` tells it, and that plus green and amber of the crossing file. *Drift* is how far planned
starts are from the first one plus whole periods of the file; after an interruption it counts anew.`

/** Aims of the README: percentiles in ms. */
const LATE_MS = 6
const DRIFT_MS = 1

const { amberMs, allRedMs, redAmberMs } = DEMO_CROSSING.constants
const greenMs = DEMO_CROSSING.stages[0]?.greenMs ?? 0
const spanMs = redAmberMs + greenMs + amberMs
const periodMs = spanMs + allRedMs

/** How far from its planned time a frame is looked for, ms: less than from one green of a light to its next. */
const SEARCH_MS = periodMs / 2

interface CrossingTiming {
  readonly greensLate: readonly number[]
  readonly redsEarly: readonly number[]
  readonly drifts: readonly number[]
  /** Why, each time that the plan stopped. */
  readonly interruptions: readonly string[]
  readonly conflictMs: number
}

export async function measureTiming(
  bench: Workbench,
  { changes, crossings }: { readonly changes: number; readonly crossings: number },
): Promise<readonly Row[]> {
  const each = Math.ceil(changes / crossings)
  bench.say(`timing: ${crossings} crossings side by side, ${each} changes each, ${(each * periodMs) / 1000} s`)
  const demos = await bench.startDemos(crossings, 'debug')
  const timings = await Promise.all(demos.map((demo) => timingOf(bench, demo, each)))
  for (const why of timings.flatMap(({ interruptions }) => interruptions)) bench.say(`timing: interrupted: ${why}`)
  const late: Aim = { of: 'p99', atMost: LATE_MS }
  const drift: Aim = { of: 'max', atMost: DRIFT_MS }
  const none: Aim = { of: 'max', atMost: 0 }
  const row = (what: string, of: (timing: CrossingTiming) => readonly number[], aim: Aim): Row =>
    rowOf(what, timings.flatMap(of), aim)
  return [
    row('green shown after its planned start, ms', ({ greensLate }) => greensLate, late),
    row('red shown before its planned end, ms', ({ redsEarly }) => redsEarly, late),
    row(`drift of the plan over ${each} changes, ms`, ({ drifts }) => drifts, drift),
    row('interruptions of the plan, per crossing', ({ interruptions }) => [interruptions.length], none),
    row('two lights green or amber at once, per crossing, ms', ({ conflictMs }) => [conflictMs], none),
  ]
}

async function timingOf(bench: Workbench, demo: Demo, changes: number): Promise<CrossingTiming> {
  // Once the second stage after it is granted, the last one to count has ended.
  await demo.until(() => demo.grants.length >= changes + 2, (changes + 2) * periodMs * 1.5 + 10_000)
  const grants = demo.grants.slice(0, changes)
  // Why figures are far off, where they are. The stop below has warnings of its own.
  for (const warning of demo.warnings) bench.say(warning)
  await demo.stop()
  const trace = demo.trace()
  return {
    greensLate: grants.map((grant) => {
      const isGreen = ({ light, colour }: Showing): boolean => light === lightOf(grant) && colour === 'green'
      return shownAt(trace, grant.startsAtMs, isGreen) - grant.startsAtMs
    }),
    redsEarly: grants.map((grant) => {
      const endsAtMs = grant.startsAtMs + spanMs
      return endsAtMs - shownAt(trace, endsAtMs, (showing) => showing.light === lightOf(grant) && !isNonRed(showing))
    }),
    drifts: driftsOf(grants),
    interruptions: grants.flatMap(({ interruption }) => interruption ?? []),
    conflictMs: conflictMs(trace),
  }
}

function driftsOf(grants: readonly Grant[]): readonly number[] {
  let first = 0
  return grants.map(({ startsAtMs, interruption }, index) => {
    if (interruption !== null) first = index
    return Math.abs(startsAtMs - (grants[first]?.startsAtMs ?? Number.NaN) - (index - first) * periodMs)
  })
}

/** When the first such frame near `plannedMs` was painted. Throws where there is none. */
function shownAt(trace: readonly Showing[], plannedMs: number, fits: (showing: Showing) => boolean): number {
  const found = trace.find((showing) => Math.abs(showing.atMs - plannedMs) < SEARCH_MS && fits(showing))
  if (found === undefined) throw new Error(`a change planned for ${plannedMs} ms was never shown`)
  return found.atMs
}

function lightOf({ stage }: Grant): string {
  const light = DEMO_CROSSING.stages.find(({ name }) => name === stage)?.green[0]
  if (light === undefined) throw new Error(`the demo crossing has no stage '${stage}'`)
  return light
}
