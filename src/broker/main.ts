/** `crossing broker`. */
import { stat } from 'node:fs/promises'
import { systemClock } from '../platform/clock.ts'
import { type Call, type Command, untilStopped, wholeNumber } from '../platform/command.ts'
import { systemCode, usageError } from '../platform/errors.ts'
import { commandLogger, type Logger } from '../platform/log.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { readCrossing } from '../protocol/crossing-file.ts'
import { missingUsers } from './advice.ts'
import { createPasswords, type Passwords } from './auth/password.ts'
import { parseUsers, type Users } from './auth/users.ts'
import { readUsers } from './auth/users-file.ts'
import { startBroker } from './broker.ts'
import { LOOPBACK } from './exposure.ts'
import { LIMITS_HELP, parseLimits } from './limit-flags.ts'
import { PORT_OPTIONS, portsFrom } from './ports.ts'

const HELP = `
Usage: crossing broker [options]

The MQTT 3.1.1 broker. Nobody is let in without a user name and a password (see 'crossing user --help'). While a demo
account is left in the users file it listens on this machine only, whatever the host.

Options
  --host ADDRESS   where to listen (default: ${LOOPBACK}; 0.0.0.0 for all of this machine's addresses)
  --port N         the TCP port, 0 takes any free one; none: no plain TCP (default: 1883)
  --tls-port N     MQTT over TLS, usually 8883 (default: none)
  --tls-cert FILE  its certificate in PEM, with --tls-key FILE ('crossing certs' makes both); read again on change, SIGHUP
  --tls-key FILE   its private key in PEM, without a passphrase
  --tls-host ADDRESS    where TLS listens (default: as --host)
  --http-port N    HTTP: the page at /, MQTT over WebSocket at /mqtt, /metrics, /healthz, /healthz/readiness
                   (default: none)
  --http-host ADDRESS   where HTTP listens (default: ${LOOPBACK}, whatever --host is)
  --http-origin ORIGIN  lets web pages from elsewhere connect, https://panel.example; may be repeated
  --users FILE     the users file, read again when it changes and on SIGHUP (default: users.json)
  --data DIR       keeps retained messages, sessions, what is queued for them and trips in this directory, so that they
                   outlive the broker; made where it is missing (default: in memory, gone when the broker ends)
  --crossing FILE  the conflict monitor goes by this crossing file, whatever is published; warns of lights and
                   controllers of it that have no user. May be repeated (default: the files that controllers publish)
  --limit NAME=N   another limit than the default; may be repeated
  --sys-interval S between two rounds of $SYS/broker/…, s; 0: none (default: 10)
  --help           this text

Limits, over which the client concerned alone suffers (Ms: milliseconds)
${LIMITS_HELP}

Environment
  LOG_LEVEL          debug, info, warn or error (default: info)
  CROSSING_ACCOUNTS  accounts for this run alone, as the text of a users file
`

interface BrokerCommandDependencies {
  readonly logger: () => Promise<Logger>
  /** Resolves when the broker is to end; calls `onHangup` when it is to read its files again. */
  readonly stopped: (onHangup: () => void) => Promise<void>
  readonly passwords: () => Passwords
}

export const brokerCommand = (dependencies: BrokerCommandDependencies): Command => ({
  help: HELP,
  options: {
    ...PORT_OPTIONS,
    users: { type: 'string' },
    data: { type: 'string' },
    crossing: { type: 'string', multiple: true },
    limit: { type: 'string', multiple: true },
    'sys-interval': { type: 'string' },
  },
  positionals: [],
  async run(call) {
    const ports = portsFrom(call)
    const limits = parseLimits(call.options('limit'))
    const sysIntervalMs = 1000 * wholeNumber(call, 'sys-interval', { min: 0, max: 86_400, fallback: 10 })
    const accounts = takeAccounts(call.environment)
    const users = await usersOf(call, accounts)
    const logger = await dependencies.logger()
    const crossings = await Promise.all(call.options('crossing').map(readCrossing))
    refuseTwice(crossings)
    await adviseOn(crossings, { users, accounts, logger })
    // Until the broker is there, it has yet to read its files anyway.
    let reload = (): void => {}
    const stopped = dependencies.stopped(() => reload())
    await using passwords = dependencies.passwords()
    const data = call.option('data')
    if (data === '') throw usageError('--data is empty: expected a directory')
    const kept = data === undefined ? {} : { data }
    const options = { users, accounts, ...ports, ...kept, crossings, limits, sysIntervalMs }
    await using broker = await startBroker(options, { logger, passwords })
    reload = () => broker.reload()
    await stopped
    return 0
  },
})

export const command: Command = brokerCommand({
  logger: () => commandLogger('broker'),
  // Nothing to hurry: closing takes two seconds at most.
  stopped: (onHangup) => untilStopped(() => {}, systemClock, onHangup),
  passwords: () => createPasswords(),
})

/** The accounts of one run. They are taken out of the environment, which children inherit and `ps` can show. */
function takeAccounts(environment: NodeJS.ProcessEnv): Users {
  const text = environment['CROSSING_ACCOUNTS']
  delete environment['CROSSING_ACCOUNTS']
  return text === undefined ? new Map() : parseUsers(text, 'CROSSING_ACCOUNTS')
}

/** The users file; nobody where there is none, none was asked for and the accounts of this run do without. */
async function usersOf(call: Call, accounts: Users): Promise<string | Users> {
  const file = call.option('users') ?? 'users.json'
  if (accounts.size === 0 || call.option('users') !== undefined) return file
  try {
    await stat(file)
    return file
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? new Map() : file
  }
}

function refuseTwice(crossings: readonly Crossing[]): void {
  const names = crossings.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice === undefined) return
  throw usageError(`--crossing names two files for the crossing '${twice}': leave one of them out`)
}

async function adviseOn(
  crossings: readonly Crossing[],
  { users, accounts, logger }: { users: string | Users; accounts: Users; logger: Logger },
): Promise<void> {
  if (crossings.length === 0) return
  const known = typeof users === 'string' ? await readUsers(users) : users
  for (const crossing of crossings) {
    for (const advice of missingUsers(crossing, new Map([...known, ...accounts]))) {
      logger.warn({ crossing: crossing.name, ...advice }, 'user_missing')
    }
  }
}
