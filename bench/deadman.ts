/** How soon a light is red whose lamp dies or hangs while it is green. */
import { setTimeout as sleep } from 'node:timers/promises'
import { DEMO_CROSSING } from 'mqtt-crossing'
import { type Demo, nowMs } from './demo.ts'
import { type Row, rowOf } from './figures.ts'
import { lampOf } from './roles.ts'
import { conflictMs, isNonRed } from './trace.ts'
import { greenLight, type Workbench } from './workbench.ts'

export const DEADMAN_MEANING = `From the signal to a lamp while its light is green to the next red frame in the trace, which the lamp's parent paints.
*Loaded*: beside eight programs for each core that start program after program, all at normal priority.`

/** From a green to the signal, ms; long before amber and red would come by themselves. */
const STRIKE_MS_MAX = 800

/** A busy machine may keep the bench waiting in the moment of the signal: then nobody knows when it was sent, ms. */
const SENT_WITHIN_MS_MAX = 2

/** From a lamp's death to the next green, ms; with a machine under load. */
const RECOVERY_MS_MAX = 60_000

interface Strike {
  readonly light: string
  readonly atMs: number
}

interface Ordeal {
  readonly what: string
  readonly signal: 'SIGKILL' | 'SIGSTOP'
  readonly loaded: boolean
}

const ORDEALS: readonly Ordeal[] = [
  { what: 'kill -9 of the lamp to red', signal: 'SIGKILL', loaded: false },
  { what: 'SIGSTOP of the lamp to red', signal: 'SIGSTOP', loaded: false },
  { what: 'kill -9 of the lamp to red, loaded', signal: 'SIGKILL', loaded: true },
  { what: 'SIGSTOP of the lamp to red, loaded', signal: 'SIGSTOP', loaded: true },
]

export async function measureDeadman(
  bench: Workbench,
  { kills, crossings }: { readonly kills: number; readonly crossings: number },
): Promise<readonly Row[]> {
  const demos = await bench.startDemos(crossings)
  const rows: Row[] = []
  let unload: (() => void) | null = null
  for (const { what, signal, loaded } of ORDEALS) {
    bench.say(`deadman: ${what}, ${kills} times`)
    if (loaded) unload ??= bench.loadMachine()
    rows.push(
      rowOf(`${what}, ms`, await strikeAll(demos, signal, kills), {
        of: 'max',
        atMost: DEMO_CROSSING.constants.lateMs,
      }),
    )
  }
  unload?.()
  await Promise.all(demos.map((demo) => demo.stop()))
  const conflicts = demos.map((demo) => conflictMs(demo.trace()))
  return [...rows, rowOf('two lights green or amber at once, per crossing, ms', conflicts, { of: 'max', atMost: 0 })]
}

/** Gives the time from each of `count` signals to red, ms. */
async function strikeAll(demos: readonly Demo[], signal: NodeJS.Signals, count: number): Promise<readonly number[]> {
  let left = count
  const times = await Promise.all(
    demos.map(async (demo) => {
      const strikes: Strike[] = []
      while (left > 0) {
        left--
        const { sentWithinMs, ...struck } = await strike(demo, signal)
        if (sentWithinMs <= SENT_WITHIN_MS_MAX) strikes.push(struck)
        else left++
      }
      // The last one is red long since once there is another green.
      await demo.until(() => greenLight(demo) !== null, RECOVERY_MS_MAX)
      return redAfter(demo, strikes)
    }),
  )
  return times.flat()
}

/** Waits for a green, sends `signal` to its lamp and waits until the demo says that it is over. */
async function strike(demo: Demo, signal: NodeJS.Signals): Promise<Strike & { readonly sentWithinMs: number }> {
  await demo.until(() => greenLight(demo) === null, RECOVERY_MS_MAX)
  let light = ''
  const isGreen = (): boolean => {
    // Kept as it is seen: on a busy machine it may be over a moment later.
    light = greenLight(demo) ?? ''
    return light !== ''
  }
  await demo.until(isGreen, RECOVERY_MS_MAX)
  const lamp = lampOf(demo.processes(), light)
  await sleep(Math.random() * STRIKE_MS_MAX)
  const atMs = nowMs()
  try {
    process.kill(lamp.pid, signal)
  } catch {
    // It was just being replaced: another one is struck.
    return { light, atMs, sentWithinMs: Number.POSITIVE_INFINITY }
  }
  const sentWithinMs = nowMs() - atMs
  await demo.until(() => demo.aspects.get(light) !== 'green', RECOVERY_MS_MAX)
  return { light, atMs, sentWithinMs }
}

function redAfter(demo: Demo, strikes: readonly Strike[]): readonly number[] {
  const trace = demo.trace()
  return strikes.map(({ light, atMs }) => {
    const red = trace.find((showing) => showing.light === light && showing.atMs > atMs && !isNonRed(showing))
    return (red?.atMs ?? Number.POSITIVE_INFINITY) - atMs
  })
}
