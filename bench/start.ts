/** How soon the compiled program shows something. */
import { type Row, rowOf } from './figures.ts'
import type { Workbench } from './workbench.ts'
import { greenLight } from './workbench.ts'

export const START_MEANING =
  'From the start of the process `node dist/program/cli.js demo` to the first frame in the trace.'

const RED_MS_MAX = 1500
const GREEN_MS_MAX = 4000

/** A start that takes this long has failed, ms. */
const WAIT_MS_MAX = 30_000

export async function measureStart(bench: Workbench, { starts }: { readonly starts: number }): Promise<readonly Row[]> {
  bench.say(`start: ${starts} times`)
  const firstReds: number[] = []
  const allReds: number[] = []
  const greens: number[] = []
  for (let index = 0; index < starts; index++) {
    const demo = await bench.startDemo()
    await demo.until(() => greenLight(demo) !== null, WAIT_MS_MAX)
    const trace = demo.trace()
    await demo.stop()
    const lights = [...new Set(trace.map(({ light }) => light))]
    const firstOf = (colour: 'red' | 'green', light?: string): number => {
      const first = trace.find((one) => one.colour === colour && (light === undefined || one.light === light))
      return (first?.atMs ?? Number.POSITIVE_INFINITY) - demo.bornAtMs
    }
    firstReds.push(firstOf('red'))
    allReds.push(Math.max(...lights.map((light) => firstOf('red', light))))
    greens.push(firstOf('green'))
  }
  return [
    rowOf('start to the first red, ms', firstReds, { of: 'max', atMost: RED_MS_MAX }),
    rowOf('start to red on both lights, ms', allReds, { of: 'max', atMost: RED_MS_MAX }),
    rowOf('start to the first green, ms', greens, { of: 'max', atMost: GREEN_MS_MAX }),
  ]
}
