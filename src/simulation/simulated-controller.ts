/** A controller's process: the real controller on a simulated machine, as run.ts runs it on a real one. */
import type { ControllerEvent, ControllerSettings, ControllerState } from '../clients/controller/control-state.ts'
import { controllerWakesAt, startControl, stepController } from '../clients/controller/controller.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Mode } from '../protocol/mode.ts'
import type { Command, Report } from '../protocol/wire.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import { timerLatenessMs, type World } from './world.ts'

/** Reports that wait in the socket of a controller that is stopped. */
const SOCKET_MAX = 2000

interface Order {
  readonly light: string
  readonly command: Command
}

export class SimulatedController {
  readonly name: string
  readonly clock: SimulatedClock
  /** Told after each step, for who watches the plan. */
  onStep: (state: ControllerState) => void = () => {}
  readonly #world: World
  readonly #random: SeededRandom
  readonly #send: (order: Order) => void
  readonly #settings: ControllerSettings
  #state: ControllerState | null = null
  #stops = 0
  #isStopped = false
  #stopsBeforeSendingMs = 0
  #diesWhileSending = false
  #isRetired = false
  readonly #socket: ControllerEvent[] = []
  readonly #unsent: Order[] = []
  #timer = 0

  constructor(
    world: World,
    own: {
      name: string
      clock: SimulatedClock
      random: SeededRandom
      crossing: Crossing
      send: (order: Order) => void
    },
  ) {
    this.#world = world
    this.name = own.name
    this.clock = own.clock
    this.#random = own.random
    this.#send = own.send
    this.#settings = {
      crossing: world.ways.controllerCrossing(own.crossing),
      drawRunStep: world.ways.machine.drawsRuns ? () => own.random.uint32() : () => 0,
      rules: world.ways.controller,
    }
  }

  get state(): ControllerState | null {
    return this.#state
  }

  start(): void {
    if (this.#state !== null || this.#isRetired) return
    this.#world.tell?.(`${this.name} starts`)
    this.#state = startControl(this.#settings, { t: this.clock.monotonicMs(), wallMs: this.clock.wallMs() })
    this.#tick()
  }

  report(light: string, report: Report): void {
    this.#take({ kind: 'report', light, report })
  }

  mode(mode: Mode): void {
    this.#take({ kind: 'mode', mode })
  }

  /** It dies, and is started again after `restartMs`. */
  crash(restartMs: number): void {
    this.#world.tell?.(`${this.name} crashes`)
    this.kill()
    this.#world.timeline.after(restartMs, () => this.start())
  }

  kill(): void {
    this.clock.resume()
    this.#state = null
    this.#timer++
    this.#socket.length = 0
    this.#unsent.length = 0
    this.#isStopped = false
    this.#stopsBeforeSendingMs = 0
    this.#diesWhileSending = false
  }

  /** Gone for good. */
  retire(): void {
    this.kill()
    this.#isRetired = true
  }

  stop(ms: number): void {
    this.#world.tell?.(`${this.name} is stopped for ${ms.toFixed(0)} ms`)
    this.#isStopped = true
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
    this.#diesWhileSending = true
  }

  goOn(): void {
    if (!this.#isStopped) return
    this.#isStopped = false
    for (const order of this.#unsent.splice(0)) this.#send(order)
    const isTickFirst = this.#random.chance(0.5)
    if (isTickFirst) this.#tick()
    for (const event of this.#socket.splice(0)) this.#take(event)
    if (!isTickFirst) this.#tick()
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
    this.#diesWhileSending = false
    this.clock.resume()
    this.goOn()
  }

  #take(event: ControllerEvent): void {
    if (this.#state === null) return
    if (!this.#isStopped) this.#step(event)
    else if (this.#socket.length < SOCKET_MAX) this.#socket.push(event)
  }

  #tick(): void {
    // What is due while it is stopped is done when it goes on.
    if (!this.#isStopped) this.#take({ kind: 'tick', wallMs: this.clock.wallMs() })
  }

  #step(event: ControllerEvent): void {
    const before = this.#state
    if (before === null) return
    const { readAfterSendingMs, readBeforeArrivalMs } = this.#world.ways.machine
    const t = this.clock.monotonicMs() + (event.kind === 'tick' ? readAfterSendingMs : -readBeforeArrivalMs)
    const at = event.kind === 'tick' ? { ...event, wallMs: event.wallMs + readAfterSendingMs } : event
    const [state, effects] = stepController(this.#settings, before, at, t)
    this.#state = state
    const orders: Order[] = []
    for (const effect of effects) {
      if (effect.kind === 'command') orders.push(effect)
      else this.#world.tell?.(`${this.name}: ${Object.values(effect).join(' ')}${planOf(state, effect.kind)}`)
    }
    for (const { light, command } of orders) {
      const span = state.views.get(light)?.span ?? null
      if (command.green !== undefined && span !== null) this.#world.oracle.granted(command.green, span, this.clock)
    }
    this.onStep(state)
    this.#give(orders)
    // As in run.ts: a report sets no timer, or one that comes while a timer is late would put it off.
    if (this.#state !== null && event.kind === 'tick') this.#schedule(state, t)
  }

  #give(orders: readonly Order[]): void {
    if (orders.length === 0) return
    if (this.#diesWhileSending) {
      this.#diesWhileSending = false
      for (const order of orders.slice(0, this.#random.whole(0, orders.length))) this.#send(order)
      return this.crash(this.#random.between(50, 5000))
    }
    if (this.#stopsBeforeSendingMs > 0) {
      this.#unsent.push(...orders)
      this.stop(this.#stopsBeforeSendingMs)
      this.#stopsBeforeSendingMs = 0
      return
    }
    for (const order of orders) this.#send(order)
  }

  #schedule(state: ControllerState, t: number): void {
    const wakesAt = controllerWakesAt(this.#settings, state, t)
    const timer = ++this.#timer
    const { timeline } = this.#world
    timeline.at(Math.max(this.clock.realWhen(wakesAt), timeline.nowMs) + timerLatenessMs(this.#world), () => {
      if (timer !== this.#timer) return
      this.#tick()
    })
  }
}

const planOf = ({ plan }: ControllerState, kind: string): string => {
  if (kind !== 'plan-changed') return ''
  return plan.kind === 'running' ? ` running, stage ${plan.current?.stage ?? '-'}` : ` ${plan.kind}`
}
