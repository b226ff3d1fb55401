/** `crossing doctor`: what stands between this machine and a working light, or a working broker. */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { LOOPBACK } from '../broker/exposure.ts'
import { PORT_OPTIONS, portsFrom } from '../broker/ports.ts'
import { parseDisplay } from '../clients/display/open.ts'
import { AUTO } from '../clients/light/known-display.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, type Access, accessFrom } from '../clients/link/credentials.ts'
import { networkTo, parseUrl } from '../clients/link/network.ts'
import { systemClock } from '../platform/clock.ts'
import type { Call, Command } from '../platform/command.ts'
import { usageError } from '../platform/errors.ts'
import * as machine from '../platform/machine-facts.ts'
import { systemRandom } from '../platform/random.ts'
import { standardIo } from '../platform/standard-io.ts'
import { crossingOf } from '../protocol/crossing-file.ts'
import { brokerChecks } from './broker-checks.ts'
import { isBroker, tryLogIn, tryTopics } from './broker-probe.ts'
import { checkEmulator, checkGroup, checkHat, checkLibrary, checkRights } from './display-checks.ts'
import { type Check, isWell, jsonOf, linesOf, runChecks } from './finding.ts'
import { emulatorFacts, hatFacts } from './hat-facts.ts'
import { linkChecks } from './link-checks.ts'
import { checkClockSteps, checkDisk, checkLoopDelay, checkNode, checkSlewRate } from './machine-checks.ts'
import { tryTls } from './tls-probe.ts'

export const command: Command = {
  help: `
Usage: crossing doctor [light|broker] [NAME] [options]

Checks in order what stands between this machine and a working light, or a working broker, and prints each with ok, or
what is wrong and the command that mends it. What does not matter here is skipped. Takes some 2 s.

  light [NAME]          that light [default; its user's name], with the options of 'crossing light' that are below
  broker                a broker, with the options of 'crossing broker' that are below
  --json                prints one JSON object: ok, and checks with name, ok, state (ok, wrong, skipped), detail and fix

For a light
${ACCESS_HELP("the light's name, or light1")}
  --light NAME          the light, as NAME does
  --crossing FILE       crossing file [default: the built-in demo crossing]
  --display WHERE       what it is to be seen on; sense-hat and emulator are wrong where they are not there [default auto]

For a broker
  --users FILE          the users file [default users.json]
  --host ADDRESS        where to listen [default ${LOOPBACK}]
  --port N              the TCP port; none: no plain TCP [default 1883]
  --tls-port N          MQTT over TLS, with --tls-cert FILE and --tls-key FILE [default none]
  --tls-cert FILE       its certificate in PEM
  --tls-key FILE        its private key in PEM
  --tls-host ADDRESS    where TLS listens [default as --host]
  --http-port N         the page, MQTT over WebSocket and /metrics [default none]
  --http-host ADDRESS   where HTTP listens [default ${LOOPBACK}]
  --http-origin ORIGIN  taken as the broker takes it, and not looked at
  --data DIR            the directory that it keeps things in [default: in memory]
  -h, --help            shows this

Exit code: 0 nothing is wrong, 1 something is.`,
  options: {
    ...ACCESS_OPTIONS,
    json: { type: 'boolean' },
    light: { type: 'string' },
    crossing: { type: 'string' },
    display: { type: 'string' },
    ...PORT_OPTIONS,
    users: { type: 'string' },
    data: { type: 'string' },
  },
  positionals: ['WHAT?', 'NAME?'],
  run,
}

async function run(call: Call): Promise<number> {
  const [what = 'light'] = call.positionals
  const checks = await checksFor(what, call)
  const { print } = standardIo()
  const isJson = call.flag('json')
  const findings = await runChecks(checks, (found) => {
    if (!isJson) for (const line of linesOf(found)) print(line)
  })
  if (isJson) print(jsonOf(findings))
  return isWell(findings) ? 0 : 1
}

async function checksFor(what: string, call: Call): Promise<readonly Check[]> {
  switch (what) {
    case 'light':
      return lightChecks(call)
    case 'broker':
      if (call.positionals[1] !== undefined) throw usageError(`unexpected argument '${call.positionals[1]}'`)
      return [...nodeChecks(), ...brokerChecksOf(call), ...machineChecks(folderOfBroker(call))]
    default:
      throw usageError(`'${what}' is not checked here: expected light or broker`)
  }
}

