/** CONNECT and CONNACK. Source: MQTT 3.1.1, 3.1 and 3.2. */
import type { Packet } from 'mqtt-packet'
import t from 'tap'
import { PASSWORD } from '../../../fixtures/broker-pair.ts'
import { packetBroker } from '../../../fixtures/packet-broker.ts'
import { connectPacket, type PacketClient, rawPacket, text } from '../../../fixtures/packet-client.ts'

const USER_AND_PASSWORD = 0xc0
const CLEAN = 0x02

interface RawConnect {
  readonly name?: string
  readonly level?: number
  readonly flags?: number
  readonly payload?: readonly Buffer[]
}

/** A CONNECT of ann that may be wrong. */
const rawConnect = ({ name = 'MQTT', level = 4, flags = USER_AND_PASSWORD | CLEAN, payload }: RawConnect): Buffer =>
  rawPacket(0x10, text(name), [level, flags, 0, 0], ...(payload ?? [text('raw'), text('ann'), text(PASSWORD)]))

/** Whether it was closed without having been let in. */
async function isTurnedAway(client: PacketClient): Promise<boolean> {
  await client.closed()
  return true
}

t.test('[MQTT-3.1.0-1] what is sent before CONNECT ends the connection', async (t) => {
  const { dial } = await packetBroker(t)
  const packets: readonly Packet[] = [
    { cmd: 'pingreq' },
    { cmd: 'publish', topic: 'a', payload: 'x', qos: 0, dup: false, retain: false },
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 0 }] },
    { cmd: 'disconnect' },
  ]
  for (const packet of packets) {
    const client = dial()
    client.send(packet)
    t.ok(await isTurnedAway(client), packet.cmd)
  }
})

t.test('[MQTT-3.1.0-2] a second CONNECT ends the connection', async (t) => {
  const { client } = await packetBroker(t)
  const ann = await client()
  ann.send(connectPacket())
  t.ok(await ann.closed())
})

t.test('[MQTT-3.1.2-1] another protocol name ends the connection', async (t) => {
  const { dial } = await packetBroker(t)
  for (const name of ['MQTTX', 'mqtt', '']) {
    const client = dial()
    client.write(rawConnect({ name }))
    t.ok(await isTurnedAway(client), name)
  }
})

t.test('[MQTT-3.1.2-2] MQTT 5 is answered with code 1, and the connection ends', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  client.write(
    rawPacket(0x10, text('MQTT'), [5, USER_AND_PASSWORD | CLEAN, 0, 0, 0], text('raw'), text('ann'), text(PASSWORD)),
  )
  t.match(await client.expect('connack'), { returnCode: 1, sessionPresent: false })
  t.ok(await client.closed())
})

t.test('[MQTT-3.1.2-3] the reserved flag must be 0', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  client.write(rawConnect({ flags: USER_AND_PASSWORD | CLEAN | 1 }))
  t.ok(await isTurnedAway(client))
})

t.test('[MQTT-3.1.2-4] [MQTT-3.1.2-5] without a clean session it is resumed, with what came meanwhile', async (t) => {
  const { client, stored } = await packetBroker(t)
  const first = await stored()
  await first.subscribe('open/1', 1)
  await first.subscribe('open/2', 2)
  first.break()
  await first.closed()
  const writer = await client()
  await writer.publishSafely('open/1', 'one')
  await writer.publishSafely('open/2', 'two')
  writer.publish('open/1', 'QoS 0 may be left out')
  await writer.beforePong()
  const second = await stored()
  t.strictSame(await second.payloads(2), ['one', 'two'])
  await writer.publishSafely('open/1', 'subscribed still')
  t.strictSame(await second.payloads(1), ['subscribed still'])
})

t.test('[MQTT-3.1.2-6] a clean session ends the one before, and itself with the connection', async (t) => {
  const { client, stored } = await packetBroker(t)
  const first = await stored()
  await first.subscribe('open/1', 1)
  first.break()
  await first.closed()
  const writer = await client()
  await writer.publishSafely('open/1', 'queued')
  const clean = await client({ clientId: 'stored' })
  await clean.subscribe('open/1', 1)
  clean.break()
  await clean.closed()
  await writer.publishSafely('open/1', 'nobody is there')
  const third = await stored()
  t.strictSame(await third.beforePong(), [])
  await writer.publishSafely('open/1', 'nobody asked')
  t.strictSame(await third.beforePong(), [])
})

t.test('[MQTT-3.1.2-7] retained messages do not end with a session', async (t) => {
  const { client } = await packetBroker(t)
  const writer = await client()
  await writer.publishSafely('open/1', 'kept', { retain: true })
  writer.send({ cmd: 'disconnect' })
  await writer.closed()
  const reader = await client()
  await reader.subscribe('open/1')
  t.strictSame(await reader.payloads(1), ['kept'])
})

