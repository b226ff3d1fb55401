/** Runs a controller: its clock, its timer and its connection. What it decides is in controller.ts. */
import { type Clock, systemClock } from '../../platform/clock.ts'
import { type Logger, silentLogger } from '../../platform/log.ts'
import { type Random, systemRandom } from '../../platform/random.ts'
import { tally } from '../../platform/tally.ts'
import { type Crossing, DEMO_CROSSING } from '../../protocol/crossing.ts'
import { encodeCommand, parseReport } from '../../protocol/messages.ts'
import { parseMode } from '../../protocol/mode.ts'
import { encodePlan } from '../../protocol/plan-message.ts'
import { crossingTopic, lightTopic, parseTopic } from '../../protocol/topics.ts'
import { parseTrip } from '../../protocol/trip.ts'
import { type OpenLink, openMqttLink } from '../link/mqtt-link.ts'
import { type Network, networkTo } from '../link/network.ts'
import type {
  ControllerEffect,
  ControllerEvent,
  ControllerRules,
  ControllerSettings,
  ControllerState,
} from './control-state.ts'
import { controllerWakesAt, startControl, stepController } from './controller.ts'
import { type Plan, type Slot, stageName } from './plan.ts'
import { planMessage, speaks } from './plan-report.ts'
import { CONTROLLER_RULES } from './rules.ts'

export interface ControllerOptions {
  /** Of the broker: `mqtt://HOST:PORT`, `mqtts://HOST:PORT`, `ws://HOST:PORT/mqtt` or `wss://HOST:PORT/mqtt`. */
  readonly url: string
  /**
   * Whom to believe about the broker's certificate: PEM, or the path of a file with it. Default: the authorities that
   * Node comes with.
   */
  readonly ca?: string
  readonly username: string
  /** Or a function that is asked at every attempt to connect. */
  readonly password: string | (() => Promise<string>)
  /** Default: the built-in demo crossing. */
  readonly crossing?: Crossing
}

export interface ControllerDependencies {
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
  /** Streams to the broker, such as a broker's own `connect`. Default: those that `url` names. */
  readonly network?: Network
}

export interface RunningController extends AsyncDisposable {
  /** The run while it is in charge, else null. */
  readonly run: number | null
  /** Commands nothing any more; what was granted ends by itself. Calling it twice is fine. */
  close(): Promise<void>
}

/** The plan is published this often, and on change, ms. */
const PLAN_MS = 1000

/**
 * Starts a controller, which takes charge of the crossing when every light reports and nobody commands any; until then
 * it is a hot standby. Throws configurationError where the URL is not one.
 */
export async function startController(
  options: ControllerOptions,
  dependencies: ControllerDependencies = {},
): Promise<RunningController> {
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = dependencies
  const { network = networkTo(options.url, options.ca) } = dependencies
  const openLink: OpenLink = (asked, listener) => openMqttLink({ ...asked, network }, listener)
  return runController(options, { clock, random, logger, openLink, rules: CONTROLLER_RULES })
}

export interface ControllerMeans extends Required<Pick<ControllerDependencies, 'clock' | 'random' | 'logger'>> {
  readonly openLink: OpenLink
  /** Always CONTROLLER_RULES, but for a simulation. */
  readonly rules: ControllerRules
}

export interface WatchedController extends RunningController {
  /** As of the last step, for who watches. */
  readonly state: ControllerState
}

