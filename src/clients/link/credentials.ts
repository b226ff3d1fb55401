/** Who a command connects as: flags over environment over file, and the password never from an argument. */
import { readFile } from 'node:fs/promises'
import type { Call } from '../../platform/command.ts'
import { configurationError, reasonOf, usageError } from '../../platform/errors.ts'

export interface Access {
  readonly url: string
  readonly username: string
  /** Reads the password anew, so that a corrected file is used at the next attempt. */
  readonly password: () => Promise<string>
  /** The path of the authority's certificate; none: those that Node comes with. */
  readonly ca?: string
}

/** Options of every command that connects to a broker. */
export const ACCESS_OPTIONS = {
  url: { type: 'string' },
  username: { type: 'string' },
  'password-file': { type: 'string' },
  ca: { type: 'string' },
} as const

/** Their part of `--help`. */
export const ACCESS_HELP = (username: string): string =>
  `
  --url URL             broker, mqtt://HOST:PORT, mqtts:// with TLS, ws:// or wss://HOST:PORT/mqtt
                                                      [MQTT_URL; default mqtt://127.0.0.1:1883]
  --ca FILE             whom to believe about the broker's certificate, PEM: the ca.crt that 'crossing certs' made
                                                      [MQTT_CA; default: the authorities that Node comes with]
  --username NAME       user of users.json            [MQTT_USERNAME; default ${username}]
  --password-file FILE  its first line is the password, read again at each attempt
                                                      [MQTT_PASSWORD_FILE, or MQTT_PASSWORD with the password]`.slice(1)

/** Reads the options of `ACCESS_OPTIONS` and the environment. Throws usageError where no password is given at all. */
export function accessFrom(call: Call, defaultUsername: string): Access {
  const { environment } = call
  const url = call.option('url') ?? (environment['MQTT_URL'] || 'mqtt://127.0.0.1:1883')
  const username = call.option('username') ?? (environment['MQTT_USERNAME'] || defaultUsername)
  const flag = call.option('password-file')
  const given = environment['MQTT_PASSWORD'] || undefined
  const ca = call.option('ca') ?? (environment['MQTT_CA'] || undefined)
  const rest = { url, username, ...(ca !== undefined && { ca }) }
  if (flag === undefined && given !== undefined) return { ...rest, password: async () => given }
  const file = flag ?? environment['MQTT_PASSWORD_FILE']
  if (file === undefined || file === '') {
    throw usageError(`no password for user '${username}': give --password-file FILE, or set MQTT_PASSWORD`)
  }
  return { ...rest, password: () => passwordIn(file) }
}

async function passwordIn(file: string): Promise<string> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw configurationError(`cannot read the password file '${file}': ${reasonOf(error)}`, error)
  }
  const [line = ''] = text.split(/\r?\n/, 1)
  if (line === '') throw configurationError(`the password file '${file}' is empty: its first line must be the password`)
  return line
}
