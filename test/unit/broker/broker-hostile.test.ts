import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import { type BrokerPair, brokerPair, PASSWORD, usersOf } from '../../fixtures/broker-pair.ts'

const USERS = usersOf({ ann: { publish: ['a'], subscribe: ['a'] }, eve: { publish: ['#'], subscribe: ['e'] } })

/** Two honest connections, and the proof that messages still pass between them. */
async function bystanders(pair: BrokerPair) {
  const reader = await pair.connect('ann')
  const writer = await pair.connect('ann')
  await reader.mqtt.subscribeAsync('a')
  return async (t: Test): Promise<void> => {
    const count = reader.messages.length
    await writer.mqtt.publishAsync('a', 'still here', { qos: 1 })
    await reader.received(count + 1)
    t.ok(reader.mqtt.connected && writer.mqtt.connected, 'others go on')
  }
}

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

function packet(type: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  for (let left = body.length; length.length === 0 || left > 0; left >>= 7)
    length.push((left & 0x7f) | (left > 127 ? 0x80 : 0))
  return Buffer.concat([Buffer.from([type, ...length]), body])
}

const connectPacket = (user: string): Buffer =>
  packet(0x10, text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text(''), text(user), text(PASSWORD))

/** A raw connection that has logged in. */
async function loggedIn({ broker }: BrokerPair, user: string): Promise<Duplex> {
  const stream = broker.connect()
  stream.on('error', () => {})
  stream.write(connectPacket(user))
  await once(stream, 'readable')
  stream.read()
  return stream
}

const gone = (stream: Duplex): Promise<void> =>
  new Promise((resolve) => {
    stream.resume()
    if (stream.closed) resolve()
    else stream.once('close', resolve)
  })

t.test('a packet that is too long cuts its sender as soon as it is announced', async (t) => {
  const pair = await brokerPair(t, USERS)
  const othersGoOn = await bystanders(pair)
  const stream = await loggedIn(pair, 'eve')
  stream.write(Buffer.from([0x30, 0x80, 0x80, 0x40]))
  await gone(stream)
  t.match(pair.log.of('client_cut'), [{ user: 'eve', reason: 'a packet over 65536 bytes' }])
  await othersGoOn(t)
})

t.test('a message of one megabyte cuts its sender, one of 60 KB passes', async (t) => {
  const pair = await brokerPair(t, USERS)
  const othersGoOn = await bystanders(pair)
  const eve = await pair.connect('eve')
  await eve.mqtt.publishAsync('a', Buffer.alloc(60_000), { qos: 1 })
  const cut = new Promise<void>((resolve) => eve.mqtt.once('close', () => resolve()))
  eve.mqtt.publish('a', Buffer.alloc(1024 * 1024))
  await cut
  await othersGoOn(t)
})

t.test('before log-in 4 KiB are the limit', async (t) => {
  const pair = await brokerPair(t, USERS)
  for (const size of [4097, 100_000]) {
    const stream = pair.broker.connect()
    stream.on('error', () => {})
    stream.write(packet(0x10, Buffer.alloc(size)))
    await gone(stream)
  }
  // The second is counted with the next line that is due: nobody can flood the log before log-in.
  t.match(pair.log.of('client_cut'), [{ reason: 'a packet over 4096 bytes', limit: 'connectBytesMax', value: 4096 }])
  t.equal(pair.log.of('client_cut').length, 1)
})

t.test('the limit is what was asked for', async (t) => {
  const pair = await brokerPair(t, USERS, { limits: { packetBytesMax: 1000 } })
  const stream = await loggedIn(pair, 'eve')
  stream.write(packet(0x30, text('a'), Buffer.alloc(998)))
  await gone(stream)
  t.match(pair.log.of('client_cut'), [{ reason: 'a packet over 1000 bytes' }])
})

t.test('garbage instead of a CONNECT, and after one, ends that connection alone', async (t) => {
  const pair = await brokerPair(t, USERS)
  const othersGoOn = await bystanders(pair)
  for (let turn = 0; turn < 150; turn += 1) {
    const stream = turn % 2 === 0 ? pair.broker.connect() : await loggedIn(pair, 'eve')
    stream.on('error', () => {})
    const bytes = randomFillSync(Buffer.alloc(1 + (turn % 60)))
    // Half of them look like a packet at first sight.
    if (turn % 4 > 1 && bytes.length > 2) bytes.set([((turn % 15) + 1) << 4, bytes.length - 2])
    stream.write(bytes)
    stream.end()
    await gone(stream)
  }
  await othersGoOn(t)
})

