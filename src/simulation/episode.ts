/** An episode: everything in it follows from its seed, on any machine. */

import { type Aspect, lightTime } from '../protocol/aspect.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { encodeReport } from '../protocol/messages.ts'
import { lightTopic } from '../protocol/topics.ts'
import type { Report } from '../protocol/wire.ts'
import { allowedRate, operate, type Scene, strike, withoutConflicts } from './faults.ts'
import { greenWithinMs, HealthWatch, LIGHTS_START_MS } from './health.ts'
import { KIND_NAMES, type Kind, type KindName, kindOf } from './kinds.ts'
import type { Line } from './line.ts'
import { Network } from './network.ts'
import { Oracle, type Violation } from './oracle.ts'
import { SeededRandom } from './random.ts'
import { randomCrossing } from './random-crossing.ts'
import { SimulatedClock } from './simulated-clock.ts'
import { SimulatedController } from './simulated-controller.ts'
import { SimulatedLight } from './simulated-light.ts'
import { SimulatedMonitor } from './simulated-monitor.ts'
import { Timeline } from './timeline.ts'
import { watchTold } from './told.ts'
import { REAL_WAYS, type Ways } from './ways.ts'
import { planOfWhims } from './whims.ts'
import type { World } from './world.ts'

export interface EpisodeOptions {
  readonly seed: number
  /** Default: the real rules. */
  readonly ways?: Ways
  /** Default: drawn from the seed. */
  readonly kind?: KindName
  readonly crossing?: Crossing
  /** Told what happens, with the real time, ms. */
  readonly onEvent?: (atMs: number, text: string) => void
  /** Told of every change of a display. */
  readonly onPaint?: (atMs: number, light: string, aspect: Aspect) => void
}

export interface EpisodeResult {
  readonly seed: number
  readonly kind: KindName
  readonly crossing: Crossing
  readonly simulatedMs: number
  readonly violation: Violation | null
  /** From the end of the faults until every light was green, over what the protocol allows; null where it did not end. */
  readonly recovery: number | null
  /** How late each green began and how early it ended on a healthy network, ms. */
  readonly lost: readonly { readonly startMs: number; readonly endMs: number }[]
  /** What the conflict monitor said when it tripped; null where it did not. */
  readonly trip: string | null
}

export async function runEpisode(options: EpisodeOptions): Promise<EpisodeResult> {
  const random = new SeededRandom(options.seed)
  const drawn = random.weighted(KIND_NAMES.map((name) => [name, kindOf(name).weight] as const))
  const name = options.kind ?? drawn
  const kind = kindOf(name)
  const drawnCrossing = randomCrossing(random.fork(), kind.crossing)
  const crossing = options.crossing ?? drawnCrossing
  const stage = build(options, kind, crossing, random)
  const { world } = stage
  const { timeline, oracle } = world
  const isOver = (): boolean => oracle.violation !== null

  stage.start()
  const faultsEndAt = random.between(...kind.faultSeconds) * 1000
  makeFaults(stage, kind, random.fork(), faultsEndAt)
  await timeline.run(faultsEndAt, isOver)

  if (!isOver()) oracle.finish()
  let recovery: number | null = null
  if (!isOver() && !kind.isWhims) recovery = await recover(stage, random.fork(), isOver)
  return {
    seed: options.seed,
    kind: name,
    crossing,
    simulatedMs: timeline.nowMs,
    violation: oracle.violation,
    recovery,
    lost: stage.lost,
    trip: stage.monitor.trip,
  }
}

interface Stage extends Omit<Scene, 'random' | 'later'> {
  /** Those with the crossing's own file. */
  readonly faithful: readonly SimulatedController[]
  readonly lost: { startMs: number; endMs: number }[]
  readonly monitor: SimulatedMonitor
  start(): void
}

