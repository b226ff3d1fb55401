/** The lock on a display, as lamp-lock.ts takes it from the system: one lamp holds it until its process has ended. */
import type { LampLockOptions } from '../clients/light/lamp-lock.ts'
import type { SimulatedLamp } from './simulated-lamp.ts'
import type { World } from './world.ts'

/** A holder is looked at this often, ms. Source: lamp-lock.ts, LOOK_MS. */
const LOOK_MS = 1000

interface Waiting {
  readonly lamp: SimulatedLamp
  readonly take: () => void
}

export class DisplayLock {
  readonly #world: World
  #holder: SimulatedLamp | null = null
  #waiting: Waiting[] = []

  constructor(world: World) {
    this.#world = world
  }

  hold(lamp: SimulatedLamp, { orphanMs, onWaiting, signal }: LampLockOptions): Promise<void> {
    const holder = this.#holder
    // Without L6's "only when it is gone" there is no lock either.
    if (holder?.process.isAlive !== true || !this.#world.ways.machine.killsFirst) {
      this.#give(lamp)
      return Promise.resolve()
    }
    onWaiting(null)
    const { timeline, random } = this.#world
    timeline.after(orphanMs + random.between(0, LOOK_MS), () => {
      if (holder.isOrphan && lamp.process.isAlive) holder.process.kill()
    })
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason))
      this.#waiting.push({ lamp, take: resolve })
    })
  }

  #give(lamp: SimulatedLamp): void {
    this.#holder = lamp
    lamp.process.onEnd(() => {
      if (this.#holder === lamp) this.#pass()
    })
  }

  #pass(): void {
    this.#holder = null
    this.#waiting = this.#waiting.filter(({ lamp }) => lamp.process.isAlive)
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#give(next.lamp)
    next.lamp.process.receive(() => {
      next.take()
      this.#world.timeline.settle()
    })
  }
}
