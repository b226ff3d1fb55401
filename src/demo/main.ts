/** `crossing demo`: a supervisor and its picture, and nothing else; the crossing runs in processes of their own. */
import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { parseFrameLine } from '../clients/display/frames.ts'
import { lineSplitter } from '../clients/display/lines.ts'
import { systemClock } from '../platform/clock.ts'
import { type Call, type Command, untilStopped, wholeNumber } from '../platform/command.ts'
import { commandLogger, type Logger } from '../platform/log.ts'
import { systemRandom } from '../platform/random.ts'
import { type Crossing, DEMO_CROSSING } from '../protocol/crossing.ts'
import { crossingOf } from '../protocol/crossing-file.ts'
import { type Account, type Accounts, drawAccounts } from './accounts.ts'
import { type Child, type ChildPlan, FRAMES_FD, keepRunning } from './child.ts'
import { FaultyLink } from './lab/link.ts'
import { openLab } from './lab/supervisor.ts'
import { Traffic } from './lab/traffic.ts'
import { relayLog } from './log-relay.ts'
import { openPicture, type Picture } from './picture.ts'
import { claimPort, givenPort, USUAL_PORTS, whenListening } from './port.ts'

const LOOPBACK = '127.0.0.1'

/** How much longer than its horizon a light may take to end, ms. */
const STOP_MS = 3000

export const command: Command = {
  help: `
Usage: crossing demo [options]

Runs a whole crossing on this machine: a broker on loopback, the lights and a controller, each in a process of its own,
and shows the lights here: as panels in a terminal, else as a line per change; and on a page, whose address it prints.
What dies is started again. Ctrl-C waits until every light is red and stops everything; a second Ctrl-C does not wait.

  --crossing FILE  crossing file [default: the built-in demo crossing, light1 and light2]
  --users FILE     users who may connect besides, read again as it changes [default users.json]
  --port PORT      port of the broker, 1 to 65535 [default 1883, or any free one if that is taken]
  --http-port PORT port of the page, 1 to 65535 [default 8080, or any free one if that is taken]
  -h, --help       shows this`,
  options: {
    crossing: { type: 'string' },
    users: { type: 'string' },
    port: { type: 'string' },
    'http-port': { type: 'string' },
  },
  positionals: [],
  run,
}

async function run(call: Call): Promise<number> {
  const clock = systemClock
  const given = { mqtt: portFrom(call, 'port'), http: portFrom(call, 'http-port') }
  const crossing = await crossingOf(call.option('crossing'))
  const logger = await commandLogger('demo', call.environment)
  const [mqtt, http, accounts] = await Promise.all([
    given.mqtt === 0 ? claimPort(LOOPBACK, USUAL_PORTS.mqtt) : givenPort(LOOPBACK, given.mqtt, 'port'),
    given.http === 0 ? claimPort(LOOPBACK, USUAL_PORTS.http) : givenPort(LOOPBACK, given.http, 'http-port'),
    drawAccounts(crossing, systemRandom),
  ])
  const url = `mqtt://${LOOPBACK}:${mqtt.port}`
  const page = pageAddress(http.port, crossing.name, accounts.visitor)
  const footer = `page ${page} Ctrl-C stops`
  const picture = openPicture({ lights: crossing.lights, footer, clock, environment: call.environment })
  const stopMsMax = crossing.constants.horizonMs + STOP_MS
  const end = deferredEnd()
  const traffic = new Traffic()
  const onCarried = (packet: Buffer): void => traffic.hear(packet, clock.monotonicMs())
  const means = { clock, random: systemRandom, logger }
  const links = await openLinks(crossing, { host: LOOPBACK, port: mqtt.port }, { ...means, onCarried })
  const plans = plansOf({ call, accounts, ports: { mqtt: mqtt.port, http: http.port }, url, links })
  const start = (plan: ChildPlan): Child =>
    keepRunning(plan, { clock, stopMsMax, inheritStderr: !picture.drawn }, listenerOf(plan, { picture, logger, end }))
  const broker = start(plans.broker)
  const lights = plans.lights.map(({ plan, link }) => ({ child: start(plan), link }))
  const controller = start(plans.controller)
  const startSecondController = (): Child => start({ ...plans.controller, name: 'second controller' })
  const closeLab = openLab(
    { url, crossing, accounts, traffic, broker, controller, lights, startSecondController },
    means,
  )
  // Whoever opens the page at once finds it.
  const cancelLook = whenListening({ host: LOOPBACK, port: http.port }, clock, () =>
    logger.info({ crossing: crossing.name, broker: url, page }, 'demo_started'),
  )
  const others = [...lights.map(({ child }) => child), controller]
  const hurry = (): void => {
    for (const child of [broker, ...others]) child.hurry()
  }
  const exitCode = await Promise.race([untilStopped(hurry).then(() => 0), end.code])
  cancelLook()
  // What is frozen goes on first: it could not end.
  await Promise.all([closeLab(), ...others.map((child) => child.stop())])
  // The broker last: the others still have to say that they go.
  await broker.stop()
  await Promise.all([...links.values()].map((link) => link[Symbol.asyncDispose]()))
  mqtt.release()
  http.release()
  picture.close()
  return exitCode
}

