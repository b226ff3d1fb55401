/** `crossing certs`: what the broker needs to speak TLS, and lights to know it. */
import { isIPv6 } from 'node:net'
import { type Clock, systemClock } from '../../platform/clock.ts'
import { type Call, type Command, wholeNumber } from '../../platform/command.ts'
import { usageError } from '../../platform/errors.ts'
import { type Random, randomId, systemRandom } from '../../platform/random.ts'
import { type StandardIo, standardIo } from '../../platform/standard-io.ts'
import { type Certs, isHost, makeCerts, plainHost, SERVER_DAYS_MAX } from './certs-folder.ts'

const HELP = `
Usage: crossing certs DIR --host NAME [--host NAME]... [--days N]

Makes a private authority and a certificate for the broker, in the directory DIR, which only you can read. Lights and
controllers that are given DIR/ca.crt know the broker by it, and nothing else passes for the broker. Again with the same
DIR, it keeps the authority and renews the broker's certificate; a running broker takes that up by itself.

  DIR/ca.crt      the authority's certificate, for 10 years: to every light and controller (--ca)
  DIR/ca.key      the authority's key: who has it can pass for your broker
  DIR/server.crt  the broker's certificate (--tls-cert)
  DIR/server.key  the broker's key (--tls-key)

Options
  --host NAME  a name or an IP address that the broker is reached by; may be repeated. localhost, 127.0.0.1 and ::1
               are always added (default, when renewing: those of the certificate that is there)
  --days N     how long the broker's certificate holds, 1 to ${SERVER_DAYS_MAX} (default: ${SERVER_DAYS_MAX})
  --help       this text
`

interface CertsCommandDependencies {
  readonly io: () => StandardIo
  readonly clock: Clock
  readonly random: Random
}

export const certsCommand = ({ io, clock, random }: CertsCommandDependencies): Command => ({
  help: HELP,
  options: { host: { type: 'string', multiple: true }, days: { type: 'string' } },
  positionals: ['DIR'],
  async run(call) {
    const [directory = ''] = call.positionals
    const days = wholeNumber(call, 'days', { min: 1, max: SERVER_DAYS_MAX, fallback: SERVER_DAYS_MAX })
    const certs = await makeCerts({
      directory,
      hosts: hostsFrom(call),
      days,
      nowMs: clock.wallMs(),
      authorityName: `crossing authority ${randomId(random).slice(0, NAME_CHARACTERS)}`,
    })
    for (const line of linesFor(certs)) io().print(line)
    return 0
  },
})

export const command: Command = certsCommand({ io: () => standardIo(), clock: systemClock, random: systemRandom })

/** Of the random part of an authority's name: enough to tell two apart by eye. */
const NAME_CHARACTERS = 8

function hostsFrom(call: Call): readonly string[] {
  const hosts = call.options('host')
  const wrong = hosts.find((host) => !isHost(host))
  if (wrong !== undefined) {
    throw usageError(`--host is '${wrong}': expected a name such as broker.local, or an IP address`)
  }
  return hosts.map(plainHost)
}

function linesFor({ isNewAuthority, authority, server, hosts, files }: Certs): readonly string[] {
  const [host = ''] = hosts
  const url = `mqtts://${isIPv6(host) ? `[${host}]` : host}:8883`
  return [
    isNewAuthority
      ? `${files.authority}: a new authority, until ${authority.validTo}. Keep ${files.authorityKey} to yourself.`
      : `${files.authority}: the authority that was there, until ${authority.validTo}.`,
    `${files.server}: the broker's certificate for ${hosts.join(', ')}, until ${server.validTo}.`,
    '',
    'The broker:',
    `  crossing broker --host 0.0.0.0 --port none --tls-port 8883 --tls-cert ${files.server} --tls-key ${files.serverKey}`,
    `Copy ${files.authority} to each machine with a light or a controller, and there:`,
    `  crossing light NAME --url ${url} --ca ca.crt --password-file FILE`,
  ]
}
