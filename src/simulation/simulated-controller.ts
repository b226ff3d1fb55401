/** A controller's machine, and its process: the controller that ships, on a simulated clock and link. */
import type { ControllerRules, ControllerState } from '../clients/controller/control-state.ts'
import { runController, type WatchedController } from '../clients/controller/run.ts'
import type { Link } from '../clients/link/link.ts'
import type { OpenLink } from '../clients/link/mqtt-link.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { parseCommand } from '../protocol/messages.ts'
import { parseTopic } from '../protocol/topics.ts'
import type { Line } from './line.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { loggerOf, type World } from './world.ts'

/** A slow timer is this late at most, ms. */
const SLOW_MS = 60
/** Messages that wait in the socket of a controller that is stopped. */
const SOCKET_MAX = 2000

type Sent = Parameters<Link['publish']>

export interface ControllerParts {
  readonly clock: SimulatedClock
  readonly random: SeededRandom
  readonly crossing: Crossing
  readonly line: Line
  readonly rules: ControllerRules
}

export class SimulatedController {
  readonly name: string
  readonly clock: SimulatedClock
  /** Told after each step, for who watches the plan. */
  onStep: (state: ControllerState) => void = () => {}
  readonly #world: World
  readonly #random: SeededRandom
  readonly #line: Line
  readonly #crossing: Crossing
  readonly #rules: ControllerRules
  #process: SimulatedProcess | null = null
  #running: WatchedController | null = null
  #stops = 0
  #stopsBeforeSendingMs = 0
  /** How many more commands it sends before it dies. */
  #lastCommands = Number.POSITIVE_INFINITY
  #isRetired = false
  #unsent: (() => void)[] = []

  constructor(world: World, own: ControllerParts) {
    this.name = own.line.name
    this.clock = own.clock
    this.#world = world
    this.#random = own.random
    this.#line = own.line
    this.#rules = own.rules
    this.#crossing = world.ways.controllerCrossing(own.crossing)
  }

  /** Of a controller that runs; null otherwise. */
  get state(): ControllerState | null {
    return this.#running?.state ?? null
  }

  start(): void {
    if (this.#process !== null || this.#isRetired) return
    const { ways, tell } = this.#world
    tell?.(`${this.name} starts`)
    const process = new SimulatedProcess({
      world: this.#world,
      clock: this.clock,
      slowMs: SLOW_MS,
      inboxMax: SOCKET_MAX,
    })
    this.#process = process
    const running = runController(
      { url: 'mqtt://simulated', username: this.name, password: '', crossing: this.#crossing },
      {
        clock: process,
        random: ways.machine.drawsRuns ? this.#random : { uint32: () => 0 },
        logger: loggerOf(this.#world, this.name),
        openLink: this.#linkOf(process),
        rules: this.#rules,
      },
    )
    this.#running = running
    let { state } = running
    process.onTask = () => {
      if (running.state === state) return
      state = running.state
      this.onStep(state)
    }
  }

  /** It dies, and is started again after `restartMs`. */
  crash(restartMs: number): void {
    this.#world.tell?.(`${this.name} crashes`)
    this.kill()
    this.#world.timeline.after(restartMs, () => this.start())
  }

  kill(): void {
    this.clock.resume()
    this.#process?.kill()
    this.#process = null
    this.#running = null
    this.#unsent = []
    this.#stopsBeforeSendingMs = 0
    this.#lastCommands = Number.POSITIVE_INFINITY
  }

  /** Gone for good. */
  retire(): void {
    this.kill()
    this.#isRetired = true
  }

  stop(ms: number): void {
    this.#world.tell?.(`${this.name} is stopped for ${ms.toFixed(0)} ms`)
    this.#process?.stop()
    const stop = ++this.#stops
    this.#world.timeline.after(ms, () => {
      if (stop === this.#stops) this.goOn()
    })
  }

  /** When it next has commands to send it is stopped in between. */
  stopBeforeSending(ms: number): void {
    this.#stopsBeforeSendingMs = ms
  }

  /** When it next has commands to send it dies with some of them sent. */
  dieWhileSending(): void {
    this.#lastCommands = this.#random.whole(0, this.#crossing.lights.length)
  }

  goOn(): void {
    for (const send of this.#unsent.splice(0)) send()
    this.#process?.goOn()
  }

  /** The machine sleeps: its clock stands still, and so does it. */
  suspend(ms: number): void {
    this.#world.tell?.(`${this.name}: its machine sleeps for ${ms.toFixed(0)} ms`)
    this.clock.suspend()
    this.#world.timeline.after(ms, () => this.clock.resume())
    this.stop(ms)
  }

  heal(): void {
    this.#stopsBeforeSendingMs = 0
    this.#lastCommands = Number.POSITIVE_INFINITY
    this.clock.resume()
    this.goOn()
  }

  #linkOf(process: SimulatedProcess): OpenLink {
    return (options, listener) => {
      const link = this.#world.network.linkOf(this.#line, process)(options, listener)
      return { ...link, publish: (...sent) => this.#publish(process, link, sent) }
    }
  }

  #publish(process: SimulatedProcess, link: Link, sent: Sent): boolean {
    if (!process.isAlive) return false
    const parsed = parseTopic(sent[0])
    if (parsed?.topic !== 'command') return link.publish(...sent)
    this.#noteGrant(parsed.light, sent[1])
    if (this.#lastCommands-- <= 0) {
      this.crash(this.#random.between(50, 5000))
      return false
    }
    if (this.#stopsBeforeSendingMs > 0) this.stop(this.#stopsBeforeSendingMs)
    this.#stopsBeforeSendingMs = 0
    if (!process.isStopped) return link.publish(...sent)
    this.#unsent.push(() => link.publish(...sent))
    return true
  }

  /** For the oracle: from which span an interval was made. */
  #noteGrant(light: string, payload: string): void {
    const green = parseCommand(Buffer.from(payload))?.green
    const span = this.state?.views.get(light)?.span ?? null
    if (green === undefined || span === null) return
    this.#world.oracle.granted(light, green, { by: this.name, span, clock: this.clock })
  }
}
