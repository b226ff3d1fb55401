/** How soon a panel is red whose lamp dies or hangs while it is green, seen on the panel itself. */
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DEMO_CROSSING, startBroker, startController, startLight } from 'mqtt-crossing'
import { nowMs } from './demo.ts'
import { type Row, rowOf } from './figures.ts'
import { type LitPanel, type PanelName, startPanel } from './panel.ts'
import { familyOf } from './processes.ts'
import { lampOf } from './roles.ts'
import type { Workbench } from './workbench.ts'

export const PANEL_MEANING = `From the signal to a lamp while its light is green until red stands on the panel, which is looked at
every millisecond.`

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** From a green to the signal, ms; long before amber and red would come by themselves. */
const STRIKE_MS_MAX = 800

/** From a lamp's death to the next green, ms. */
const RECOVERY_MS_MAX = 60_000

export async function measurePanelDeadman(
  bench: Workbench,
  { kills, display }: { readonly kills: number; readonly display: PanelName },
): Promise<readonly Row[]> {
  await using broker = await startBroker({ users: `${ROOT}/users.json`, port: 0 })
  const url = broker.url ?? ''
  await using _controller = await startController({ url, username: 'controller', password: 'controller-demo' })
  await using _other = await startLight({ name: 'light2', url, password: 'light2-demo', display: 'none' })
  const program = [process.execPath, `${ROOT}/dist/program/cli.js`, 'light', 'light1', '--url', url]
  const env = { PATH: process.env['PATH'], MQTT_PASSWORD: 'light1-demo', LOG_LEVEL: 'error' }
  const panel = startPanel(display, program, env)
  try {
    const rows: Row[] = []
    for (const [what, signal] of [
      ['kill -9 of the lamp to red', 'SIGKILL'],
      ['SIGSTOP of the lamp to red', 'SIGSTOP'],
    ] as const) {
      bench.say(`deadman on ${display}: ${what}, ${kills} times`)
      const times: number[] = []
      while (times.length < kills) times.push(await strike(panel, signal))
      rows.push(rowOf(`${what}, ${display}, ms`, times, { of: 'p99', atMost: DEMO_CROSSING.constants.lateMs }))
    }
    return rows
  } finally {
    stop(panel)
  }
}

async function strike(panel: LitPanel, signal: NodeJS.Signals): Promise<number> {
  await until(panel, 'red')
  await until(panel, 'green')
  await sleep(Math.random() * STRIKE_MS_MAX)
  const lamp = lampOf(familyOf(panel.child.pid ?? 0), 'light1')
  const atMs = nowMs()
  process.kill(lamp.pid, signal)
  await until(panel, 'red')
  return nowMs() - atMs
}

async function until(panel: LitPanel, colour: 'red' | 'green'): Promise<void> {
  const giveUpMs = nowMs() + RECOVERY_MS_MAX
  while (panel.colour() !== colour) {
    if (nowMs() > giveUpMs) throw new Error(`the panel did not become ${colour} within ${RECOVERY_MS_MAX} ms`)
    await sleep(1)
  }
}

/** The light and its lamp; the lamp would go on by itself, flashing until another comes. */
function stop({ child }: LitPanel): void {
  for (const { pid } of familyOf(child.pid ?? 0).toReversed()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
}
