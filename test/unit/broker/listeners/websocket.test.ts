import { once } from 'node:events'
import { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import WebSocket from 'ws'
import { startBroker } from '../../../../src/broker/broker.ts'
import type { BrokerOptions } from '../../../../src/broker/options.ts'
import { PASSWORD, quickPasswords, RecordingLogger, usersOf } from '../../../fixtures/broker-pair.ts'
import { connectAsync, type MqttClient } from '../../../fixtures/mqtt.ts'

const TALKER = { publish: ['a'], subscribe: ['a'] }

async function broker(t: Test, options: Partial<BrokerOptions> = {}) {
  const logger = new RecordingLogger()
  const given = { users: usersOf({ ann: TALKER, bob: TALKER }), port: 0, http: { port: 0 }, ...options }
  const started = await startBroker(given, { logger, passwords: quickPasswords })
  t.teardown(() => started.close())
  return { broker: started, logger, wsUrl: started.wsUrl ?? '', url: started.url ?? '' }
}

async function dial(t: Test, url: string, username = 'ann'): Promise<MqttClient> {
  const client = await connectAsync(url, { username, password: PASSWORD, reconnectPeriod: 0 }, false)
  client.on('error', () => {})
  t.teardown(() => client.end(true))
  return client
}

/** The status with which a WebSocket is refused; 101 where it is not. */
async function statusOf(t: Test, url: string, protocols: string[], origin?: string): Promise<number> {
  const socket = new WebSocket(url, protocols, origin === undefined ? {} : { origin })
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  return await new Promise((resolve) => {
    socket.once('open', () => resolve(101))
    socket.once('unexpected-response', (_request, { statusCode = 0 }) => resolve(statusCode))
  })
}

async function open(t: Test, url: string): Promise<WebSocket> {
  const socket = new WebSocket(url, 'mqtt')
  socket.on('error', () => {})
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  return socket
}

/** CONNECT of `ann`, MQTT 3.1.1, clean session, without an id. */
function connectPacket(): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc2, 0, 10]), text(''), text('ann'), text(PASSWORD)])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

const PING = Buffer.from([0xc0, 0])

t.test('clients on TCP and on WebSocket talk with each other', async (t) => {
  const { wsUrl, url, logger } = await broker(t)
  t.match(wsUrl, /^ws:\/\/127\.0\.0\.1:\d+\/mqtt$/)
  const [ann, bob] = [await dial(t, wsUrl), await dial(t, url, 'bob')]
  for (const [from, to] of [
    [ann, bob],
    [bob, ann],
  ] as const) {
    await to.subscribeAsync('a', { qos: 1 })
    const heard = new Promise((resolve) => to.once('message', (_topic, received) => resolve(received)))
    const payload = Buffer.alloc(50_000, 'x')
    await from.publishAsync('a', payload, { qos: 1 })
    t.strictSame(await heard, payload)
    await to.unsubscribeAsync('a')
  }
  t.match(logger.of('client_connected'), [{ user: 'ann', address: /^127\.0\.0\.1:\d+$/ }, { user: 'bob' }])
})

t.test('a wrong password is answered before the connection ends', async (t) => {
  const { wsUrl } = await broker(t)
  const wrong = connectAsync(wsUrl, { username: 'ann', password: 'wrong', reconnectPeriod: 0 }, false)
  await t.rejects(wrong, { code: 4 })
})

t.test('the subprotocol is mqtt, and nothing else', async (t) => {
  const { wsUrl } = await broker(t)
  t.equal(await statusOf(t, wsUrl, ['mqtt']), 101)
  t.equal(await statusOf(t, wsUrl, ['chat', 'mqtt']), 101)
  for (const protocols of [[], ['mqttv3.1'], ['chat']]) t.equal(await statusOf(t, wsUrl, protocols), 400)
  const socket = new WebSocket(wsUrl, ['chat', 'mqtt'])
  await once(socket, 'open')
  t.equal(socket.protocol, 'mqtt')
  t.equal(socket.extensions, '', 'nothing is compressed')
  socket.terminate()
})

t.test('the path is /mqtt, and nothing else', async (t) => {
  const { wsUrl } = await broker(t)
  t.equal(await statusOf(t, `${wsUrl}?from=page`, ['mqtt']), 101)
  for (const path of ['', '/', '/mqtt/', '/healthz']) {
    t.equal(await statusOf(t, wsUrl.replace('/mqtt', path), ['mqtt']), 404, path)
  }
})

t.test('a page of this port may connect, one of elsewhere only when it was named', async (t) => {
  const { wsUrl } = await broker(t, { http: { port: 0, origins: ['https://panel.example'] } })
  const own = new URL(wsUrl).host
  t.equal(await statusOf(t, wsUrl, ['mqtt'], `http://${own}`), 101)
  t.equal(await statusOf(t, wsUrl, ['mqtt'], 'https://panel.example'), 101)
  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1', 'http://panel.example', `evil ${own}`]) {
    t.equal(await statusOf(t, wsUrl, ['mqtt'], origin), 403, origin)
  }
})

