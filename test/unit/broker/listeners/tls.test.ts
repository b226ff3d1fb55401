import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { type BrokerOptions, startBroker } from '../../../../src/broker/broker.ts'
import { DEFAULT_LIMITS } from '../../../../src/broker/limits.ts'
import { Handshakes } from '../../../../src/broker/listeners/handshakes.ts'
import { tlsService } from '../../../../src/broker/listeners/tls.ts'
import { PASSWORD, quickPasswords, RecordingLogger, usersOf } from '../../../fixtures/broker-pair.ts'
import { type ServerWish, writeCerts } from '../../../fixtures/certs.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { connectAsync, type MqttClient } from '../../../fixtures/mqtt.ts'

const TALKER = { publish: ['a'], subscribe: ['a'] }

async function broker(t: Test, options: Partial<BrokerOptions> = {}, wish: ServerWish = {}) {
  const certs = await writeCerts(t.testdir(), wish)
  const logger = new RecordingLogger()
  const { cert, key } = certs
  const users = usersOf({ ann: TALKER, bob: TALKER, cid: TALKER })
  const given = { users, port: 0, tls: { port: 0, cert, key }, http: { port: 0 }, ...options }
  const started = await startBroker(given, { logger, passwords: quickPasswords })
  t.teardown(() => started.close())
  const tlsUrl = started.tlsUrl ?? ''
  return { broker: started, logger, certs, tlsUrl, port: Number(tlsUrl.split(':').at(-1)) }
}

async function dial(t: Test, url: string, username: string, ca?: string): Promise<MqttClient> {
  const options = { username, password: PASSWORD, reconnectPeriod: 0, ...(ca !== undefined && { ca }) }
  const client = await connectAsync(url, options, false)
  t.teardown(() => client.end(true))
  return client
}

/** Opens TLS as far as the handshake; gives the subject alternative names of the certificate. */
async function namesAt(t: Test, port: number, ca: string): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', ca: readFileSync(ca), checkServerIdentity: () => undefined })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket.getPeerCertificate().subjectaltname ?? ''
}

/** The code with which a handshake fails. */
async function failureOf(socket: TLSSocket): Promise<unknown> {
  const [error] = await once(socket, 'error')
  socket.destroy()
  return Reflect.get(error, 'code')
}

t.test('clients on TCP, TLS and WebSocket talk with each other in one process', async (t) => {
  const { broker: one, tlsUrl, certs } = await broker(t)
  t.match(tlsUrl, /^mqtts:\/\/127\.0\.0\.1:\d+$/)
  const clients = [
    await dial(t, one.url ?? '', 'ann'),
    await dial(t, tlsUrl, 'bob', readFileSync(certs.ca, 'utf8')),
    await dial(t, one.wsUrl ?? '', 'cid'),
  ]
  const payload = Buffer.alloc(50_000, 'x')
  const heard = clients.map(
    (client) => new Promise((resolve) => client.once('message', (_topic, received) => resolve(received))),
  )
  for (const client of clients) await client.subscribeAsync('a', { qos: 1 })
  await clients[1]?.publishAsync('a', payload, { qos: 1 })
  for (const received of await Promise.all(heard)) t.strictSame(received, payload)
})

t.test('a wrong password is answered before the connection ends', async (t) => {
  const { tlsUrl, certs } = await broker(t)
  const ca = readFileSync(certs.ca, 'utf8')
  const options = { username: 'ann', password: 'wrong', reconnectPeriod: 0, ca }
  await t.rejects(connectAsync(tlsUrl, options, false), { code: 4 })
})

t.test('TLS before 1.2 is refused', async (t) => {
  const { port, certs } = await broker(t)
  const ca = readFileSync(certs.ca)
  const old = connectTls({ port, ca, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })
  t.match(await failureOf(old), /^ERR_SSL_.*PROTOCOL/)
  const next = connectTls({ port, ca, host: '127.0.0.1', maxVersion: 'TLSv1.2' })
  await once(next, 'secureConnect')
  t.equal(next.getProtocol(), 'TLSv1.2')
  next.destroy()
})