async function lightChecks(call: Call): Promise<readonly Check[]> {
  const display = call.option('display') ?? AUTO
  if (display !== AUTO) parseDisplay(display)
  const light = call.positionals[1] ?? call.option('light')
  const access = accessOf(call, light ?? 'light1')
  const { url, username } = access
  const { name: crossing, lights } = await crossingOf(call.option('crossing'))
  const { scheme, host, port } = parseUrl(url)
  const isSecure = scheme === 'mqtts:' || scheme === 'wss:'
  const target = { host, port, isSecure, url, username, crossing, light: light ?? username, lights }
  const options = {
    url,
    credentials: async () => ({ username, password: await access.password() }),
    // An authority that cannot be read is what the check of TLS finds.
    network: isSecure ? () => networkTo(url, access.ca)() : networkTo(url, access.ca),
    clock: systemClock,
    random: systemRandom,
  }
  return [
    ...nodeChecks(),
    { name: 'Sense HAT', run: async () => checkHat(await hatFacts(), display) },
    { name: 'rights', run: async () => checkRights(await hatFacts()) },
    { name: 'groups', run: async () => checkGroup(await hatFacts()) },
    { name: 'native part', run: async () => checkLibrary(await hatFacts(), display) },
    { name: 'emulator', run: async () => checkEmulator(await emulatorFacts(), display) },
    ...linkChecks(target, {
      resolve: machine.addressesOf,
      connect: (host, port) => machine.timeToConnect(systemClock, host, port),
      secure: () => tryTls(systemClock, { host, port, ca: access.ca }),
      logIn: () => tryLogIn(options),
      tryTopics: () => tryTopics(options, target),
    }),
    ...machineChecks(resolve('.')),
  ]
}

/** As for a light, but without a password that is a finding, and no reason to check nothing. */
function accessOf(call: Call, defaultUsername: string): Access {
  try {
    return accessFrom(call, defaultUsername)
  } catch (error) {
    const rest = accessFrom({ ...call, environment: { ...call.environment, MQTT_PASSWORD: 'none' } }, defaultUsername)
    return { ...rest, password: () => Promise.reject(error) }
  }
}

const usersFileOf = (call: Call): string => call.option('users') ?? 'users.json'

/** What fills up first: where it keeps things, else where its users are. */
const folderOfBroker = (call: Call): string => resolve(call.option('data') ?? dirname(usersFileOf(call)))

function brokerChecksOf(call: Call): readonly Check[] {
  const data = call.option('data')
  if (data === '') throw usageError('--data is empty: expected a directory')
  const target = { ...portsFrom(call), users: usersFileOf(call), ...(data !== undefined && { data: resolve(data) }) }
  return brokerChecks(target, {
    wallMs: systemClock.wallMs,
    resolve: machine.addressesOf,
    listen: ({ host, port }) => machine.tryToListen(host, port),
    isBroker: (protocol, address) => isBroker(systemClock, protocol, address),
    keep: machine.tryToKeepIn,
  })
}

const nodeChecks = (): readonly Check[] => [{ name: 'Node.js', run: () => checkNode(machine.nodeVersion()) }]

/** For how long timers and clocks are watched, ms. */
const WATCHED_MS = 1000

function machineChecks(folder: string): readonly Check[] {
  const offsetMs = (): number => systemClock.wallMs() - systemClock.monotonicMs()
  const offsetAtFirstMs = offsetMs()
  let watching: Promise<number> | null = null
  const watched = (): Promise<number> => {
    watching ??= machine.loopDelayMs(systemClock, WATCHED_MS)
    return watching
  }
  return [
    {
      name: 'clock steps',
      async run() {
        await watched()
        const movedMs = offsetMs() - offsetAtFirstMs
        return checkClockSteps({ movedMs, isSynchronized: await machine.isClockSynchronized() })
      },
    },
    { name: 'chrony', run: async () => checkSlewRate(await chronyConfiguration()) },
    { name: 'event loop', run: async () => checkLoopDelay(await watched()) },
    {
      name: 'disk',
      async run() {
        const existing = await machine.existingFolder(folder)
        return checkDisk({ folder: existing, freeBytes: await machine.freeBytes(existing) })
      },
    },
  ]
}

/** Where distributions keep chrony's files. */
const CHRONY_FILES = ['/etc/chrony/chrony.conf', '/etc/chrony.conf']
const CHRONY_FOLDERS = ['/etc/chrony/conf.d', '/etc/chrony.d']

/** All of chrony's files, one after the other; null where it does not run. */
async function chronyConfiguration(): Promise<string | null> {
  if (!(await machine.isRunning('chronyd'))) return null
  const more = await Promise.all(
    CHRONY_FOLDERS.map(async (folder) =>
      (await readdir(folder).catch(() => [])).sort().map((name) => join(folder, name)),
    ),
  )
  const texts = [...CHRONY_FILES, ...more.flat()].map((file) => readFile(file, 'utf8').catch(() => ''))
  return (await Promise.all(texts)).join('\n')
}