t.test('a packet in many frames, or many packets in one, are what they are on TCP', async (t) => {
  const { wsUrl } = await broker(t)
  const socket = await open(t, wsUrl)
  const answers: Buffer[] = []
  const complete = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      answers.push(data)
      if (Buffer.concat(answers).length === 8) resolve()
    })
  })
  for (const byte of connectPacket()) socket.send(Buffer.from([byte]))
  await once(socket, 'message')
  socket.send(Buffer.concat([PING, PING]))
  await complete
  t.strictSame(Buffer.concat(answers), Buffer.from([0x20, 2, 0, 0, 0xd0, 0, 0xd0, 0]))
})

t.test('a packet to a client is one frame', async (t) => {
  const { wsUrl } = await broker(t)
  const socket = await open(t, wsUrl)
  const frames: Buffer[] = []
  const [first] = await Promise.all([
    once(socket, 'message'),
    new Promise((resolve) => socket.send(connectPacket(), resolve)),
  ])
  t.strictSame(first[0], Buffer.from([0x20, 2, 0, 0]))
  socket.on('message', (data: Buffer) => frames.push(data))
  socket.send(Buffer.from([0x82, 6, 0, 1, 0, 1, 0x61, 0]))
  await once(socket, 'message')
  const bob = await dial(t, wsUrl, 'bob')
  const heard = once(socket, 'message')
  bob.publish('a', 'hello')
  await heard
  t.strictSame(frames, [Buffer.from([0x90, 3, 0, 1, 0]), Buffer.from('0\x08\0\x01ahello')])
})

t.test('text is refused with close code 1003', async (t) => {
  const { wsUrl } = await broker(t)
  const socket = await open(t, wsUrl)
  socket.send('hello')
  t.equal((await once(socket, 'close'))[0], 1003)
})

/** The beginning of a frame of so many bytes, masked with zeros. Source: RFC 6455, 5.2. */
const frameHead = (bytes: number): Buffer => Buffer.from([0x82, 0xfe, bytes >> 8, bytes & 0xff, 0, 0, 0, 0])

async function logIn(socket: WebSocket): Promise<void> {
  const answered = once(socket, 'message')
  socket.send(connectPacket())
  await answered
}

/** Sends bytes that are not for `ws` to choose. */
function sendRaw(socket: WebSocket, bytes: Uint8Array): void {
  const stream: unknown = Reflect.get(socket, '_socket')
  if (stream instanceof Duplex) stream.write(bytes)
}

t.test('a frame over the largest packet is refused before it comes, and told of as any such packet', async (t) => {
  const { wsUrl, logger } = await broker(t, { limits: { connectBytesMax: 500, packetBytesMax: 1000 } })
  const stranger = await open(t, wsUrl)
  sendRaw(stranger, frameHead(506))
  t.equal((await once(stranger, 'close'))[0], 1009, 'before log-in')
  t.match(logger.of('client_cut'), [{ reason: 'a packet over 500 bytes', limit: 'connectBytesMax', value: 500 }])
  const socket = await open(t, wsUrl)
  await logIn(socket)
  const ping = once(socket, 'message')
  socket.send(Buffer.concat([Buffer.from([0x30, 0x80 | (1000 % 128), 7, 0, 1, 0x61]), Buffer.alloc(997), PING]))
  await ping
  sendRaw(socket, frameHead(1006))
  t.equal((await once(socket, 'close'))[0], 1009, 'after log-in')
  t.match(logger.of('client_cut'), [{}, { user: 'ann', reason: 'a packet over 1000 bytes', limit: 'packetBytesMax' }])
})

t.test('a packet over the bound is cut within a frame too, by what its first bytes announce', async (t) => {
  const { wsUrl, logger } = await broker(t)
  const socket = await open(t, wsUrl)
  socket.send(Buffer.concat([Buffer.from([0x10, 0x88, 0x27]), Buffer.alloc(2000)]))
  await once(socket, 'close')
  t.match(logger.of('client_cut'), [{ reason: 'a packet over 4096 bytes' }])
})

t.test('a client that does not read is cut, and nobody waits for it', async (t) => {
  const { wsUrl, url, logger } = await broker(t, { limits: { backlogBytesMax: 200_000 } })
  const [frozen, sender] = [await dial(t, wsUrl), await dial(t, url, 'bob')]
  await frozen.subscribeAsync('a')
  frozen.stream.pause()
  const socket: unknown = Reflect.get(frozen.stream, 'socket')
  if (socket instanceof WebSocket) socket.pause()
  while (logger.of('client_cut').length === 0) await sender.publishAsync('a', Buffer.alloc(50_000), { qos: 1 })
  t.match(logger.of('client_cut'), [{ user: 'ann', reason: 'it does not read' }])
  await sender.publishAsync('a', 'goes on', { qos: 1 })
})

t.test('each side notices that the other is gone', async (t) => {
  const { wsUrl, logger, broker: one } = await broker(t)
  const rude = await dial(t, wsUrl)
  rude.stream.destroy()
  await logger.waitFor('client_disconnected', 1)
  const polite = await dial(t, wsUrl)
  await polite.endAsync()
  await logger.waitFor('client_disconnected', 2)
  const left = await dial(t, wsUrl)
  const silent = await open(t, wsUrl)
  const ends = Promise.all([new Promise<void>((resolve) => left.once('close', () => resolve())), once(silent, 'close')])
  await one.close()
  await ends
})

t.test('a WebSocket that never logs in is ended', async (t) => {
  const { wsUrl } = await broker(t, { limits: { connectMsMax: 50 } })
  const socket = await open(t, wsUrl)
  await once(socket, 'close')
  t.pass('ended')
})
