/** A light: its machine, its lamp, the dead-man that watches over that, and the process that carries messages. */
import type { LampSettings } from '../clients/light/lamp.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Command, Report } from '../protocol/wire.ts'
import type { Sign } from './oracle.ts'
import type { SeededRandom } from './random.ts'
import { LOOK_MS, SimulatedLamp } from './simulated-lamp.ts'
import { timerLatenessMs, type World } from './world.ts'

/** The dead-man acts after this at the earliest, ms. Source: lamp-guard.ts, SILENCE_MS_MAX. */
const SILENCE_MS = 120
/** It hears at once that a process has ended, or is as late as for one that is stopped. */
const EXIT_SEEN_MS = 5
/** Whether the times of a crossing let a display that is stuck while green be noticed. See grantsAt in plan.ts. */
const noticesStuckGreen = ({ constants: { amberMs, allRedMs, staleMs, heartbeatMs } }: Crossing): boolean =>
  amberMs + allRedMs >= staleMs + heartbeatMs

/** A lamp starts within this, ms. */
const START_MS: readonly [number, number] = [20, 1500]

export class SimulatedLight {
  readonly sign: Sign
  readonly #world: World
  readonly #random: SeededRandom
  readonly #onReport: (report: Report) => void
  #lamp: SimulatedLamp | null = null
  /** The digest that its lamp reports. */
  #file: string
  #isAsleep = false
  #stops = 0

  constructor(world: World, own: { sign: Sign; random: SeededRandom; onReport: (report: Report) => void }) {
    this.sign = own.sign
    this.#world = world
    this.#random = own.random
    this.#onReport = own.onReport
    this.#file = world.crossing.digest
  }

  /** The digest of the file that all should have. */
  get ownFile(): string {
    return this.#world.crossing.digest
  }

  start(): void {
    if (this.#lamp !== null || this.#isAsleep) return
    const { ways, crossing, tell } = this.#world
    tell?.(`${this.sign.name}: a lamp starts`)
    this.#paintRed()
    const settings: LampSettings = {
      file: this.#file,
      constants: ways.lampCrossing(crossing).constants,
      drawBoot: () => (ways.machine.drawsBoots ? `b${this.#random.uint32()}` : 'b'),
      rules: ways.lamp,
    }
    this.#lamp = new SimulatedLamp({ world: this.#world, settings, sign: this.sign, onReport: this.#onReport })
  }

  command(command: Command): void {
    this.#lamp?.command(command)
  }

  /** The lamp dies: the dead-man paints red, and starts another after a while. */
  crash(restartMs = this.#random.between(...START_MS)): void {
    this.#world.tell?.(`${this.sign.name}: the lamp crashes`)
    this.#lamp?.kill()
    const { lateMs } = this.#world.crossing.constants
    const seenMs = this.#random.chance(0.5) ? EXIT_SEEN_MS : lateMs * 0.9
    this.#watch(this.#lamp, this.#random.between(0, seenMs), restartMs)
  }

  /** The lamp is stopped for a while; if it is too long, the dead-man acts. */
  stop(ms: number): void {
    const lamp = this.#lamp
    if (lamp === null || this.#isAsleep) return
    this.#world.tell?.(`${this.sign.name}: the lamp is stopped for ${ms.toFixed(0)} ms`)
    lamp.stop()
    this.#world.timeline.after(ms, () => lamp.goOn())
    const deathMs = this.#random.between(SILENCE_MS, Math.min(this.#world.crossing.constants.lateMs, 200))
    if (ms > deathMs) this.#watch(lamp, deathMs, this.#random.between(...START_MS))
  }

  /** Lamp and dead-man are stopped together: nobody is left to paint the display. */
  freeze(ms: number): void {
    const lamp = this.#lamp
    if (lamp === null || this.#isAsleep) return
    this.#world.tell?.(`${this.sign.name}: lamp and dead-man are stopped for ${ms.toFixed(0)} ms`)
    this.sign.wasExcused = true
    if (this.sign.aspect === 'amber' || !noticesStuckGreen(this.#world.crossing)) this.#world.oracle.excuse(this.sign)
    lamp.stop()
    this.#world.timeline.after(ms, () => lamp.goOn())
  }

  /** The machine sleeps, its display as it was. */
  suspend(ms: number): void {
    if (this.#isAsleep) return
    this.#world.tell?.(`${this.sign.name}: its machine sleeps for ${ms.toFixed(0)} ms`)
    this.#isAsleep = true
    this.#world.oracle.excuse(this.sign)
    this.sign.clock.suspend()
    this.#lamp?.stop()
    this.#world.timeline.after(ms, () => this.wake())
  }

  wake(): void {
    if (!this.#isAsleep) return
    this.#isAsleep = false
    this.sign.clock.resume()
    this.#world.tell?.(`${this.sign.name}: its machine wakes`)
    const lamp = this.#lamp
    if (lamp === null) return this.start()
    this.#world.timeline.after(this.#random.between(0, LOOK_MS) + timerLatenessMs(this.#world), () => lamp.goOn())
  }

  stepWall(ms: number): void {
    this.#world.tell?.(`${this.sign.name}: its wall clock steps by ${ms.toFixed(0)} ms`)
    this.sign.clock.stepWall(ms)
    this.#lamp?.look()
  }

  setRate(rate: number): void {
    this.sign.clock.setRate(rate)
    this.#lamp?.look()
  }

  /** The machine starts anew: its clock begins again near 0. */
  reboot(startMs: number): void {
    this.#world.tell?.(`${this.sign.name}: its machine starts anew`)
    this.#lamp?.kill()
    this.#lamp = null
    this.#isAsleep = false
    this.#paintRed()
    this.sign.clock.restart(startMs)
    this.#stops++
    this.start()
  }

  /** Its next lamp reads a crossing file with this digest. */
  setFile(digest: string): void {
    if (digest === this.#file) return
    this.#file = digest
    this.crash(0)
  }

  /** All is well from now on. */
  heal(): void {
    this.wake()
    this.#lamp?.goOn()
    this.setFile(this.#world.crossing.digest)
    this.start()
  }

  /** After `ms` the dead-man makes sure that `lamp` is gone, paints red, and only then starts another. */
  #watch(lamp: SimulatedLamp | null, ms: number, restartMs: number): void {
    const { hasDeadMan, killsFirst } = this.#world.ways.machine
    const stop = ++this.#stops
    this.#world.timeline.after(ms, () => {
      // A machine that sleeps has no dead-man; what it missed it does when it wakes.
      if (this.#isAsleep && stop === this.#stops) return this.#watch(lamp, LOOK_MS, restartMs)
      if (this.#lamp !== lamp || stop !== this.#stops) return
      if (killsFirst) lamp?.kill()
      if (hasDeadMan) {
        this.#world.tell?.(`${this.sign.name}: the dead-man acts`)
        this.#paintRed()
        this.#world.oracle.excuseNoMore(this.sign)
      }
      this.#lamp = null
      this.#world.timeline.after(hasDeadMan ? restartMs : 5000, () => this.start())
    })
  }

  #paintRed(): void {
    this.#world.oracle.paint(this.sign, 'red', 'dead-man', null)
  }
}
