/** Checks of what a broker needs of its machine. */

import { readUsers } from '../broker/auth/users-file.ts'
import { demoAccountsOf, isLoopback, remediesFor } from '../broker/exposure.ts'
import { reasonOf, systemCode } from '../platform/errors.ts'
import { type Check, ok, skipped, wrong } from './finding.ts'

export interface BrokerTarget {
  readonly host: string
  readonly port: number
  readonly users: string
}

/** What asks; the tests bring their own. */
export interface BrokerProbes {
  /** The addresses of a host name. Rejects with what the system says. */
  resolve(host: string): Promise<readonly string[]>
  /** Listens, and ends it. Rejects with what the system says. */
  listen(host: string, port: number): Promise<void>
  /** Whether an MQTT broker answers there. */
  isBroker(host: string, port: number): Promise<boolean>
}

export function brokerChecks({ host, port, users }: BrokerTarget, probes: BrokerProbes): readonly Check[] {
  return [
    {
      name: 'users',
      async run() {
        try {
          const known = await readUsers(users)
          return known.size > 0 ? ok(`${known.size} in ${users}`) : wrong(`${users} holds nobody`, addUser(users))
        } catch (error) {
          return wrong(reasonOf(error), usersFix(error, users))
        }
      },
    },
    {
      name: 'demo accounts',
      async run() {
        const known = await readUsers(users).catch(() => null)
        if (known === null) return skipped('not before the users can be read')
        const accounts = demoAccountsOf(known)
        if (accounts.length === 0) return ok('none, so other machines may be let in')
        if (isLoopback(host)) return skipped(`${accounts.join(', ')}: no matter on this machine alone`)
        return wrong(
          `${accounts.join(', ')}: ${host} is not listened on while there are any`,
          remediesFor(accounts).join('; '),
        )
      },
    },
    {
      name: 'name resolution',
      async run() {
        try {
          return ok(`${host} is ${(await probes.resolve(host)).join(', ')}`)
        } catch (error) {
          return wrong(`${host}: ${reasonOf(error)}`, 'crossing broker --host 0.0.0.0')
        }
      },
    },
    {
      name: 'TCP',
      async run() {
        try {
          await probes.listen(host, port)
          return ok(`${host} port ${port} is free`)
        } catch (error) {
          const code = systemCode(error)
          if (code === 'EADDRINUSE' && (await probes.isBroker(host, port)))
            return ok(`a broker runs at ${host} port ${port}`)
          return wrong(`${host} port ${port}: ${reasonOf(error)}`, listenFix(code, port))
        }
      },
    },
  ]
}

const addUser = (users: string): string => `crossing user add light1 --role light --role controller --users ${users}`

function usersFix(error: unknown, users: string): string {
  switch (systemCode(error instanceof Error ? error.cause : error)) {
    case 'ENOENT':
      return addUser(users)
    case 'EACCES':
      return `sudo chown "$USER" ${users}`
    default:
      return `crossing user check --users ${users}`
  }
}

function listenFix(code: string | undefined, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `sudo ss -ltnp 'sport = :${port}' (end what has it, or use another port: --port N)`
    case 'EADDRNOTAVAIL':
      return 'ip address (this machine has another one: --host ADDRESS, or 0.0.0.0 for all)'
    case 'EACCES':
      return 'crossing broker --port 1883 (ports below 1024 are for root)'
    default:
      return 'crossing broker --host 0.0.0.0 --port 1883'
  }
}
