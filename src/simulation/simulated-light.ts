/**
 * A light's machine: the process of the light, which is the program that ships with its dead-man and its link, the lamps
 * that it starts, and who starts it again when it has died.
 */
import type { Display } from '../clients/display/display.ts'
import type { LampChild, LampChildListener } from '../clients/light/lamp-child.ts'
import { guardLamp } from '../clients/light/lamp-guard.ts'
import { type RunningLight, runLight } from '../clients/light/run.ts'
import type { OpenLink } from '../clients/link/mqtt-link.ts'
import type { Random } from '../platform/random.ts'
import { type Aspect, isNonRed } from '../protocol/aspect.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { DisplayLock } from './display-lock.ts'
import type { Line } from './line.ts'
import type { Sign } from './oracle.ts'
import type { SeededRandom } from './random.ts'
import { SimulatedLamp } from './simulated-lamp.ts'
import { SimulatedProcess } from './simulated-process.ts'
import { loggerOf, type World } from './world.ts'

/** A slow timer of a process that watches over a lamp is this late at most, ms: L6 has `lateMs` for all it does. */
const SLOW_MS = 35
/** Messages that wait in its socket. */
const SOCKET_MAX = 2000
/** A lamp's process starts within this; on a machine that has time, and the first time, within that, ms. */
const START_MS: readonly [number, number] = [20, 1500]
const QUICK_START_MS: readonly [number, number] = [5, 60]

/** Whether the times of a crossing let a display that is stuck while green be noticed. See P3. */
const noticesStuckGreen = ({ constants: { amberMs, allRedMs, staleMs, heartbeatMs } }: Crossing): boolean =>
  amberMs + allRedMs >= staleMs + heartbeatMs

export class SimulatedLight {
  readonly sign: Sign
  readonly line: Line
  readonly #world: World
  readonly #random: SeededRandom
  readonly #lock: DisplayLock
  #process: SimulatedProcess | null = null
  #light: RunningLight | null = null
  /** The one that was started last. */
  #lamp: SimulatedLamp | null = null
  /** Those whose process is there, the orphans of a light that died included. */
  #lamps: SimulatedLamp[] = []
  /** The digest of the crossing file that it reads. */
  #file: string
  #startMs: number
  #isAsleep = false
  #isStopping = false

  constructor(world: World, own: { sign: Sign; line: Line; random: SeededRandom }) {
    this.sign = own.sign
    this.line = own.line
    this.#world = world
    this.#random = own.random
    this.#lock = new DisplayLock(world)
    this.#file = world.crossing.digest
    this.#startMs = own.random.between(...QUICK_START_MS)
  }

  /** The digest of the file that all should have. */
  get ownFile(): string {
    return this.#world.crossing.digest
  }