t.test('[MQTT-3.1.2-8] a will is published when the connection breaks', async (t) => {
  const { client } = await packetBroker(t)
  const reader = await client()
  await reader.subscribe('will/#', 1)
  const will = { topic: 'will/1', payload: Buffer.from('gone'), qos: 1, retain: false } as const
  const ann = await client({ will })
  ann.break()
  t.match(await reader.expect('publish'), { topic: 'will/1', payload: Buffer.from('gone'), qos: 1 })
  const other = await client({ will: { ...will, topic: 'will/2' } })
  other.write([0xf0, 0])
  t.match(await reader.expect('publish'), { topic: 'will/2' }, 'and after a violation of the protocol')
})

t.test('[MQTT-3.1.2-10] [MQTT-3.14.4-3] a will is dropped with DISCONNECT', async (t) => {
  const { client } = await packetBroker(t)
  const reader = await client()
  await reader.subscribe('will/#', 1)
  const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 0, retain: false }) as const
  const polite = await client({ will: will('will/polite') })
  polite.send({ cmd: 'disconnect' })
  await polite.closed()
  const other = await client({ will: will('will/other') })
  other.break()
  t.match(await reader.expect('publish'), { topic: 'will/other' })
})

t.test(
  '[MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15] without a will its QoS and retain flag must be 0',
  async (t) => {
    const { dial } = await packetBroker(t)
    for (const bits of [0x08, 0x10, 0x18, 0x20]) {
      const client = dial()
      client.write(rawConnect({ flags: USER_AND_PASSWORD | CLEAN | bits }))
      t.ok(await isTurnedAway(client), bits.toString(16))
    }
  },
)

t.test('[MQTT-3.1.2-14] the QoS of a will must not be 3', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  const payload = [text('raw'), text('will/1'), text('gone'), text('ann'), text(PASSWORD)]
  client.write(rawConnect({ flags: USER_AND_PASSWORD | CLEAN | 0x04 | 0x18, payload }))
  t.ok(await isTurnedAway(client))
})

t.test('[MQTT-3.1.2-16] [MQTT-3.1.2-17] a will is retained where its flag says so, and only there', async (t) => {
  const { client } = await packetBroker(t)
  const reader = await client()
  await reader.subscribe('will/#')
  for (const retain of [false, true]) {
    const ann = await client({ will: { topic: `will/${retain}`, payload: Buffer.from('gone'), qos: 0, retain } })
    ann.break()
    await reader.expect('publish')
  }
  const late = await client()
  await late.subscribe('will/#')
  t.match(await late.expect('publish'), { topic: 'will/true', retain: true })
  t.strictSame(await late.beforePong(), [])
})

t.test('[MQTT-3.1.2-18] [MQTT-3.1.2-20] without a user name or a password nobody gets in', async (t) => {
  const { dial } = await packetBroker(t)
  for (const [flags, payload] of [
    [CLEAN, [text('raw')]],
    [CLEAN | 0x80, [text('raw'), text('ann')]],
  ] as const) {
    const client = dial()
    client.write(rawConnect({ flags, payload }))
    t.match(await client.expect('connack'), { returnCode: 4 })
    t.ok(await client.closed())
  }
})

t.test('[MQTT-3.1.2-22] a password without a user name ends the connection', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  client.write(rawConnect({ flags: CLEAN | 0x40, payload: [text('raw'), text(PASSWORD)] }))
  t.ok(await isTurnedAway(client))
})

t.test('[MQTT-3.1.2-24] silence for one and a half times the keep-alive ends the connection', async (t) => {
  const { client } = await packetBroker(t)
  const ann = await client({ keepalive: 1 })
  const sinceMs = performance.now()
  await ann.closed()
  t.ok(performance.now() - sinceMs > 1400)
})

t.test('[MQTT-3.1.3-1] a payload that is too short ends the connection', async (t) => {
  const { dial } = await packetBroker(t)
  for (const payload of [
    [],
    [text('raw')],
    [text('raw'), text('ann')],
    [text('raw'), text('ann'), Buffer.from([0, 9, 1])],
  ]) {
    const client = dial()
    client.write(rawConnect({ payload }))
    t.ok(await isTurnedAway(client))
  }
})

t.test('[MQTT-3.1.3-5] ids of 1 to 23 letters and digits are taken, and longer ones too', async (t) => {
  const { client } = await packetBroker(t)
  for (const clientId of ['a', '0123456789abcdefghijklmN', 'x'.repeat(60), 'with/slash é']) {
    t.notOk((await client({ clientId })).isClosed)
  }
})

t.test('[MQTT-3.1.3-6] [MQTT-3.1.3-7] an empty id is given one of its own, with a clean session', async (t) => {
  const { client } = await packetBroker(t)
  const [one, other] = [await client({ clientId: '' }), await client({ clientId: '' })]
  t.strictSame(await one.beforePong(), [])
  t.strictSame(await other.beforePong(), [])
})