t.test('a handshake that fails is logged, a flood of them not by the line, and costs nobody else', async (t) => {
  const { port, logger, certs, tlsUrl } = await broker(t)
  const ann = await dial(t, tlsUrl, 'ann', readFileSync(certs.ca, 'utf8'))
  for (let count = 0; count < 5; count += 1) {
    const socket = connectTcp(port, '127.0.0.1')
    socket.on('error', () => {}).end('GET / HTTP/1.1\r\n\r\n')
    await once(socket.resume(), 'close')
  }
  t.match(logger.of('tls_handshake_failed'), [{ address: /^127\.0\.0\.1:\d+$/, reason: 'http request' }])
  await ann.publishAsync('a', 'still here', { qos: 1 })
})

t.test('a handshake that hangs is ended after its time', async (t) => {
  const { port, logger } = await broker(t, { limits: { connectMsMax: 50 } })
  const socket = connectTcp(port, '127.0.0.1')
  await once(socket.resume(), 'close')
  t.match(logger.of('tls_handshake_failed'), [{ reason: /timeout/ }])
})

t.test('handshakes are counted: over the bound they are refused, and a log-in frees its place', async (t) => {
  const { port, logger, certs, tlsUrl } = await broker(t, { limits: { pendingPerAddressMax: 2 } })
  const ca = readFileSync(certs.ca, 'utf8')
  for (const name of ['ann', 'bob', 'cid']) await dial(t, tlsUrl, name, ca)
  const hanging = [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')]
  await Promise.all(hanging.map((socket) => once(socket, 'connect')))
  const refused = connectTcp(port, '127.0.0.1')
  await once(refused.on('error', () => {}).resume(), 'close')
  t.match(logger.of('limit_reached'), [{ limit: 'pendingPerAddressMax' }])
  for (const socket of hanging) socket.destroy()
})

t.test('closing ends handshakes under way and connections', async (t) => {
  const { broker: one, port, tlsUrl, certs } = await broker(t)
  const hanging = connectTcp(port, '127.0.0.1')
  await once(hanging, 'connect')
  // The broker has seen it once a later handshake is over.
  await namesAt(t, port, certs.ca)
  const ann = await dial(t, tlsUrl, 'ann', readFileSync(certs.ca, 'utf8'))
  const ends = Promise.all([
    once(hanging.on('error', () => {}).resume(), 'close'),
    new Promise<void>((resolve) => ann.once('close', () => resolve())),
  ])
  await one.close()
  await ends
  t.pass('both ended')
})

t.test('TLS listens where the broker does, unless it has a host of its own', async (t) => {
  const hosts = async (options: Partial<BrokerOptions>) => {
    const { logger } = await broker(t, { http: { port: 0 }, ...options })
    return logger.of('listening').map((fields) => [Reflect.get(fields, 'protocol'), Reflect.get(fields, 'host')])
  }
  const { cert, key } = await writeCerts(t.testdir())
  const demo = usersOf({ ann: { demo: true } })
  for (const [options, host] of [
    [{ host: '0.0.0.0' }, '0.0.0.0'],
    [{ tls: { port: 0, cert, key, host: '0.0.0.0' } }, '0.0.0.0'],
    [{ tls: { port: 0, cert, key, host: '0.0.0.0' }, users: demo }, '127.0.0.1'],
  ] as const) {
    t.match((await hosts(options))[1], ['mqtts', host])
  }
})

t.test('files that cannot serve are an error that says what to do, before anything listens', async (t) => {
  const folder = t.testdir({ other: {}, 'none.txt': 'nothing' })
  const { cert, key, ca } = await writeCerts(folder)
  const other = await writeCerts(`${folder}/other`)
  writeFileSync(`${folder}/secret.key`, '-----BEGIN ENCRYPTED PRIVATE KEY-----\n')
  writeFileSync(`${folder}/chain.crt`, `${readFileSync(cert, 'utf8')}-----BEGIN CERTIFICATE-----\nAAAA\n`)
  for (const [files, message] of [
    [{ cert: `${folder}/gone.crt`, key }, /gone\.crt: there is no such file: 'crossing certs' makes one/],
    [{ cert, key: `${folder}/gone.key` }, /gone\.key: there is no such file/],
    [{ cert: folder, key }, /this is a directory/],
    [{ cert: `${folder}/none.txt`, key }, /none\.txt: no usable certificate in PEM/],
    [{ cert, key: `${folder}/none.txt` }, /none\.txt: no usable private key in PEM/],
    [{ cert, key: `${folder}/secret.key` }, /protected by a passphrase.*openssl pkey/],
    [{ cert, key: other.key }, /not the key of the certificate in .*server\.crt/],
    [{ cert: ca, key }, /not the key of the certificate/],
    [{ cert: `${folder}/chain.crt`, key }, /chain\.crt: no usable certificate/],
  ] as const) {
    const logger = new RecordingLogger()
    const start = startBroker(
      { users: new Map(), port: 0, tls: { port: 0, ...files } },
      { logger, passwords: quickPasswords },
    )
    await t.rejects(start, { code: 'configuration', message })
    t.strictSame(logger.of('listening'), [])
  }
})

t.test('an expired certificate serves, with a warning: only the clock of this machine may be wrong', async (t) => {
  const { logger } = await broker(t, {}, { fromDays: -10, untilDays: -1 })
  t.match(logger.of('certificate_expired'), [{ file: /server\.crt$/, fix: /crossing certs/ }])
  const { logger: other } = await broker(t, {}, { untilDays: 10 })
  t.match(other.of('certificate_expires_soon'), [{ names: 'DNS:localhost, IP Address:127.0.0.1' }])
})

t.test('a renewed certificate is taken up when asked to; connections stay; a bad one is refused', async (t) => {
  const { broker: one, certs, port, tlsUrl, logger } = await broker(t)
  const ann = await dial(t, tlsUrl, 'ann', readFileSync(certs.ca, 'utf8'))
  await certs.renew({ hosts: ['renewed.example'] })
  one.reload()
  await logger.waitFor('certificate_read', 2)
  t.equal(await namesAt(t, port, certs.ca), 'DNS:renewed.example')
  writeFileSync(certs.key, 'nothing')
  one.reload()
  t.match(await logger.waitFor('certificate_refused'), [{ reason: /server\.key: no usable private key/ }])
  t.equal(await namesAt(t, port, certs.ca), 'DNS:renewed.example')
  await ann.publishAsync('a', 'still here', { qos: 1 })
})

/** A certificate that is followed on a clock held by the test. */
async function followed(t: Test) {
  const certs = await writeCerts(t.testdir())
  const [logger, clock] = [new RecordingLogger(), new ManualClock()]
  const handshakes = new Handshakes(() => ({ leave: () => {} }))
  const onConnection = (): void => {}
  const service = await tlsService(certs, { limits: DEFAULT_LIMITS, handshakes, logger, clock, onConnection })
  t.teardown(() => service.close())
  const look = async (): Promise<void> => {
    clock.advance(2000)
    await clock.untilTimer()
  }
  return { certs, logger, clock, look, service }
}

t.test('changed files are taken up by themselves, once they have settled', async (t) => {
  const { certs, logger, look } = await followed(t)
  const names = () => logger.lines.map(({ event }) => event)
  const first = names()
  await look()
  t.strictSame(names(), first, 'the same content is no news')
  const key = readFileSync(certs.key)
  await certs.renew({ hosts: ['renewed.example'] })
  const renewedKey = readFileSync(certs.key)
  writeFileSync(certs.key, key)
  await look()
  t.strictSame(names(), first, 'half of the change is not judged')
  writeFileSync(certs.key, renewedKey)
  await look()
  t.strictSame(names(), first)
  await look()
  t.equal(names().length, first.length + 1)
  t.match(logger.lines.at(-1), { fields: { names: 'DNS:renewed.example' } })
})

t.test('files that go away, or go bad, are said once', async (t) => {
  const { certs, logger, look, service, clock } = await followed(t)
  writeFileSync(certs.cert, 'nothing')
  for (let count = 0; count < 4; count += 1) await look()
  t.equal(logger.of('certificate_refused').length, 1)
  rmSync(certs.cert)
  for (let count = 0; count < 3; count += 1) await look()
  t.equal(logger.of('certificate_unreadable').length, 1)
  service.close()
  t.strictSame(clock.delays, [])
})