/** 0 where none is given. */
const portFrom = (call: Call, option: string): number => wholeNumber(call, option, { min: 1, max: 65_535, fallback: 0 })

/** The page with the key of this run: behind `#`, which no browser sends anywhere. */
function pageAddress(port: number, crossing: string, { username, password }: Account): string {
  const search = crossing === DEMO_CROSSING.name ? '' : `?crossing=${crossing}`
  return `http://${LOOPBACK}:${port}/${search}#key=${username}:${password}`
}

/** A network of its own for each light, so that it can be broken. */
async function openLinks(
  { lights }: Crossing,
  broker: { readonly host: string; readonly port: number },
  means: Parameters<typeof FaultyLink.open>[1],
): Promise<ReadonlyMap<string, FaultyLink>> {
  return new Map(await Promise.all(lights.map(async (light) => [light, await FaultyLink.open(broker, means)] as const)))
}

interface DemoEnd {
  readonly code: Promise<number>
  readonly with: (code: number) => void
}

function deferredEnd(): DemoEnd {
  let settle = (_code: number): void => {}
  const code = new Promise<number>((resolve) => {
    settle = resolve
  })
  return { code, with: (value) => settle(value) }
}

interface Scenery {
  readonly call: Call
  readonly accounts: Accounts
  readonly ports: { readonly mqtt: number; readonly http: number }
  readonly url: string
  readonly links: ReadonlyMap<string, FaultyLink>
}

interface Plans {
  readonly broker: ChildPlan
  readonly lights: readonly { readonly plan: ChildPlan; readonly link: FaultyLink }[]
  readonly controller: ChildPlan
}

function plansOf({ call, accounts, ports, url, links }: Scenery): Plans {
  const { MQTT_PASSWORD_FILE: _, ...environment } = call.environment
  const file = call.option('crossing')
  const sameFile = file === undefined ? [] : ['--crossing', file]
  const users = call.option('users')
  const sameUsers = users === undefined ? [] : ['--users', users]
  const lightPlan = (name: string, link: FaultyLink, { username, password }: Account): ChildPlan => ({
    name,
    argv: ['light', name, '--url', link.url, '--username', username, '--display', `frames:${FRAMES_FD}`, ...sameFile],
    environment: { ...environment, MQTT_PASSWORD: password },
  })
  const { username, password } = accounts.controller
  return {
    broker: {
      name: 'broker',
      argv: [
        'broker',
        '--host',
        LOOPBACK,
        '--port',
        `${ports.mqtt}`,
        '--http-port',
        `${ports.http}`,
        ...sameUsers,
        ...sameFile,
      ],
      environment: { ...environment, CROSSING_ACCOUNTS: accounts.users },
    },
    lights: [...links].flatMap(([name, link]) => {
      const account = accounts.lights.get(name)
      return account === undefined ? [] : [{ link, plan: lightPlan(name, link, account) }]
    }),
    controller: {
      name: 'controller',
      argv: ['controller', '--url', url, '--username', username, ...sameFile],
      environment: { ...environment, MQTT_PASSWORD: password },
    },
  }
}

function listenerOf(plan: ChildPlan, { picture, logger, end }: { picture: Picture; logger: Logger; end: DemoEnd }) {
  return {
    started(child: ChildProcess) {
      // An orphaned lamp goes on writing to the pipe of its dead parent: each is read to its own end.
      const frames = child.stdio[FRAMES_FD]
      const split = lineSplitter((line) => {
        const painted = parseFrameLine(line)
        if (painted !== null) picture.show(painted)
      })
      if (frames instanceof Readable) frames.on('data', split).on('error', () => {})
      child.stderr?.on('data', relayLog(plan.name, logger)).on('error', () => {})
    },
    died: (name: string, how: string, afterMs: number) => logger.warn({ name, how, afterMs }, 'process_died'),
    refused(name: string, exitCode: number) {
      logger.error({ name, exitCode }, 'process_refused')
      end.with(exitCode)
    },
  }
}