t.test('[MQTT-3.1.3-8] an empty id without a clean session is refused with code 2', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  client.write(rawConnect({ flags: USER_AND_PASSWORD, payload: [text(''), text('ann'), text(PASSWORD)] }))
  t.match(await client.expect('connack'), { returnCode: 2, sessionPresent: false })
  t.ok(await client.closed())
})

t.test('[MQTT-3.1.3-9] [MQTT-3.2.2-5] an id of another user is refused with code 2', async (t) => {
  const { client, dial } = await packetBroker(t)
  await client({ clientId: 'mine' })
  const bob = dial()
  t.match(await bob.connect({ clientId: 'mine', username: 'bob' }), { returnCode: 2 })
  t.ok(await bob.closed())
})

t.test('[MQTT-1.5.3-2] an id with a null character ends the connection', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  client.write(rawConnect({ payload: [text('a\0b'), text('ann'), text(PASSWORD)] }))
  t.ok(await isTurnedAway(client))
})

t.test('[MQTT-3.1.4-2] a client takes over from one of the same id', async (t) => {
  const { client } = await packetBroker(t)
  const first = await client({ clientId: 'same' })
  const second = await client({ clientId: 'same' })
  t.ok(await first.closed())
  t.strictSame(await second.beforePong(), [])
})

t.test('[MQTT-3.1.4-5] what is sent behind a refused CONNECT is not looked at', async (t) => {
  const { client, dial, log } = await packetBroker(t)
  const reader = await client()
  await reader.subscribe('open/1')
  const wrong = dial()
  wrong.send(connectPacket({ clientId: 'wrong', password: Buffer.from('wrong') }))
  wrong.publish('open/1', 'smuggled')
  t.match(await wrong.expect('connack'), { returnCode: 4 })
  await wrong.closed()
  const writer = await client()
  writer.publish('open/1', 'true')
  t.strictSame(await reader.payloads(1), ['true'])
  t.strictSame(log.of('publish_refused'), [])
})

t.test('what is sent behind CONNECT at once is done after it', async (t) => {
  const { dial } = await packetBroker(t)
  const client = dial()
  client.send(connectPacket())
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'open/1', qos: 0 }] })
  client.publish('open/1', 'at once')
  await client.expect('connack')
  await client.expect('suback')
  t.strictSame(await client.payloads(1), ['at once'])
})

t.test('[MQTT-3.2.0-1] nothing comes before CONNACK, in the middle of a stream of messages too', async (t) => {
  const { client, dial, stored } = await packetBroker(t)
  const first = await stored()
  await first.subscribe('open/1', 0)
  await first.subscribe('open/2', 1)
  const writer = await client()
  let isOver = false
  const stream = (async () => {
    for (let index = 0; !isOver; index += 1) {
      writer.publish('open/1', `${index}`)
      writer.publish('open/2', `${index}`, { qos: 1, messageId: 1 + (index % 1000) })
      await writer.expect('puback')
      // Within one process an answer takes no turn of the event loop, and everybody else would starve.
      await new Promise((resolve) => setImmediate(resolve))
    }
  })()
  for (let turn = 0; turn < 20; turn += 1) {
    const back = dial()
    back.send(connectPacket({ clientId: 'stored', clean: false }))
    // It takes over from the one before, whose end takes some turns of the event loop.
    t.equal((await back.next()).cmd, 'connack')
  }
  isOver = true
  await stream
})

t.test('[MQTT-3.2.2-1] [MQTT-3.2.2-2] [MQTT-3.2.2-3] it says whether it has the session', async (t) => {
  const { dial } = await packetBroker(t)
  const says = async (clean: boolean): Promise<boolean> => {
    const client = dial()
    const { sessionPresent } = await client.connect({ clientId: 'id', clean })
    client.send({ cmd: 'disconnect' })
    await client.closed()
    return sessionPresent
  }
  t.equal(await says(false), false, 'there is none yet')
  t.equal(await says(false), true, 'there is one, though without subscriptions')
  t.equal(await says(true), false, 'a clean one never is')
  t.equal(await says(false), false, 'and it ended the one before')
})

t.test('[MQTT-3.2.2-4] a refusal says that there is no session', async (t) => {
  const { dial, stored } = await packetBroker(t)
  const first = await stored()
  await first.subscribe('open/1', 1)
  const wrong = dial()
  const connack = await wrong.connect({ clientId: 'stored', clean: false, password: Buffer.from('wrong') })
  t.match(connack, { returnCode: 4, sessionPresent: false })
  t.ok(await wrong.closed())
  t.strictSame(await first.beforePong(), [], 'and whose id it is stays')
})
