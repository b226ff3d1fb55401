import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { certsCommand, command as realCommand } from '../../../../src/broker/certs/certs-command.ts'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { parseCall } from '../../../../src/platform/command.ts'
import { systemRandom } from '../../../../src/platform/random.ts'
import { needs } from '../../../fixtures/needs.ts'

const DAY_MS = 24 * 3_600_000
const FILES = ['ca.crt', 'ca.key', 'server.crt', 'server.key']

/** Runs `crossing certs`; gives what it printed. */
async function certs(argv: readonly string[], clock: Clock = systemClock): Promise<string> {
  const lines: string[] = []
  const io = {
    print: (line: string) => void lines.push(line),
    note: () => {},
    isInteractive: false,
    askSecret: async () => null,
  }
  const command = certsCommand({ io: () => io, clock, random: systemRandom })
  const call = parseCall(command, argv, {})
  if (call !== 'help') await command.run(call)
  return lines.join('\n')
}

const textsIn = (folder: string): string[] => FILES.map((name) => readFileSync(join(folder, name), 'utf8'))

const laterBy = (days: number): Clock => ({ ...systemClock, wallMs: () => systemClock.wallMs() + days * DAY_MS })

/** Whether a client with this authority takes the server for `host`. */
async function isTrusted(t: Test, folder: string, host: string): Promise<boolean> {
  const [ca = '', , cert = '', key = ''] = textsIn(folder)
  const server = createServer({ cert, key }, (socket) => socket.end())
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', ca, servername: host })
    socket.on('error', () => resolve(false))
    socket.on('secureConnect', () => resolve(true))
  })
}

t.test('an authority and a certificate are made, which Node and OpenSSL accept', async (t) => {
  const folder = join(t.testdir(), 'certs')
  const said = await certs([folder, '--host', 'Broker.local', '--host', '192.168.1.5'])
  t.strictSame(readdirSync(folder).sort(), FILES)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of ['ca.key', 'server.key']) t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
  const [ca = '', , server = '', key = ''] = textsIn(folder)
  const certificate = new X509Certificate(server)
  t.ok(certificate.verify(new X509Certificate(ca).publicKey))
  t.ok(certificate.checkPrivateKey(createPrivateKey(key)))
  t.match(createPrivateKey(key).asymmetricKeyDetails, { namedCurve: 'prime256v1' })
  for (const host of ['broker.local', 'localhost']) t.equal(await isTrusted(t, folder, host), true, host)
  t.equal(await isTrusted(t, folder, 'evil.local'), false)
  for (const host of ['192.168.1.5', '127.0.0.1', '::1']) t.ok(certificate.checkIP(host), host)
  t.match(said, `--tls-cert ${folder}/server.crt --tls-key ${folder}/server.key`)
  t.match(said, 'crossing light NAME --url mqtts://broker.local:8883 --ca ca.crt')
  t.notMatch(said, 'PRIVATE KEY')
})

t.test('OpenSSL accepts them by its strict rules', async (t) => {
  if (!needs(t, 'openssl')) return
  const folder = join(t.testdir(), 'certs')
  await certs([folder, '--host', 'broker.local'])
  const argv = ['verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', join(folder, 'ca.crt')]
  for (const check of [
    ['-verify_hostname', 'broker.local'],
    ['-verify_ip', '::1'],
    ['-verify_ip', '127.0.0.1'],
  ]) {
    const verdict = execFileSync('openssl', [...argv, ...check, join(folder, 'server.crt')], { encoding: 'utf8' })
    t.match(verdict, /: OK\n$/)
  }
})

t.test('they last ten years and 825 days, or as long as was asked for, and hold from the day before', async (t) => {
  const folder = join(t.testdir(), 'certs')
  const nowMs = systemClock.wallMs()
  const daysIn = (name: string): number[] => {
    const { validFrom, validTo } = new X509Certificate(readFileSync(join(folder, name)))
    return [validFrom, validTo].map((date) => Math.round((Date.parse(date) - nowMs) / DAY_MS))
  }
  await certs([folder, '--host', 'a'])
  t.strictSame(daysIn('ca.crt'), [-1, 3653])
  t.strictSame(daysIn('server.crt'), [-1, 825])
  await certs([folder, '--days', '30'])
  t.strictSame(daysIn('server.crt'), [-1, 30])
  await certs([folder], laterBy(3600))
  t.strictSame(daysIn('server.crt'), [3599, 3653], 'no certificate outlives its authority')
})

