/** Checks of the way from a light to its broker: each asks, and says what the answer means. */
import { reasonOf, systemCode } from '../platform/errors.ts'
import type { Denial } from './broker-probe.ts'
import { type Check, chained, ok, skipped, wrong } from './finding.ts'

export interface LinkTarget {
  readonly url: string
  readonly host: string
  readonly port: number
  /** Whether the URL asks for TLS. */
  readonly isSecure: boolean
  readonly username: string
  readonly crossing: string
  readonly light: string
  /** Those of the crossing. */
  readonly lights: readonly string[]
}

/** What asks; the tests bring their own. Each rejects with what the system says. */
export interface LinkProbes {
  /** The addresses of a host name. */
  resolve(host: string): Promise<readonly string[]>
  /** Connects, and ends it; ms that it took. */
  connect(host: string, port: number): Promise<number>
  /** Agrees on TLS and checks the certificate; null, or what is wrong. Rejects where its authority cannot be read. */
  secure(): Promise<Denial | null>
  /** Logs in; null, or why that is refused. */
  logIn(): Promise<Denial | null>
  /** Reads what a light reads, and says what a light says; null, or what is refused. */
  tryTopics(): Promise<Denial | null>
}

export function linkChecks(target: LinkTarget, probes: LinkProbes): readonly Check[] {
  const { url, host, port, isSecure, username, crossing, light, lights } = target
  return chained([
    {
      name: 'name resolution',
      async run() {
        try {
          return ok(`${host} is ${(await probes.resolve(host)).join(', ')}`)
        } catch (error) {
          return wrong(
            `${host}: ${reasonOf(error)}`,
            `getent hosts ${host} (or give the address: --url mqtt://ADDRESS:${port})`,
          )
        }
      },
    },
    {
      name: 'TCP',
      async run() {
        try {
          return ok(`${host} port ${port} answers within ${Math.ceil(await probes.connect(host, port))} ms`)
        } catch (error) {
          return wrong(`${host} port ${port}: ${reasonOf(error)}`, connectFix(systemCode(error), port))
        }
      },
    },
    {
      name: 'TLS',
      async run() {
        if (!isSecure) return skipped(`${url} is not encrypted: use it on a network that you trust`)
        try {
          const fault = await probes.secure()
          if (fault === null) return ok(`the certificate of ${host} is believed`)
          return wrong(fault.reason, tlsFix(fault, target))
        } catch (error) {
          return wrong(
            reasonOf(error),
            `scp ${host}:DIR/ca.crt . (DIR as 'crossing certs' had it), then --ca ca.crt here`,
          )
        }
      },
    },
    {
      name: 'log-in',
      async run() {
        const refused = await probes.logIn()
        if (refused === null) return ok(`as user '${username}'`)
        return wrong(refused.reason, logInFix(refused, target))
      },
    },
    {
      name: 'rights on topics',
      async run() {
        if (!lights.includes(light)) {
          return wrong(
            `crossing '${crossing}' has no light '${light}'; it has ${lights.join(', ')}`,
            `crossing doctor light --light ${lights[0]} (or --crossing FILE, the file that has it)`,
          )
        }
        const refused = await probes.tryTopics()
        if (refused === null) return ok(`user '${username}' may be light '${light}' of crossing '${crossing}'`)
        return wrong(refused.reason, rightsFix(target))
      },
    },
  ])
}

const connectFix = (code: string | undefined, port: number): string =>
  code === 'ECONNREFUSED'
    ? `crossing broker --host 0.0.0.0 --port ${port} (on the broker's machine; is it started, and for others too?)`
    : `ping it (is the machine on?), then on it: sudo ufw allow ${port}/tcp`

function tlsFix({ kind }: Denial, { host, port }: LinkTarget): string {
  if (kind === 'silent') return restart(port)
  if (kind === 'untrusted') return `crossing certs DIR --host ${host} (on the broker's machine), then --ca ca.crt here`
  return `--url mqtts://${host}:8883 (or the port that the broker's log names: listening, mqtts)`
}

function logInFix({ kind }: Denial, { host, port, username }: LinkTarget): string {
  const file = `${username}.password`
  switch (kind) {
    case 'no-password':
      return `install -m 600 /dev/stdin ${file} (type the password, Enter, Ctrl-D), then --password-file ${file} here`
    case 'wrong-password':
    case 'not-allowed':
      return `crossing user passwd ${username} (on the broker's machine), then --password-file FILE here`
    case 'silent':
      return restart(port)
    case 'unreachable':
    case 'untrusted':
    case 'lost':
      return `--url mqtt://${host}:1883, or mqtts://${host}:8883 (or the port that the broker's log names: listening)`
  }
}

/** A process that was stopped still has its port. */
const restart = (port: number): string =>
  `sudo ss -ltnp 'sport = :${port}' (on the broker's machine; end what has the port, and start the broker again)`

/** The user is known, since it could log in: it cannot be added once more. */
function rightsFix({ username, crossing, light }: LinkTarget): string {
  const add = `crossing user add ${light} --role light --crossing ${crossing}`
  return username === light
    ? `crossing user remove ${light} && ${add} (on the broker's machine)`
    : `${add} (on the broker's machine), then --username ${light} here`
}
