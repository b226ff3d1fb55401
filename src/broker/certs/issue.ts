/** Makes certificates: a private authority, and what it vouches for. The one place that knows @peculiar/x509. */
import { X509Certificate as Certificate, createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { dateOf } from '../../platform/clock.ts'

/** ECDSA on P-256 is what everything that speaks TLS 1.2 understands, and light on a small computer. */
const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const
const SIGNING_ALGORITHM = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A certificate and its private key, both as PEM. */
export interface Issued {
  readonly cert: string
  readonly key: string
}

/** When a certificate holds, ms since 1970. */
export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

/** Makes an authority called `name`, which may vouch for servers and for no other authority. */
export async function issueAuthority(name: string, { fromMs, untilMs }: Validity): Promise<Issued> {
  const x509 = await loadX509()
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify'])
  const { KeyUsageFlags } = x509
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: [{ CN: [name] }],
      keys,
      notBefore: dateOf(fromMs),
      notAfter: dateOf(untilMs),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { cert: pemOf(certificate.toString('pem')), key: pemOfKey(keys.privateKey) }
}

/** Makes a server's certificate for `hosts`, names and IP addresses, that `authority` vouches for. */
export async function issueServer(
  authority: Issued,
  hosts: readonly string[],
  { fromMs, untilMs }: Validity,
): Promise<Issued> {
  const x509 = await loadX509()
  const issuer = new x509.X509Certificate(authority.cert)
  const [keys, signingKey, issuerKey] = await Promise.all([
    webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']),
    privateKeyIn(authority.key),
    issuer.publicKey.export(webcrypto),
  ])
  const names = hosts.map((host) => ({ type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const), value: host }))
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: [{ CN: [(hosts[0] ?? '').slice(0, COMMON_NAME_CHARACTERS_MAX)] }],
      issuer: issuer.subjectName,
      publicKey: keys.publicKey,
      signingKey,
      notBefore: dateOf(fromMs),
      notAfter: dateOf(untilMs),
      signingAlgorithm: SIGNING_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuerKey, false, webcrypto),
      ],
    },
    webcrypto,
  )
  return { cert: pemOf(certificate.toString('pem')), key: pemOfKey(keys.privateKey) }
}

/** Source: RFC 5280, appendix A.1, ub-common-name. Clients look at the alternative names alone. */
const COMMON_NAME_CHARACTERS_MAX = 64

const privateKeyIn = (pem: string): Promise<webcrypto.CryptoKey> => {
  const der = createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })
  return webcrypto.subtle.importKey('pkcs8', der, KEY_ALGORITHM, false, ['sign'])
}

/** In the form that every other program writes: 64 characters a line, and a line end. */
const pemOf = (pem: string): string => new Certificate(pem).toString()

const pemOfKey = (key: webcrypto.CryptoKey): string =>
  KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()

/** Only who makes certificates loads it: it brings much along, and a change of the global Reflect that it asks for. */
async function loadX509() {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}