  start(): void {
    if (this.#process?.isAlive === true || this.#isAsleep) return
    const { sign } = this
    const { ways, timeline } = this.#world
    const crossing = { ...ways.lampCrossing(this.#world.crossing), digest: this.#file }
    const logger = loggerOf(this.#world, sign.name)
    const process = new SimulatedProcess({
      world: this.#world,
      clock: sign.clock,
      slowMs: SLOW_MS,
      inboxMax: SOCKET_MAX,
    })
    process.onTask = () => {
      if (this.#isStopping) timeline.settle()
    }
    this.#process = process
    this.#isStopping = false
    const lamp = guardLamp(
      {
        clock: process,
        logger,
        painted: { light: sign.name, display: 'none', trace: null },
        rest: Promise.resolve({ lock: sign.name, file: crossing.digest, constants: crossing.constants }),
      },
      {
        startChild: (_display, listener) => this.#startLamp(process, listener),
        openDisplay: () => this.#displayOfGuard(),
      },
    )
    const random: Random = { uint32: () => this.#random.uint32() }
    this.#light = runLight(
      { name: sign.name, url: 'mqtt://simulated', password: '', crossing },
      { clock: process, random, logger, lamp, openLink: this.#linkOf(process) },
    )
  }

  /** The lamp dies; the next one takes `startMs` to start. */
  crash(startMs = this.#random.between(...START_MS)): void {
    if (!this.#isWatched()) return
    this.#world.tell?.(`${this.sign.name}: the lamp crashes`)
    this.#startMs = startMs
    this.#expectRed()
    this.#lamp?.process.kill()
  }

  /** The lamp is stopped for a while; if it is too long, the dead-man acts. */
  stop(ms: number): void {
    const process = this.#lamp?.process
    if (process === undefined || !this.#isWatched()) return
    this.#world.tell?.(`${this.sign.name}: the lamp is stopped for ${ms.toFixed(0)} ms`)
    this.#expectRed()
    process.stop()
    this.#world.timeline.after(ms, () => this.#goOn(process))
  }

  /** The process of the light is stopped, and with it the dead-man; the lamp is not. */
  stopProcess(ms: number): void {
    const process = this.#process
    if (process === null || !this.#isWatched()) return
    this.#world.tell?.(`${this.sign.name}: its process is stopped for ${ms.toFixed(0)} ms`)
    process.stop()
    this.#world.timeline.after(ms, () => this.#goOn(process))
  }

  /** The process of the light dies: its lamp is an orphan, and a new process waits until that is gone. */
  crashProcess(restartMs: number): void {
    if (!this.#isWatched()) return
    this.#world.tell?.(`${this.sign.name}: its process crashes`)
    this.#process?.kill()
    this.#world.timeline.after(restartMs, () => this.start())
  }

  /** Lamp and dead-man are stopped together: nobody is left to paint the display. */
  freeze(ms: number): void {
    const processes = [this.#lamp?.process, this.#process].filter((one) => one !== undefined && one !== null)
    if (this.#isAsleep || processes.length < 2) return
    this.#world.tell?.(`${this.sign.name}: lamp and dead-man are stopped for ${ms.toFixed(0)} ms`)
    this.sign.wasExcused = true
    if (this.sign.aspect === 'amber' || !noticesStuckGreen(this.#world.crossing)) this.#world.oracle.excuse(this.sign)
    for (const process of processes) {
      process.stop()
      this.#world.timeline.after(ms, () => this.#goOn(process))
    }
  }

  /** The machine sleeps, its display as it was. */
  suspend(ms: number): void {
    if (this.#isAsleep) return
    this.#world.tell?.(`${this.sign.name}: its machine sleeps for ${ms.toFixed(0)} ms`)
    this.#isAsleep = true
    this.#world.oracle.excuse(this.sign)
    this.sign.clock.suspend()
    for (const process of this.#processes()) process.stop()
    this.#world.timeline.after(ms, () => this.wake())
  }

  wake(): void {
    if (!this.#isAsleep) return
    this.#isAsleep = false
    this.sign.clock.resume()
    this.#world.tell?.(`${this.sign.name}: its machine wakes`)
    for (const process of this.#processes()) process.goOn()
    this.start()
  }

  stepWall(ms: number): void {
    this.#world.tell?.(`${this.sign.name}: its wall clock steps by ${ms.toFixed(0)} ms`)
    this.sign.clock.stepWall(ms)
  }

  setRate(rate: number): void {
    this.sign.clock.setRate(rate)
  }

  /** The machine starts anew, red: its clock begins again near 0. */
  reboot(uptimeMs: number): void {
    this.#world.tell?.(`${this.sign.name}: its machine starts anew`)
    this.#process?.kill()
    for (const process of this.#processes()) process.kill()
    this.#isAsleep = false
    this.#world.oracle.paint(this.sign, 'red', 'dead-man', null)
    this.sign.clock.restart(uptimeMs)
    this.start()
  }

  /** It is ended as a person ends it, and started with the crossing file of this digest. */
  setFile(digest: string): void {
    if (digest === this.#file) return
    this.#file = digest
    // One that is being ended reads the newest when it starts again.
    if (this.#isStopping) return
    this.#world.tell?.(`${this.sign.name} is ended, to read another file`)
    const process = this.#process
    if (process?.isAlive !== true) return
    this.#isStopping = true
    this.#world.timeline.settle()
    void this.#light?.stop().then(() => {
      process.kill()
      this.start()
    })
  }

  /** All is well from now on. */
  heal(): void {
    this.wake()
    this.#startMs = this.#random.between(...QUICK_START_MS)
    for (const process of this.#processes()) process.goOn()
    this.setFile(this.#world.crossing.digest)
    this.start()
  }

  #linkOf(process: SimulatedProcess): OpenLink {
    const { ways, network } = this.#world
    return (options, listener) => {
      const { subscriptions } = options
      const reads = subscriptions.filter(({ filter }) => ways.machine.readsOwnTopic || !filter.endsWith('/aspect'))
      return network.linkOf(this.line, process)({ ...options, subscriptions: reads }, listener)
    }
  }

  /** Whether the dead-man is at work: what else strikes a lamp without one strikes what no protocol can help. */
  #isWatched(): boolean {
    const isAtWork = this.#process?.isAlive === true && !this.#process.isStopped
    const lamp = this.#lamp?.process
    return isAtWork && !this.#isAsleep && !this.#isStopping && lamp?.isAlive === true && !lamp.isStopped
  }

  /** L6: `lateMs` after its lamp was struck now, a display is red, unless that lamp goes on. */
  #expectRed(): void {
    const { timeline, oracle, crossing } = this.#world
    const { sign } = this
    if (this.#lamp?.holdsDisplay !== true) return
    const struck = this.#lamp.process
    const struckAtMs = timeline.nowMs
    timeline.after(crossing.constants.lateMs, () => {
      const goesOn = struck.isAlive && !struck.isStopped
      if (goesOn || this.#isAsleep || !isNonRed(sign.aspect) || sign.beganAtMs > struckAtMs) return
      oracle.report('dead-man', `${sign.name} is still ${sign.aspect}, though its lamp is gone`)
    })
  }

  #goOn(process: SimulatedProcess): void {
    if (!this.#isAsleep) process.goOn()
  }

  #processes(): SimulatedProcess[] {
    this.#lamps = this.#lamps.filter(({ process }) => process.isAlive)
    return [...this.#lamps.map(({ process }) => process), ...(this.#process === null ? [] : [this.#process])]
  }

  #startLamp(parent: SimulatedProcess, listener: LampChildListener): LampChild {
    const { ways, timeline } = this.#world
    const startMs = this.#startMs
    this.#startMs = this.#random.between(...START_MS)
    const random: Random = { uint32: () => (ways.machine.drawsBoots ? this.#random.uint32() : 0) }
    const { sign } = this
    const lamp = new SimulatedLamp({ world: this.#world, sign, lock: this.#lock, random, parent, listener, startMs })
    this.#lamp = lamp
    this.#lamps.push(lamp)
    timeline.settle()
    return lamp
  }

  #displayOfGuard(): Display {
    const { oracle, ways, tell } = this.#world
    const { sign } = this
    const show = ({ aspect }: { readonly aspect: Aspect }): void => {
      if (!ways.machine.hasDeadMan) return
      if (isNonRed(sign.aspect)) tell?.(`${sign.name}: the dead-man paints ${aspect}`)
      oracle.paint(sign, aspect, 'dead-man', null)
      oracle.excuseNoMore(sign)
    }
    return { kind: 'simulated', show, close() {} }
  }
}
