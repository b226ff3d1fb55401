/** Who is believed about a broker's certificate. */
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { configurationError, reasonOf } from '../../platform/errors.ts'

const BEGIN = '-----BEGIN CERTIFICATE-----'

/** The certificates, PEM, of `ca`: that text itself, or the path of a file with it. Throws configurationError. */
export function readAuthorities(ca: string): string {
  const isText = ca.includes(BEGIN)
  const name = isText ? 'the authority (ca)' : `the authority's file '${ca}'`
  const pem = isText ? ca : textOf(ca, name)
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (certificates.length === 0) {
    throw configurationError(`${name} holds no certificate in PEM: expected the ca.crt that 'crossing certs' made`)
  }
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate)
    } catch (error) {
      throw configurationError(`${name} holds a certificate that cannot be read: ${reasonOf(error)}`, error)
    }
  }
  return pem
}

function textOf(file: string, name: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw configurationError(`${name} cannot be read: ${reasonOf(error)}`, error)
  }
}
