/** Runs a light: carries messages between its lamp and the broker. It decides nothing; it may hang or die. */
import { type Clock, systemClock } from '../../platform/clock.ts'
import { configurationError } from '../../platform/errors.ts'
import { type Logger, silentLogger } from '../../platform/log.ts'
import { type Random, randomId, systemRandom } from '../../platform/random.ts'
import { tally } from '../../platform/tally.ts'
import { type Crossing, DEMO_CROSSING } from '../../protocol/crossing.ts'
import { encodeReport, parseCommand } from '../../protocol/messages.ts'
import { type PlanMessage, parsePlan } from '../../protocol/plan-message.ts'
import { crossingTopic, lightTopic } from '../../protocol/topics.ts'
import { parseTrip } from '../../protocol/trip.ts'
import type { Report } from '../../protocol/wire.ts'
import type { Display } from '../display/display.ts'
import { deviceOf } from '../display/open.ts'
import type { PanelStyle } from '../display/panel-style.ts'
import { type Credentials, type OpenLink, openMqttLink } from '../link/mqtt-link.ts'
import { type Network, networkTo } from '../link/network.ts'
import { knownDisplay } from './known-display.ts'
import { LAMP_RULES } from './lamp.ts'
import { guardLamp } from './lamp-guard.ts'
import { lampInside } from './lamp-inside.ts'
import type { LampPort } from './lamp-port.ts'
import { type LightEvent, NEW_LIGHT, OFFLINE, stepLight } from './light.ts'
import { type LightStanding, lightNotes } from './light-notes.ts'

export interface LightOptions {
  /** One of the crossing's lights; its user's rights are for this name. */
  readonly name: string
  /** Of the broker: `mqtt://HOST:PORT`, `mqtts://HOST:PORT`, `ws://HOST:PORT/mqtt` or `wss://HOST:PORT/mqtt`. */
  readonly url: string
  /**
   * Whom to believe about the broker's certificate: PEM, or the path of a file with it. Default: the authorities that
   * Node comes with.
   */
  readonly ca?: string
  /** Default: the light's name. */
  readonly username?: string
  /** Or a function that is asked at every attempt to connect. */
  readonly password: string | (() => Promise<string>)
  /** Default: the built-in demo crossing. */
  readonly crossing?: Crossing
  /**
   * Where it is seen: by name, `auto`, `sense-hat`, `emulator`, `terminal` or `none`, painted by a process of its own
   * with a dead-man; or a display of the caller's, painted from this process without one. Default: `none`.
   */
  readonly display?: string | Display
  /** How a display by name draws it. Default: the whole panel, upright, at full brightness. */
  readonly style?: PanelStyle
}

export interface LightDependencies {
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
  /** Streams to the broker, such as a broker's own `connect`. Default: those that `url` names. */
  readonly network?: Network
  /** A lamp that was started already. Default: one that fits `display`. */
  readonly lamp?: LampPort
}

export interface RunningLight extends AsyncDisposable {
  readonly name: string
  /** Takes no more commands, waits until the light is red, and ends it. Calling it twice is fine. */
  stop(): Promise<void>
  /** Ends it at once, red. */
  kill(): Promise<void>
}

/** How often a light looks after its `aspect` topic, ms. */
const LOOK_MS = 250

/**
 * Starts a light. It shows red until a controller grants it more, connects for as long as it runs, and says why where
 * it cannot. Throws configurationError where the crossing has no light of that name or the URL is not one.
 */
export async function startLight(options: LightOptions, dependencies: LightDependencies = {}): Promise<RunningLight> {
  const { name, url, crossing = DEMO_CROSSING } = options
  const { clock = systemClock, random = systemRandom, logger = silentLogger } = dependencies
  checkName(name, crossing)
  const { network = networkTo(url, options.ca) } = dependencies
  const lamp = dependencies.lamp ?? lampFor(options, { clock, random, logger })
  const openLink: OpenLink = (asked, listener) => openMqttLink({ ...asked, network }, listener)
  return runLight(options, { clock, random, logger, lamp, openLink })
}