t.test('a second run keeps the authority, and renews the certificate for the same names or for others', async (t) => {
  const folder = join(t.testdir(), 'certs')
  await certs([folder, '--host', 'broker.local', '--host', 'fe80::1'])
  const first = textsIn(folder)
  const said = await certs([folder])
  const second = textsIn(folder)
  t.strictSame(second.slice(0, 2), first.slice(0, 2))
  t.not(second[2], first[2])
  t.match(said, 'the authority that was there')
  const names = () => new X509Certificate(textsIn(folder)[2] ?? '').subjectAltName
  const expected =
    'DNS:broker.local, IP Address:FE80:0:0:0:0:0:0:1, DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
  t.equal(names(), expected)
  await certs([folder, '--host', 'other.local'])
  t.match(names(), /^DNS:other\.local, DNS:localhost, /)
})

t.test('two runs at once make one authority', async (t) => {
  const folder = join(t.testdir(), 'certs')
  await Promise.all([certs([folder, '--host', 'a']), certs([folder, '--host', 'b'])])
  const [ca = '', , server = '', key = ''] = textsIn(folder)
  const certificate = new X509Certificate(server)
  t.ok(certificate.verify(new X509Certificate(ca).publicKey))
  t.ok(certificate.checkPrivateKey(createPrivateKey(key)))
})

t.test('an authority is never replaced, however unusable', async (t) => {
  const folder = join(t.testdir(), 'certs')
  await certs([folder, '--host', 'a'])
  const [ca = '', caKey = '', server = '', serverKey = ''] = textsIn(folder)
  const refused = async (change: Record<string, string | null>, message: RegExp, clock = systemClock) => {
    for (const [name, text] of Object.entries(change)) {
      if (text === null) rmSync(join(folder, name))
      else writeFileSync(join(folder, name), text)
    }
    const before = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    await t.rejects(certs([folder, '--host', 'a'], clock), { code: 'configuration', message })
    t.strictSame(
      readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')),
      before,
    )
    for (const [name, text] of [
      ['ca.crt', ca],
      ['ca.key', caKey],
    ] as const)
      writeFileSync(join(folder, name), text)
  }
  await refused({ 'ca.key': null }, /ca\.crt is there and .*ca\.key is not: bring it back/)
  await refused({ 'ca.crt': null }, /ca\.key is there and .*ca\.crt is not/)
  await refused({ 'ca.crt': 'nothing' }, /ca\.crt: not a certificate in PEM/)
  await refused({ 'ca.key': 'nothing' }, /ca\.key: not a private key in PEM/)
  await refused({ 'ca.key': serverKey }, /ca\.key: not the key of .*ca\.crt/)
  await refused({ 'ca.crt': server, 'ca.key': serverKey }, /ca\.crt: not the certificate of an authority/)
  await refused({}, /the authority expired on/, laterBy(3700))
})

t.test('what cannot be used is refused, and nothing is made', async (t) => {
  const folder = join(t.testdir({ file: '' }), 'certs')
  await t.rejects(certs([folder]), { code: 'configuration', message: /no certificate to renew.*--host NAME/ })
  for (const host of ['', 'a b', 'a_b', 'a-', '*.local', 'a..b', 'mqtts://a', 'a:8883', 'x'.repeat(64)]) {
    await t.rejects(certs([folder, '--host', host]), { code: 'usage', message: /expected a name such as/ }, host)
  }
  for (const days of ['0', '826', 'many'])
    await t.rejects(certs([folder, '--host', 'a', '--days', days]), { code: 'usage' })
  t.notOk(existsSync(folder))
  await t.rejects(certs([join(folder, '..', 'file'), '--host', 'a']), { code: 'failed', message: /ENOTDIR.*directory/ })
})

t.test('a certificate in the folder that names nobody is not renewed by guess', async (t) => {
  const folder = t.testdir()
  mkdirSync(join(folder, 'certs'))
  writeFileSync(join(folder, 'certs', 'server.crt'), 'nothing')
  await t.rejects(certs([join(folder, 'certs')]), { code: 'configuration', message: /--host NAME/ })
})

t.test('the help names every option', async (t) => {
  for (const option of Object.keys(realCommand.options)) t.match(realCommand.help, `--${option}`)
})
