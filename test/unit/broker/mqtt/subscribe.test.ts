/** SUBSCRIBE to UNSUBACK, and PINGREQ. Source: MQTT 3.1.1, 3.8 to 3.12. */
import t from 'tap'
import { packetBroker } from '../../../fixtures/packet-broker.ts'
import { rawPacket, text } from '../../../fixtures/packet-client.ts'

t.test('[MQTT-3.8.1-1] [MQTT-3.10.1-1] other flags in the first byte end the connection', async (t) => {
  const { client } = await packetBroker(t)
  for (const first of [0x80, 0x83, 0x8a, 0xa0, 0xa3]) {
    const reader = await client()
    reader.write(rawPacket(first, [0, 1], text('open/1'), first < 0xa0 ? [0] : []))
    t.ok(await reader.closed(), first.toString(16))
  }
})

t.test('[MQTT-3.8.3-3] without a filter the connection ends', async (t) => {
  const reader = await (await packetBroker(t)).client()
  reader.write(rawPacket(0x82, [0, 1]))
  t.ok(await reader.closed())
})

t.test('[MQTT-3.8.3-4] a QoS of 3, or reserved bits, end the connection', async (t) => {
  const { client } = await packetBroker(t)
  for (const qos of [3, 4, 0x80]) {
    const reader = await client()
    reader.write(rawPacket(0x82, [0, 1], text('open/1'), [qos]))
    t.ok(await reader.closed(), String(qos))
  }
})

t.test('[MQTT-3.8.4-1] [MQTT-3.8.4-2] SUBACK bears the identifier of its SUBSCRIBE', async (t) => {
  const reader = await (await packetBroker(t)).client()
  for (const messageId of [1, 255, 65_535]) {
    reader.send({ cmd: 'subscribe', messageId, subscriptions: [{ topic: 'open/1', qos: 0 }] })
    t.match(await reader.expect('suback'), { messageId })
  }
})

t.test(
  '[MQTT-3.8.4-3] the same filter again takes the place of the first, and gives retained messages again',
  async (t) => {
    const { client } = await packetBroker(t)
    const [reader, writer] = [await client(), await client()]
    await writer.publishSafely('open/1', 'kept', { retain: true })
    await reader.subscribe('open/1', 1)
    t.match(await reader.expect('publish'), { qos: 1, retain: true })
    await reader.subscribe('open/1', 0)
    t.match(await reader.expect('publish'), { qos: 0, retain: true })
    await writer.publishSafely('open/1', 'once')
    t.match(await reader.expect('publish'), { qos: 0, retain: false })
    t.strictSame(await reader.beforePong(), [])
  },
)

t.test(
  '[MQTT-3.8.4-4] [MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] a code for each filter, in their order',
  async (t) => {
    const { client, stored } = await packetBroker(t)
    for (const reader of [await client(), await stored()]) {
      reader.send({
        cmd: 'subscribe',
        messageId: 1,
        subscriptions: [
          { topic: 'open/0', qos: 0 },
          { topic: 'denied/1', qos: 1 },
          { topic: 'open/1', qos: 1 },
          { topic: '$SYS/#', qos: 0 },
          { topic: 'open/2', qos: 2 },
        ],
      })
      t.match(await reader.expect('suback'), { granted: [0, 0x80, 1, 0x80, 2] })
    }
  },
)

t.test('[MQTT-3.10.4-1] only the very same filter is given up', async (t) => {
  const { client } = await packetBroker(t)
  const [reader, writer] = [await client(), await client()]
  await reader.subscribe('open/+', 1)
  reader.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['open/#', 'open/1', 'OPEN/+'] })
  await reader.expect('unsuback')
  await writer.publishSafely('open/1', 'still')
  t.strictSame(await reader.payloads(1), ['still'])
})

t.test('[MQTT-3.10.4-2] [MQTT-3.10.4-3] after UNSUBACK nothing new comes, and what was sent is ended', async (t) => {
  const { client } = await packetBroker(t)
  const [reader, writer] = [await client(), await client()]
  await reader.subscribe('open/1', 2)
  await reader.subscribe('open/2', 2)
  writer.publish('open/1', 'under way', { qos: 2, messageId: 1 })
  const { messageId = 0 } = await reader.expect('publish')
  reader.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['open/1'] })
  await reader.expect('unsuback')
  reader.send({ cmd: 'pubrec', messageId })
  t.match(await reader.expect('pubrel'), { messageId })
  await writer.expect('pubrec')
  await writer.publishSafely('open/1', 'never')
  await writer.publishSafely('open/2', 'true')
  t.strictSame(await reader.payloads(1), ['true'])
})

t.test(
  '[MQTT-3.10.4-4] [MQTT-3.10.4-5] [MQTT-3.10.4-6] one UNSUBACK with the identifier, whatever was subscribed',
  async (t) => {
    const { client, stored } = await packetBroker(t)
    for (const reader of [await client(), await stored()]) {
      await reader.subscribe('open/1', 1)
      reader.send({ cmd: 'unsubscribe', messageId: 42, unsubscriptions: ['open/1', 'open/2', 'denied/1'] })
      t.match(await reader.expect('unsuback'), { messageId: 42 })
      t.strictSame(await reader.beforePong(), [])
    }
  },
)

t.test('[MQTT-3.10.4-2] a stored session gives its filter up for good', async (t) => {
  const { client, stored } = await packetBroker(t)
  const first = await stored()
  await first.subscribe('open/1', 1)
  first.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['open/1'] })
  await first.expect('unsuback')
  first.break()
  await first.closed()
  await (await client()).publishSafely('open/1', 'never')
  t.strictSame(await (await stored()).beforePong(), [])
})

t.test('[MQTT-3.12.4-1] PINGREQ is answered', async (t) => {
  const reader = await (await packetBroker(t)).client()
  reader.send({ cmd: 'pingreq' })
  t.match(await reader.next(), { cmd: 'pingresp' })
})

t.test('[MQTT-4.8.0-1] a packet that only a broker may send ends the connection', async (t) => {
  const { client } = await packetBroker(t)
  for (const first of [0x20, 0x90, 0xb0, 0xd0, 0xf0]) {
    const reader = await client()
    reader.write(rawPacket(first, [0, 0]))
    t.ok(await reader.closed(), first.toString(16))
  }
})
