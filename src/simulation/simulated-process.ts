/**
 * A process of a simulated machine, as the programs of this package see one: a clock with timers that are late, and
 * messages that wait in a socket or pipe while it is stopped. What runs in it is the very code that ships.
 */
import type { Clock } from '../platform/clock.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import type { World } from './world.ts'

/** How late timers usually are, and how late a slow one is, ms at most; and one in how many is slow. */
const USUAL_MS = 10
const SLOW_ONE_IN = 50
/** Between slow ones: a process that is late every time is one that is stopped, which is a fault of its own. */
const SLOW_EVERY_MS = 250

export interface ProcessTraits {
  readonly world: World
  readonly clock: SimulatedClock
  /** How late a slow timer is, ms at most. */
  readonly slowMs: number
  /** Messages that wait while it is stopped; more are lost. */
  readonly inboxMax: number
}

export class SimulatedProcess implements Clock {
  /** Told after each task, for who watches what runs here. */
  onTask: () => void = () => {}
  readonly #traits: ProcessTraits
  readonly #due: (() => void)[] = []
  readonly #inbox: (() => void)[] = []
  readonly #endings: (() => void)[] = []
  #isAlive = true
  #isStopped = false
  #slowAgainAtMs = 0
  /** What is wrong about its reading of the clock now, ms. */
  #misreadMs = 0

  constructor(traits: ProcessTraits) {
    this.#traits = traits
  }

  get isAlive(): boolean {
    return this.#isAlive
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  monotonicMs(): number {
    return this.#traits.clock.monotonicMs() + this.#misreadMs
  }

  wallMs(): number {
    return this.#traits.clock.wallMs() + this.#misreadMs
  }

  after(delayMs: number, task: () => void): () => void {
    const { world, clock } = this.#traits
    const dueMs = clock.monotonicMs() + delayMs
    let isCancelled = false
    const fire = (): void => {
      if (isCancelled || !this.#isAlive) return
      if (this.#isStopped) this.#due.push(fire)
      else if (clock.monotonicMs() < dueMs) wait()
      else this.#do(task, world.ways.machine.readAfterSendingMs)
    }
    const wait = (): void => {
      world.timeline.at(Math.max(clock.realWhen(dueMs), world.timeline.nowMs) + this.#latenessMs(), fire)
    }
    wait()
    return () => {
      isCancelled = true
    }
  }

  /** A message arrives, or something else from outside that waits where the process is stopped. */
  receive(task: () => void): void {
    if (!this.#isAlive) return
    if (!this.#isStopped) this.#do(task, -this.#traits.world.ways.machine.readBeforeArrivalMs)
    else if (this.#inbox.length < this.#traits.inboxMax) this.#inbox.push(task)
  }

  /** SIGSTOP, or a machine too busy to run it. */
  stop(): void {
    this.#isStopped = true
  }

  goOn(): void {
    if (!this.#isAlive || !this.#isStopped) return
    this.#isStopped = false
    // Its timers are due and its messages are there: either may come first.
    const areTimersFirst = this.#traits.world.random.chance(0.5)
    if (areTimersFirst) this.#catchUp()
    for (const task of this.#inbox.splice(0)) this.receive(task)
    if (!areTimersFirst) this.#catchUp()
  }

  /** SIGKILL, a crash or an exit: nothing of it is done any more. */
  kill(): void {
    if (!this.#isAlive) return
    this.#isAlive = false
    this.#due.length = 0
    this.#inbox.length = 0
    for (const told of this.#endings.splice(0)) told()
  }

  onEnd(told: () => void): void {
    this.#endings.push(told)
  }

  #catchUp(): void {
    for (const fire of this.#due.splice(0)) fire()
  }

  #do(task: () => void, misreadMs: number): void {
    const before = this.#misreadMs
    this.#misreadMs = misreadMs
    task()
    this.#misreadMs = before
    this.onTask()
  }

  /** Never 0: a timer that comes a rounding early would be set again for the same moment. */
  #latenessMs(): number {
    const { world, slowMs } = this.#traits
    const { random, timeline } = world
    const isSlow = timeline.nowMs >= this.#slowAgainAtMs && random.chance(1 / SLOW_ONE_IN)
    if (isSlow) this.#slowAgainAtMs = timeline.nowMs + SLOW_EVERY_MS
    return 0.01 + random.between(0, isSlow ? slowMs : USUAL_MS)
  }
}
