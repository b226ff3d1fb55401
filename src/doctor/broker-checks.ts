/** Checks of what a broker needs of its machine. */
import { dirname } from 'node:path'
import { readUsers } from '../broker/auth/users-file.ts'
import { demoAccountsOf, isLoopback, LOOPBACK, remediesFor } from '../broker/exposure.ts'
import { type CertificateFiles, checkKeyPair, readKeyPair } from '../broker/listeners/certificate.ts'
import type { BrokerOptions } from '../broker/options.ts'
import type { Ports } from '../broker/ports.ts'
import { reasonOf, systemCode } from '../platform/errors.ts'
import type { Protocol } from './broker-probe.ts'
import { type Check, ok, skipped, wrong } from './finding.ts'

export interface BrokerTarget extends Ports, Pick<BrokerOptions, 'data'> {
  readonly users: string
}

interface Address {
  readonly host: string
  readonly port: number
}

/** What asks; the tests bring their own. */
export interface BrokerProbes {
  /** ms since 1970. */
  wallMs(): number
  /** The addresses of a host name. Rejects with what the system says. */
  resolve(host: string): Promise<readonly string[]>
  /** Listens, and ends it. Rejects with what the system says. */
  listen(address: Address): Promise<void>
  /** Whether a broker answers there. */
  isBroker(protocol: Protocol, address: Address): Promise<boolean>
  /** Resolves where this user may write to the directory, or make it. Rejects with what the system says. */
  keep(directory: string): Promise<void>
}

/** What is not asked for is not checked. */
export function brokerChecks(target: BrokerTarget, probes: BrokerProbes): readonly Check[] {
  const { users, tls, data } = target
  const addresses = addressesOf(target)
  const hosts = [...new Set([...addresses.values()].map(({ host }) => host))]
  return [
    usersCheck(users),
    demoAccountsCheck(users, hosts),
    resolutionCheck(hosts, probes),
    ...(tls === undefined ? [] : [certificateCheck(tls, probes)]),
    ...[...addresses].map(([protocol, address]) => listenCheck(protocol, address, probes)),
    ...(data === undefined ? [] : [dataCheck(data, probes)]),
  ]
}

/** Where a broker is to listen. */
function addressesOf({ host, port, tls, http }: BrokerTarget): ReadonlyMap<Protocol, Address> {
  const addresses = new Map<Protocol, Address>()
  if (port !== false) addresses.set('TCP', { host, port })
  if (tls !== undefined) addresses.set('TLS', { host: tls.host ?? host, port: tls.port })
  if (http !== undefined) addresses.set('HTTP', { host: http.host ?? LOOPBACK, port: http.port })
  return addresses
}

const usersCheck = (users: string): Check => ({
  name: 'users',
  async run() {
    try {
      const known = await readUsers(users)
      return known.size > 0 ? ok(`${known.size} in ${users}`) : wrong(`${users} holds nobody`, addUser(users))
    } catch (error) {
      return wrong(reasonOf(error), usersFix(error, users))
    }
  },
})

const demoAccountsCheck = (users: string, hosts: readonly string[]): Check => ({
  name: 'demo accounts',
  async run() {
    const known = await readUsers(users).catch(() => null)
    if (known === null) return skipped('not before the users can be read')
    const accounts = demoAccountsOf(known)
    if (accounts.length === 0) return ok('none, so other machines may be let in')
    const open = hosts.find((host) => !isLoopback(host))
    if (open === undefined) return skipped(`${accounts.join(', ')}: no matter on this machine alone`)
    return wrong(
      `${accounts.join(', ')}: ${open} is not listened on while there are any`,
      remediesFor(accounts).join('; '),
    )
  },
})

const resolutionCheck = (hosts: readonly string[], { resolve }: BrokerProbes): Check => ({
  name: 'name resolution',
  async run() {
    const found: string[] = []
    for (const host of hosts) {
      try {
        found.push(`${host} is ${(await resolve(host)).join(', ')}`)
      } catch (error) {
        return wrong(`${host}: ${reasonOf(error)}`, 'crossing broker --host 0.0.0.0')
      }
    }
    return ok(found.join('; '))
  },
})

const listenCheck = (protocol: Protocol, address: Address, probes: BrokerProbes): Check => ({
  name: protocol,
  async run() {
    const where = `${address.host} port ${address.port}`
    try {
      await probes.listen(address)
      return ok(`${where} is free`)
    } catch (error) {
      const code = systemCode(error)
      if (code === 'EADDRINUSE' && (await probes.isBroker(protocol, address))) return ok(`a broker runs at ${where}`)
      return wrong(`${where}: ${reasonOf(error)}`, listenFix(code, protocol, address.port))
    }
  },
})

const certificateCheck = (files: CertificateFiles, { wallMs }: BrokerProbes): Check => ({
  name: 'certificate',
  async run() {
    const { cert, key } = files
    const renew = `crossing certs ${dirname(cert)}`
    try {
      const { subjectAltName, validFrom, validTo } = checkKeyPair(await readKeyPair(files), files)
      if (Date.parse(validFrom) > wallMs())
        return wrong(`${cert}: it is valid from ${validFrom} on`, 'date (is it right?)')
      if (Date.parse(validTo) < wallMs()) return wrong(`${cert}: it expired on ${validTo}`, renew)
      return ok(`for ${subjectAltName ?? 'no name'}, until ${validTo}`)
    } catch (error) {
      const isRefused = causeOf(error) === 'EACCES'
      return wrong(reasonOf(error), isRefused ? `sudo chown "$USER" ${cert} ${key}` : `${renew} --host NAME`)
    }
  },
})

const dataCheck = (directory: string, { keep }: BrokerProbes): Check => ({
  name: 'data',
  async run() {
    try {
      await keep(directory)
      return ok(`${directory} can be written to`)
    } catch (error) {
      const isFile = systemCode(error) === 'ENOTDIR'
      const fix = isFile ? 'crossing broker --data DIR (another one)' : `sudo install -d -o "$USER" ${directory}`
      return wrong(`${directory}: ${reasonOf(error)}`, fix)
    }
  },
})

const causeOf = (error: unknown): string | undefined => systemCode(error instanceof Error ? error.cause : error)

const addUser = (users: string): string => `crossing user add light1 --role light --role controller --users ${users}`

function usersFix(error: unknown, users: string): string {
  switch (causeOf(error)) {
    case 'ENOENT':
      return addUser(users)
    case 'EACCES':
      return `sudo chown "$USER" ${users}`
    default:
      return `crossing user check --users ${users}`
  }
}

/** The options of `crossing broker` that say where it listens, and a port that is free of the rights of root. */
const LISTENING = {
  TCP: { host: '--host', port: '--port', usual: 1883 },
  TLS: { host: '--tls-host', port: '--tls-port', usual: 8883 },
  HTTP: { host: '--http-host', port: '--http-port', usual: 8080 },
} as const

function listenFix(code: string | undefined, protocol: Protocol, taken: number): string {
  const { host, port, usual } = LISTENING[protocol]
  switch (code) {
    case 'EADDRINUSE':
      return `sudo ss -ltnp 'sport = :${taken}' (end what has it, or use another port: ${port} N)`
    case 'EADDRNOTAVAIL':
      return `ip address (this machine has another one: ${host} ADDRESS, or 0.0.0.0 for all)`
    case 'EACCES':
      return `crossing broker ${port} ${usual} (ports below 1024 are for root)`
    default:
      return `crossing broker ${host} 0.0.0.0 ${port} ${usual}`
  }
}