type Means = Required<Pick<LightDependencies, 'clock' | 'random' | 'logger'>>

export interface LightMeans extends Means {
  readonly lamp: LampPort
  readonly openLink: OpenLink
}

/** Runs a light with what it is given: startLight without its defaults, for a simulation that brings its own link. */
export function runLight(options: LightOptions, means: LightMeans): RunningLight {
  const { name, url, crossing = DEMO_CROSSING } = options
  const { clock, random, logger, lamp, openLink } = means
  const garbage = tally(clock, (fields, event) => logger.warn(fields, event))
  const topics = {
    report: lightTopic(crossing.name, name, 'report'),
    command: lightTopic(crossing.name, name, 'command'),
    aspect: lightTopic(crossing.name, name, 'aspect'),
    plan: crossingTopic(crossing.name, 'plan'),
    trip: crossingTopic(crossing.name, 'trip'),
  }
  let state = NEW_LIGHT
  let everConnected = false
  let stopping: Promise<void> | null = null
  let differing: string | null = null
  let tripped = false
  let standing: LightStanding['link'] = 'connecting'
  let noted: readonly string[] = []
  let plan: { readonly message: PlanMessage; readonly atMs: number } | null = null
  let cancelLook = (): void => {}

  const step = (event: LightEvent): void => {
    const [next, effects] = stepLight(crossing.constants, state, event, clock.monotonicMs())
    state = next
    for (const effect of effects) {
      if (effect.kind === 'publish-aspect') link.publish(topics.aspect, effect.aspect, { qos: 1, retain: true })
      // A controller with another file takes this boot for none of its lights, and goes on with the one before.
      else if (differing === null) {
        const fix = `stop one of the two, or give it another name; this one stays red`
        logger.error({ light: name, boot: effect.boot, fix }, 'another_light_of_this_name')
      }
    }
  }

  const note = (): void => {
    const ageMs = clock.monotonicMs() - (plan?.atMs ?? 0)
    const notes = lightNotes({
      url,
      link: standing,
      tripped,
      plan: plan === null ? null : { message: plan.message, ageMs },
    })
    if (notes.join() !== noted.join()) lamp.note(notes)
    noted = notes
  }

  const readPlan = (payload: Uint8Array): void => {
    const message = parsePlan(payload)
    if (message === null) return garbage('plan', { light: name, topic: topics.plan }, 'garbage_dropped')
    plan = { message, atMs: clock.monotonicMs() }
    note()
    const changeSeconds = message.lights[name]?.changeSeconds ?? null
    lamp.hint(changeSeconds === null ? null : clock.monotonicMs() + changeSeconds * 1000)
    if (message.file === crossing.digest) differing = null
    else if (message.file !== differing) {
      differing = message.file
      const fix = 'give the controller and every light the same crossing file, then start them again'
      logger.error({ light: name, ours: crossing.digest, controllers: message.file, fix }, 'crossing_file_differs')
    }
  }

  const readTrip = (payload: Uint8Array): void => {
    const trip = parseTrip(payload)
    // An empty message is no word of the broker's: what it said before holds.
    if (trip === null) return garbage('trip', { light: name, topic: topics.trip }, 'garbage_dropped')
    if (trip.tripped !== tripped) logger[trip.tripped ? 'error' : 'info']({ light: name, ...trip }, 'trip')
    tripped = trip.tripped
    lamp.trip(tripped)
    note()
  }

  const receive = (topic: string, payload: Uint8Array): void => {
    if (topic === topics.command) {
      const command = parseCommand(payload)
      if (command === null) return garbage('command', { light: name, topic }, 'garbage_dropped')
      if (stopping === null) lamp.command(command)
      step({ kind: 'commanded', boot: command.boot })
    } else if (topic === topics.aspect) step({ kind: 'read', text: Buffer.from(payload).toString() })
    else if (topic === topics.plan) readPlan(payload)
    else if (topic === topics.trip) readTrip(payload)
  }

  const link = openLink(
    {
      url,
      credentials: credentialsOf(options),
      subscriptions: [
        { filter: topics.command, qos: 0 },
        { filter: topics.aspect, qos: 1 },
        { filter: topics.plan, qos: 0 },
        { filter: topics.trip, qos: 1 },
      ],
      will: { topic: topics.aspect, payload: OFFLINE, qos: 1, retain: true },
      clock,
      random,
    },
    {
      up() {
        everConnected = true
        logger.info({ light: name, url }, 'connected')
        standing = 'connected'
        plan = null
        note()
        step({ kind: 'connected' })
      },
      down(refusal) {
        const { kind, reason } = refusal
        standing = refusal
        note()
        // Lights are often started before their broker: that is no news yet.
        const level = kind === 'unreachable' && !everConnected ? 'info' : 'warn'
        logger[level]({ light: name, kind, reason }, 'not_connected')
        step({ kind: 'disconnected' })
      },
      message: receive,
    },
  )

  const look = (): void => {
    step({ kind: 'tick' })
    note()
    cancelLook = clock.after(LOOK_MS, look)
  }

  const close = async (): Promise<void> => {
    cancelLook()
    // One that kept silent because another light bears its name leaves that one's truth alone.
    if (state.published !== null) link.publish(topics.aspect, OFFLINE, { qos: 1, retain: true })
    await link.close()
  }

  lamp.listen({
    report(report: Report) {
      link.publish(topics.report, encodeReport(report))
      step({ kind: 'reported', boot: report.boot, aspect: report.aspect })
    },
    holds: () => logger.info({ light: name }, 'display_held'),
    waits: (pid) => {
      const fix = 'two lamps on one display: stop one of the two'
      logger.warn({ light: name, pid, fix }, 'display_held_by_another')
    },
    display(works) {
      if (!works) step({ kind: 'unseen' })
    },
  })
  look()

  const stop = (): Promise<void> => {
    stopping ??= lamp.stop().then(close)
    return stopping
  }
  return {
    name,
    stop,
    async kill() {
      stopping ??= Promise.resolve()
      await lamp.kill()
      await close()
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** Throws configurationError where the crossing has no light of that name. */
export function checkName(name: string, crossing: Crossing): void {
  if (crossing.lights.includes(name)) return
  throw configurationError(
    `crossing '${crossing.name}' has no light '${name}'; it has ${crossing.lights.join(', ')}: ` +
      'use one of these, or name the crossing file that has it (--crossing FILE)',
  )
}

const credentialsOf =
  ({ name, username = name, password }: LightOptions) =>
  async (): Promise<Credentials> => ({ username, password: typeof password === 'string' ? password : await password() })

function lampFor(options: LightOptions, means: Means): LampPort {
  const { name, url, crossing = DEMO_CROSSING, display: wanted = 'none', style } = options
  const { clock, random, logger } = means
  const { digest: file, constants } = crossing
  if (typeof wanted !== 'string') {
    const settings = { file, constants, drawBoot: () => randomId(random), rules: LAMP_RULES }
    return lampInside({ light: name, settings, clock, display: wanted, logger })
  }
  const display = knownDisplay(wanted, name, logger)
  const lock = lockName({ url, crossing: crossing.name, light: name, display })
  return guardLamp({
    clock,
    logger,
    painted: { light: name, display, trace: null, ...(style === undefined ? {} : { style }) },
    rest: Promise.resolve({ lock, file, constants }),
  })
}

/** The lock of a display: the device that it is, or else who this light is, and where. */
export const lockName = (who: {
  readonly url: string
  readonly crossing: string
  readonly light: string
  readonly display: string
}): string => deviceOf(who.display) ?? `${who.url}/${who.crossing}/${who.light}`
