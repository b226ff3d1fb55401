/** Checks of the way from a light to its broker: each asks, and says what the answer means. */
import { reasonOf, systemCode } from '../platform/errors.ts'
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
}

/** What asks; the tests bring their own. Each rejects with what the system says. */
export interface LinkProbes {
  /** The addresses of a host name. */
  resolve(host: string): Promise<readonly string[]>
  /** Connects, and ends it; ms that it took. */
  connect(host: string, port: number): Promise<number>
  /** Agrees on TLS and checks the certificate; null, or what is wrong. */
  secure(): Promise<string | null>
  /** Logs in; null, or why that is refused. */
  logIn(): Promise<string | null>
  /** Reads what a light reads, and says what a light says; null, or what is refused. */
  tryTopics(): Promise<string | null>
}

export function linkChecks(target: LinkTarget, probes: LinkProbes): readonly Check[] {
  const { url, host, port, isSecure, username, crossing, light } = target
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
        const fault = await probes.secure()
        if (fault === null) return ok(`the certificate of ${host} is believed`)
        return wrong(fault, `crossing certs DIR --host ${host} (on the broker's machine), then --ca ca.crt here`)
      },
    },
    {
      name: 'log-in',
      async run() {
        const refused = await probes.logIn()
        if (refused === null) return ok(`as user '${username}'`)
        return wrong(
          refused,
          `crossing user passwd ${username} (on the broker's machine), then --password-file FILE here`,
        )
      },
    },
    {
      name: 'rights on topics',
      async run() {
        const refused = await probes.tryTopics()
        if (refused === null) return ok(`user '${username}' may be light '${light}' of crossing '${crossing}'`)
        return wrong(
          refused,
          `crossing user add ${light} --role light --crossing ${crossing} (on the broker's machine)`,
        )
      },
    },
  ])
}

const connectFix = (code: string | undefined, port: number): string =>
  code === 'ECONNREFUSED'
    ? `crossing broker --host 0.0.0.0 --port ${port} (on the broker's machine; is it started, and for others too?)`
    : `ping it (is the machine on?), then on it: sudo ufw allow ${port}/tcp`
