/** The broker's certificate and key: read from their files, judged, and read again when they change. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Clock } from '../../platform/clock.ts'
import { configurationError, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'

/** The files are looked at this often, ms. Reading two small files costs less than watching two folders is worth. */
const LOOK_MS = 2000

/** A certificate that expires within this time is warned of, ms: 30 days. */
const SOON_MS = 30 * 24 * 3_600_000

export interface CertificateFiles {
  /** The path of the certificate in PEM, followed by those of intermediate authorities where there are any. */
  readonly cert: string
  /** The path of its private key in PEM. */
  readonly key: string
}

/** The contents of the two files. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** Reads the two files. Throws configurationError that names the file, what is wrong with it and what to do. */
export async function readKeyPair(files: CertificateFiles): Promise<KeyPair> {
  // One after the other: of two that are wrong, the same is told each time.
  const cert = await textOf(files.cert)
  return { cert, key: await textOf(files.key) }
}

/** Throws configurationError where `pair` cannot serve; gives the certificate. */
export function checkKeyPair({ cert, key }: KeyPair, files: CertificateFiles): X509Certificate {
  const certificate = parsed(files.cert, 'certificate', () => new X509Certificate(cert))
  if (!certificate.checkPrivateKey(privateKey(key, files.key))) {
    throw configurationError(
      `${files.key}: not the key of the certificate in ${files.cert}: name the two that were made together`,
    )
  }
  // Judges what comes behind the first certificate, and keys that are too weak.
  parsed(files.cert, 'certificate', () => createSecureContext({ cert, key }))
  return certificate
}

function privateKey(key: string, file: string): KeyObject {
  if (key.includes('ENCRYPTED')) {
    throw configurationError(
      `${file}: protected by a passphrase: take that away with 'openssl pkey -in ${file} -out FILE'`,
    )
  }
  return parsed(file, 'private key', () => createPrivateKey(key))
}

function parsed<Result>(file: string, what: string, parse: () => Result): Result {
  try {
    return parse()
  } catch (error) {
    throw configurationError(
      `${file}: no usable ${what} in PEM (${reasonOf(error)}): 'crossing certs' makes one`,
      error,
    )
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw configurationError(`${file}: ${inWords(error)}`, error)
  }
}

function inWords(error: unknown): string {
  switch (systemCode(error)) {
    case 'ENOENT':
      return "there is no such file: 'crossing certs' makes one"
    case 'EISDIR':
      return 'this is a directory: name a file in it'
    case 'EACCES':
      return 'this user may not read it: change its owner or its permissions'
    default:
      return `cannot be read: ${reasonOf(error)}`
  }
}

interface FollowDependencies {
  readonly logger: Logger
  readonly clock: Clock
  /** Called with each new pair that can serve. */
  readonly onChange: (pair: KeyPair) => void
}

export interface FollowedCertificate {
  /** Reads the files now, whatever the clock says. */
  reload(): Promise<void>
  close(): void
}

/**
 * Looks after the files of `first` until closed. A pair that cannot serve is refused, logged once, and the one before
 * stays. A change is judged at the second look that finds it: two files are never replaced at one moment.
 */
export function followCertificate(
  files: CertificateFiles,
  first: KeyPair,
  { logger, clock, onChange }: FollowDependencies,
): FollowedCertificate {
  let judged = contentOf(first)
  let seen = judged
  let isReadable = true
  let isClosed = false
  let cancel = (): void => {}

  const judge = (pair: KeyPair): void => {
    judged = contentOf(pair)
    try {
      logCertificate(checkKeyPair(pair, files), files, { logger, clock })
      onChange(pair)
    } catch (error) {
      logger.error({ reason: reasonOf(error), kept: 'the one before' }, 'certificate_refused')
    }
  }

  const look = async (isAsked: boolean): Promise<void> => {
    try {
      const pair = await readKeyPair(files)
      if (isClosed) return
      isReadable = true
      const content = contentOf(pair)
      const isSettled = isAsked || content === seen
      seen = content
      if (isSettled && content !== judged) judge(pair)
    } catch (error) {
      if (isReadable && !isClosed) logger.warn({ reason: reasonOf(error) }, 'certificate_unreadable')
      isReadable = false
    }
  }

  const lookAgain = (): void => {
    if (!isClosed) cancel = clock.after(LOOK_MS, () => void look(false).then(lookAgain))
  }
  lookAgain()
  return {
    reload: () => look(true),
    close() {
      isClosed = true
      cancel()
    },
  }
}

const contentOf = ({ cert, key }: KeyPair): string => `${cert}\0${key}`

/** Says what serves from now on, and warns of one that lights will refuse, or soon will. */
export function logCertificate(
  { subjectAltName: names, validFrom, validTo }: X509Certificate,
  { cert: file }: CertificateFiles,
  { logger, clock }: { readonly logger: Logger; readonly clock: Clock },
): void {
  const leftMs = Date.parse(validTo) - clock.wallMs()
  const fields = { file, names, validFrom, validTo }
  if (leftMs > SOON_MS) return logger.info(fields, 'certificate_read')
  const fix = "renew it, with 'crossing certs DIR' where that made it; or set this machine's clock"
  logger.warn({ ...fields, fix }, leftMs > 0 ? 'certificate_expires_soon' : 'certificate_expired')
}