/** Runs a controller with what it is given: startController without its defaults, for a simulation. */
export function runController(options: ControllerOptions, means: ControllerMeans): WatchedController {
  const { url, username, password, crossing = DEMO_CROSSING } = options
  const { clock, random, logger, openLink, rules } = means
  const settings: ControllerSettings = { crossing, drawRunStep: () => random.uint32(), rules }
  const warn = tally(clock, (fields, event) => logger.warn(fields, event))
  let state = startControl(settings, { t: clock.monotonicMs(), wallMs: clock.wallMs() })
  let planDueAt = 0
  let told = ''
  let cancelTick = (): void => {}
  let closed = false

  const publishFile = (): void => {
    if (state.run === null) return
    const file = JSON.stringify(crossing.file)
    link.publish(crossingTopic(crossing.name, 'file'), file, { qos: 1, retain: true })
  }

  const publishPlan = (t: number): void => {
    planDueAt = t + PLAN_MS
    if (!speaks(settings, state, t)) return
    const plan = planMessage(settings, state, t)
    link.publish(crossingTopic(crossing.name, 'plan'), encodePlan(plan))
    const line = `${plan.state} ${plan.waitingFor ?? ''}`
    if (line === told) return
    told = line
    logger.info({ crossing: crossing.name, state: plan.state, waitingFor: plan.waitingFor }, 'plan')
  }

  const act = (effect: ControllerEffect): void => {
    switch (effect.kind) {
      case 'command':
        link.publish(lightTopic(crossing.name, effect.light, 'command'), encodeCommand(effect.command))
        return
      case 'took-charge':
        logger.info({ crossing: crossing.name, run: effect.run }, 'took_charge')
        return publishFile()
      case 'out-of-charge':
        return logger.warn({ crossing: crossing.name, reason: effect.reason }, 'out_of_charge')
      case 'differs': {
        const { light, file } = effect
        const fix = 'give the controller and every light the same crossing file, then start them again'
        return warn(`differs ${light}`, { light, its: file, ours: crossing.digest, fix }, 'crossing_file_differs')
      }
      case 'new-boot':
      case 'adopted':
        return logger.info({ light: effect.light }, effect.kind === 'adopted' ? 'light_adopted' : 'light_new_boot')
      case 'clock-broke-bound':
        return warn(`clock ${effect.light}`, { light: effect.light }, 'light_clock_broke_bound')
      case 'plan-changed':
        planDueAt = 0
        return
      default:
        effect satisfies never
    }
  }

  const noteGrant = (before: Slot | null, now: Slot | null): void => {
    if (now === null || now === before) return
    const { startsAt: startsAtMs } = now
    logger.debug({ crossing: crossing.name, stage: stageName(crossing, now), startsAtMs }, 'stage_granted')
  }

  const step = (event: ControllerEvent): number => {
    // Read once, before anything that comes of the event is sent: by C2 and the bounds, sending may only be later.
    const t = clock.monotonicMs()
    const [next, effects] = stepController(settings, state, event, t)
    const before = grantedSlot(state.plan)
    state = next
    for (const effect of effects) act(effect)
    noteGrant(before, grantedSlot(state.plan))
    return t
  }

  const tick = (): void => {
    if (closed) return
    const t = step({ kind: 'tick', wallMs: clock.wallMs() })
    if (t >= planDueAt) publishPlan(t)
    cancelTick = clock.after(Math.min(controllerWakesAt(settings, state, t), planDueAt) - clock.monotonicMs(), tick)
  }

  const receive = (topic: string, payload: Uint8Array): void => {
    const parsed = parseTopic(topic)
    if (parsed?.topic === 'report') {
      const report = parseReport(payload)
      if (report === null) warn(topic, { topic }, 'garbage_dropped')
      else step({ kind: 'report', light: parsed.light, report })
    } else if (parsed?.topic === 'mode') {
      const mode = parseMode(payload)
      if (mode === null) warn(topic, { topic, expected: 'auto, hold or flash' }, 'garbage_dropped')
      else step({ kind: 'mode', mode })
    } else if (parsed?.topic === 'trip') {
      const trip = parseTrip(payload)
      if (trip === null) warn(topic, { topic }, 'garbage_dropped')
      else step({ kind: 'trip', trip: trip.tripped ? trip.what : null })
    }
  }

  const link = openLink(
    {
      url,
      credentials: async () => ({ username, password: typeof password === 'string' ? password : await password() }),
      subscriptions: [
        { filter: crossingTopic(crossing.name, 'mode'), qos: 1 },
        { filter: crossingTopic(crossing.name, 'trip'), qos: 1 },
        { filter: lightTopic(crossing.name, '+', 'report'), qos: 0 },
      ],
      clock,
      random,
    },
    {
      up() {
        logger.info({ crossing: crossing.name, url }, 'connected')
        publishFile()
      },
      down: ({ kind, reason }) => logger.warn({ crossing: crossing.name, kind, reason }, 'not_connected'),
      message: receive,
    },
  )
  tick()

  const close = async (): Promise<void> => {
    closed = true
    cancelTick()
    await link.close()
  }
  return {
    get run() {
      return state.run
    },
    get state() {
      return state
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The newest stage granted of a plan that runs. */
const grantedSlot = (plan: Plan): Slot | null => (plan.kind === 'running' ? plan.current : null)
