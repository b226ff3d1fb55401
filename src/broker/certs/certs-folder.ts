/** The directory of a private authority: its certificate and key, and those of the one server it vouches for. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises'
import { isIP, isIPv6 } from 'node:net'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { CrossingError, configurationError, failure, reasonOf, systemCode } from '../../platform/errors.ts'
import { withAbstractLock } from '../../platform/file-lock.ts'
import { type Issued, issueAuthority, issueServer } from './issue.ts'

const DAY_MS = 24 * 3_600_000

/** How long an authority vouches, days: longer than the lights, whose files name it, are likely to stand unchanged. */
const AUTHORITY_DAYS = 3653

/** The longest that a server's certificate may last, days. Source: Apple's limit for private authorities (HT210176). */
export const SERVER_DAYS_MAX = 825

/** A certificate holds from a day ago: the clock of a small computer may be behind. */
const BACKDATED_MS = DAY_MS

/** In every certificate, so that what runs beside the broker reaches it too. */
const OWN_HOSTS = ['localhost', '127.0.0.1', '::1']

export interface CertsRequest {
  readonly directory: string
  /** Names and IP addresses of the broker; none: those that the certificate has now. */
  readonly hosts: readonly string[]
  readonly days: number
  readonly nowMs: number
  /** Tells a new authority from others of this kind. */
  readonly authorityName: string
}

export interface Certs {
  readonly isNewAuthority: boolean
  readonly authority: X509Certificate
  readonly server: X509Certificate
  /** All that the server's certificate is for, those of this machine last. */
  readonly hosts: readonly string[]
  readonly files: CertsFiles
}

export interface CertsFiles {
  readonly authority: string
  readonly authorityKey: string
  readonly server: string
  readonly serverKey: string
}

/**
 * Makes the server's certificate anew, and the directory and the authority where there are none. An authority that is
 * there is never changed. Throws configurationError where the directory holds something unusable,
 * `failed` where it cannot be written.
 */
export async function makeCerts(request: CertsRequest): Promise<Certs> {
  const { directory } = request
  try {
    const hosts = await hostsFor(request)
    await makeDirectory(directory)
    const path = await realpath(directory)
    return await withAbstractLock(`crossing-certs/${path}`, () => makeIn(request, hosts))
  } catch (error) {
    if (error instanceof CrossingError) throw error
    throw failure(`${directory}: ${reasonOf(error)}: name a directory that this user may write to`, error)
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

const filesIn = (directory: string): CertsFiles => ({
  authority: join(directory, 'ca.crt'),
  authorityKey: join(directory, 'ca.key'),
  server: join(directory, 'server.crt'),
  serverKey: join(directory, 'server.key'),
})

async function makeIn(request: CertsRequest, hosts: readonly string[]): Promise<Certs> {
  const { directory, nowMs, days } = request
  const files = filesIn(directory)
  const present = await readAuthority(files)
  const authority = present ?? (await newAuthority(request, files))
  const parsed = new X509Certificate(authority.cert)
  const authorityUntilMs = Date.parse(parsed.validTo)
  if (authorityUntilMs <= nowMs) {
    const advice = 'make another in a new directory, and give its ca.crt to every light and controller'
    throw configurationError(`${files.authority}: the authority expired on ${parsed.validTo}: ${advice}`)
  }
  const untilMs = Math.min(nowMs + days * DAY_MS, authorityUntilMs)
  const server = await issueServer(authority, hosts, { fromMs: nowMs - BACKDATED_MS, untilMs })
  // The key first: a broker that looks in between sees that the two do not fit, and waits.
  await writeFileAtomic(files.serverKey, server.key, { mode: 0o600 })
  await writeFileAtomic(files.server, server.cert, { mode: 0o644 })
  return {
    isNewAuthority: present === null,
    authority: parsed,
    server: new X509Certificate(server.cert),
    hosts,
    files,
  }
}

async function readAuthority(files: CertsFiles): Promise<Issued | null> {
  const [cert, key] = await Promise.all([textOf(files.authority), textOf(files.authorityKey)])
  if (cert === null && key === null) return null
  if (cert === null || key === null) {
    const [there, missing] =
      cert === null ? [files.authorityKey, files.authority] : [files.authority, files.authorityKey]
    throw configurationError(
      `${there} is there and ${missing} is not: bring it back from where you keep it, or name another directory`,
    )
  }
  checkAuthority({ cert, key }, files)
  return { cert, key }
}

function checkAuthority({ cert, key }: Issued, files: CertsFiles): void {
  let parsed: X509Certificate
  try {
    parsed = new X509Certificate(cert)
  } catch (error) {
    throw configurationError(`${files.authority}: not a certificate in PEM: ${reasonOf(error)}`, error)
  }
  if (!parsed.ca) throw configurationError(`${files.authority}: not the certificate of an authority`)
  try {
    if (parsed.checkPrivateKey(createPrivateKey(key))) return
  } catch (error) {
    throw configurationError(`${files.authorityKey}: not a private key in PEM: ${reasonOf(error)}`, error)
  }
  throw configurationError(`${files.authorityKey}: not the key of ${files.authority}`)
}

async function newAuthority({ nowMs, authorityName }: CertsRequest, files: CertsFiles): Promise<Issued> {
  const validity = { fromMs: nowMs - BACKDATED_MS, untilMs: nowMs + AUTHORITY_DAYS * DAY_MS }
  const authority = await issueAuthority(authorityName, validity)
  // `wx`: nothing that is there is ever overwritten.
  await writeFile(files.authorityKey, authority.key, { mode: 0o600, flag: 'wx' })
  await writeFile(files.authority, authority.cert, { mode: 0o644, flag: 'wx' })
  return authority
}

async function hostsFor({ hosts, directory }: CertsRequest): Promise<readonly string[]> {
  if (hosts.length > 0) return [...new Set([...hosts, ...OWN_HOSTS])]
  const text = await textOf(filesIn(directory).server)
  const names = text === null ? [] : namesIn(text)
  if (names.length > 0) return names
  throw configurationError(`${directory}: no certificate to renew: name the broker's machine with --host NAME`)
}

/** The names and addresses of a certificate; none where it is not one. */
function namesIn(text: string): readonly string[] {
  try {
    return namesOf(new X509Certificate(text))
  } catch {
    return []
  }
}

/** `DNS:broker.local, IP Address:127.0.0.1`: names that need quotes are none of ours. */
export const namesOf = ({ subjectAltName = '' }: X509Certificate): readonly string[] =>
  subjectAltName.split(', ').flatMap((entry) => {
    const name = /^(?:DNS|IP Address):([^"]+)$/.exec(entry)?.[1]
    return name === undefined ? [] : [plainHost(name)]
  })

/** In lower case, and an IPv6 address in its short form, which certificates do not use. */
export const plainHost = (host: string): string =>
  isIPv6(host) ? new URL(`http://[${host}]`).hostname.slice(1, -1) : host.toLowerCase()

/** Whether `host` may stand in a certificate: a DNS name or an IP address. */
export const isHost = (host: string): boolean =>
  isIP(host) !== 0 || (host.length <= 253 && host.split('.').every((label) => LABEL.test(label)))

/** Source: RFC 1123, 2.1. */
const LABEL = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/i

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