function build(options: EpisodeOptions, kind: Kind, crossing: Crossing, random: SeededRandom): Stage {
  const timeline = new Timeline()
  const { rho } = crossing.constants
  const newClock = (): SimulatedClock =>
    new SimulatedClock(timeline, {
      startMs: random.between(...kind.uptimeSeconds) * 1000,
      rate: allowedRate(random, rho),
      wallAheadMs: 1.7e12 + random.between(0, 1e9),
    })
  const clocks = crossing.lights.map(newClock)
  const count = random.whole(...kind.controllers)
  const network = new Network(
    { timeline, random: random.fork(), quality: kind.quality(random) },
    { lights: crossing.lights, controllers: Array.from({ length: count }, (_, index) => `controller${index + 1}`) },
  )
  const oracle = new Oracle({ crossing, clocks, nowMs: () => timeline.nowMs, judgement: kind.judgement })
  const { onEvent, onPaint, ways = REAL_WAYS } = options
  if (onPaint !== undefined) oracle.onPaint = ({ name }, aspect) => onPaint(timeline.nowMs, name, aspect)
  const world: World = {
    timeline,
    crossing,
    ways,
    oracle,
    network,
    random: random.fork(),
    tell: onEvent === undefined ? null : (text) => onEvent(timeline.nowMs, text),
  }
  const monitor = new SimulatedMonitor(world, clockOfBroker(options.seed, timeline, rho), kind.judgement.trips)
  const reports = new Map<string, string>()
  network.watchers.push((topic, payload, from) => {
    if (topic.endsWith('/report')) reports.set(from.name, payload)
  })
  const lights = oracle.signs.map((sign, index) => {
    const line = lineAt(network.lights, index)
    const report = encodeReport(oldReport(crossing, random))
    network.remember(line, lightTopic(crossing.name, sign.name, 'report'), report, OLD_REPORTS)
    return new SimulatedLight(world, { sign, line, random: random.fork() })
  })
  const faithful: SimulatedController[] = []
  const controllers = network.controllers.map((line, index) => {
    const isFaithful = index === 0 || kind !== kindOf('files') || random.chance(0.5)
    const controller = new SimulatedController(world, {
      line,
      clock: newClock(),
      random: random.fork(),
      crossing: isFaithful ? crossing : withoutConflicts(crossing),
      rules: kind.isWhims ? { ...ways.controller, plan: planOfWhims(random.fork()) } : ways.controller,
    })
    if (isFaithful) faithful.push(controller)
    return controller
  })
  const lost: { startMs: number; endMs: number }[] = []
  if (kind.health === 'told') timeline.after(TOLD_FROM_MS, () => watchTold(world, lights))
  if (kind.health === 'plan' || kind.health === 'greens') {
    const watch = new HealthWatch(crossing, oracle, kind.health)
    oracle.onShown = (sign, one) => {
      lost.push(one)
      watch.shown(sign, one)
    }
    for (const [index, controller] of controllers.entries()) {
      controller.onStep = (state) => watch.stepped(index, state)
    }
  }
  const start = (): void => {
    for (const [index, light] of lights.entries()) {
      timeline.after(index === 0 ? LIGHTS_START_MS : random.between(0, LIGHTS_START_MS), () => light.start())
    }
    for (const controller of controllers) timeline.after(random.between(0, 2000), () => controller.start())
  }
  return { world, lights, controllers, faithful, reports, lost, monitor, start }
}

/** Drawn apart from all else, which is the same with it and without. */
function clockOfBroker(seed: number, timeline: Timeline, rho: number): SimulatedClock {
  const random = new SeededRandom(seed + BROKER_SEEDS)
  return new SimulatedClock(timeline, {
    startMs: random.between(0, 1e9),
    rate: allowedRate(random, rho),
    wallAheadMs: 1.7e12 + random.between(0, 1e9),
  })
}

const BROKER_SEEDS = 0x6b726f62

/** By then every lamp of an episode has its display, ms. */
const TOLD_FROM_MS = 2000

/** Copies for each controller among the messages that may be replayed. */
const OLD_REPORTS = 5

/** Of a boot before the episode: it may be replayed like everything that was ever sent. */
function oldReport({ digest }: Crossing, random: SeededRandom): Report {
  const now = lightTime(random.between(1000, 1e6))
  return { file: digest, boot: 'before', now, aspect: 'red', run: random.uint32(), n: random.whole(1, 1000), at: now }
}

function lineAt(lines: readonly Line[], index: number): Line {
  const line = lines[index]
  if (line === undefined) throw new RangeError('a light without a line')
  return line
}

function makeFaults(stage: Stage, kind: Kind, random: SeededRandom, untilMs: number): void {
  const { timeline } = stage.world
  const later = (ms: number, task: () => void): void => {
    timeline.after(ms, () => {
      if (timeline.nowMs < untilMs) task()
    })
  }
  const again = (waitMs: number): void => {
    timeline.after(waitMs + random.between(...kind.betweenSeconds) * 1000, () => {
      if (timeline.nowMs >= untilMs) return
      again(strike(random.weighted(kind.faults), { ...stage, random, later }) ?? 0)
    })
  }
  again(0)
}

/** All is well from now on: gives how long it took until every light was green, over what it may take. */
async function recover(stage: Stage, random: SeededRandom, isOver: () => boolean): Promise<number | null> {
  const { world, lights, controllers, faithful } = stage
  const { timeline, oracle, network, crossing } = world
  const healedAt = timeline.nowMs
  world.tell?.('all is well from now on')
  oracle.onShown = () => {}
  network.heal()
  for (const light of lights) {
    light.setRate(allowedRate(random, crossing.constants.rho))
    light.heal()
  }
  const survivor = random.chance(0.3) ? random.pick(faithful) : null
  for (const controller of controllers) {
    controller.onStep = () => {}
    controller.heal()
    if (!faithful.includes(controller) || (survivor !== null && controller !== survivor)) controller.retire()
    else controller.start()
  }
  operate(stage, 'auto')
  const withinMs = greenWithinMs(crossing)
  const isGreen = (): boolean => oracle.signs.every(({ greenAtMs }) => greenAtMs > healedAt)
  await timeline.run(healedAt + withinMs, () => isOver() || isGreen())
  if (isOver()) return null
  const missing = oracle.signs.find(({ greenAtMs }) => greenAtMs <= healedAt)
  if (missing !== undefined) {
    oracle.report('liveness', `${missing.name} was not green within ${(withinMs / 1000).toFixed(1)} s`)
    return null
  }
  return (timeline.nowMs - healedAt) / withinMs
}