t.test('packets with a lie in them end their connection alone', async (t) => {
  const pair = await brokerPair(t, USERS)
  const othersGoOn = await bystanders(pair)
  const id = Buffer.from([0, 7])
  for (const bytes of [
    connectPacket('eve'),
    packet(0x00),
    packet(0xf0),
    packet(0x20, Buffer.from([0, 0])),
    packet(0x36, text('a'), id),
    packet(0x30, Buffer.from([0xff, 0xff])),
    packet(0x30, text('')),
    packet(0x30, text('a/+')),
    packet(0x30, text('a/#')),
    packet(0x30, text('/'.repeat(200))),
    packet(0x82),
    packet(0x82, id),
    packet(0x82, id, text('a')),
    packet(0x82, id, text(''), Buffer.from([0])),
    packet(0x82, id, text('a/#/b'), Buffer.from([0])),
    packet(0x82, id, text('a'), Buffer.from([3])),
    packet(0xa2, id, text('#/a')),
    packet(0x62, Buffer.from([0])),
    Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  ]) {
    const stream = await loggedIn(pair, 'eve')
    stream.write(bytes)
    await gone(stream)
  }
  await othersGoOn(t)
})

t.test('odd packets that break no rule do no harm', async (t) => {
  const pair = await brokerPair(t, USERS)
  const othersGoOn = await bystanders(pair)
  const id = Buffer.from([0, 7])
  const stream = await loggedIn(pair, 'eve')
  for (const bytes of [
    packet(0x40, id),
    packet(0x50, id),
    packet(0x62, id),
    packet(0x70, id),
    packet(0xa2, id, text('never')),
  ]) {
    stream.write(bytes)
  }
  await othersGoOn(t)
  await pair.broker.close()
})

t.test('a topic that is no UTF-8, or holds a NUL, is refused and nobody receives it', async (t) => {
  const pair = await brokerPair(t, usersOf({ eve: { publish: ['#'] }, ann: { subscribe: ['#'] } }))
  const reader = await pair.connect('ann')
  await reader.mqtt.subscribeAsync('#')
  const stream = await loggedIn(pair, 'eve')
  stream.write(packet(0x30, text(Buffer.from([0x61, 0xff])), Buffer.from('bad')))
  stream.write(packet(0x30, text('a\0b'), Buffer.from('bad')))
  stream.write(packet(0x30, text('b'), Buffer.from([0xff, 0x00, 0xfe])))
  t.match(await reader.received(1), [{ topic: 'b' }])
  t.equal(pair.log.of('publish_refused').length, 2)
})

t.test('a filter that is no UTF-8 is refused', async (t) => {
  const pair = await brokerPair(t, usersOf({ eve: { subscribe: ['#'] } }))
  const stream = await loggedIn(pair, 'eve')
  stream.write(packet(0x82, Buffer.from([0, 7]), text(Buffer.from([0x61, 0xff])), Buffer.from([0])))
  await once(stream, 'readable')
  t.strictSame(stream.read(), Buffer.from([0x90, 3, 0, 7, 0x80]))
})

t.test('nobody waits for a client that does not read, and at one megabyte it is cut', async (t) => {
  const pair = await brokerPair(t, USERS)
  const othersGoOn = await bystanders(pair)
  const stuck = await loggedIn(pair, 'ann')
  stuck.write(packet(0x82, Buffer.from([0, 7]), text('a'), Buffer.from([0])))
  const writer = await pair.connect('ann')
  const payload = Buffer.alloc(60_000)
  for (let sent = 0; sent < 10; sent += 1) await writer.mqtt.publishAsync('a', payload, { qos: 1 })
  await othersGoOn(t)
  t.strictSame(pair.log.of('client_cut'), [])
  for (let sent = 0; sent < 10; sent += 1) await writer.mqtt.publishAsync('a', payload, { qos: 1 })
  t.match(await pair.log.waitFor('client_cut'), [{ user: 'ann', reason: 'it does not read' }])
  await othersGoOn(t)
  t.equal(pair.log.of('client_cut').length, 1)
})

t.test('another version of MQTT is refused with code 1', async (t) => {
  const pair = await brokerPair(t, USERS)
  await t.rejects(pair.connect('ann', { protocolVersion: 5 }))
  const othersGoOn = await bystanders(pair)
  await othersGoOn(t)
})
