/** Why a broker's certificate was not believed, or TLS not agreed on, in words for people. */
import { systemCode } from '../../platform/errors.ts'

const CLOCK = "is this machine's clock right? ('date' shows it; a Raspberry Pi has none that runs on without power)"

const UNKNOWN_AUTHORITY =
  "nobody who is believed here vouches for its certificate: give --ca the ca.crt of the broker's authority, the one " +
  'that made its present certificate'

/** By the code that OpenSSL gives the fault, as Node spells it. */
const CERTIFICATE_WORDS: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', `its certificate has expired: renew it (crossing certs DIR); or ${CLOCK}`],
  ['CERT_NOT_YET_VALID', `its certificate is not valid yet: ${CLOCK}`],
  ['UNABLE_TO_GET_ISSUER_CERT', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNKNOWN_AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN_AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN_AUTHORITY],
  ['CERT_SIGNATURE_FAILURE', UNKNOWN_AUTHORITY],
  ['INVALID_PURPOSE', 'its certificate is not one for servers: start the broker with server.crt, not ca.crt'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed: if it is the one you expect, give it as --ca'],
])

/** What is wrong with the broker's certificate, and what to do; null where `error` is about something else. */
export function certificateFault(error: unknown): string | null {
  const code = systemCode(error) ?? ''
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(error)
  const words = CERTIFICATE_WORDS.get(code)
  if (words !== undefined) return words
  return code.startsWith('CERT_') ? `its certificate is no good (${code})` : null
}

/** The error carries the host that was asked for, and the certificate. */
function wrongName(error: unknown): string {
  const host = property(error, 'host')
  const names = property(property(error, 'cert'), 'subjectaltname')
  const madeFor = typeof names === 'string' ? `for ${names}` : 'for other names'
  return (
    `its certificate is ${madeFor}, and not for ${String(host)}: put one of those names into the URL, or make ` +
    `another certificate, with --host for each name that it is to have (crossing certs DIR --host ${String(host)} …)`
  )
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

/** Whether the other side did not go on with TLS: it broke off, or what it sent is none. */
export function isTlsBroken(error: unknown): boolean {
  const code = systemCode(error) ?? ''
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'EPROTO' || code.startsWith('ERR_SSL_')
}
