/** Retained messages. Source: MQTT 3.1.1, 3.3.1.3. */
import t from 'tap'
import { packetBroker } from '../../../fixtures/packet-broker.ts'

t.test(
  '[MQTT-3.3.1-5] [MQTT-3.3.1-6] [MQTT-3.3.1-8] a new subscription is given the last one, with RETAIN 1',
  async (t) => {
    const { client } = await packetBroker(t)
    const writer = await client()
    await writer.publishSafely('open/1', 'old', { retain: true })
    await writer.publishSafely('open/1', 'new', { retain: true })
    await writer.publishSafely('open/2', 'other', { retain: true })
    for (const filter of ['open/1', 'open/#', '+/1', '+/+']) {
      const reader = await client()
      const [granted] = await reader.subscribe(filter, 1)
      if (granted === 0x80) continue
      const came = await reader.beforePong()
      t.match(
        came.find((packet) => packet.cmd === 'publish' && packet.topic === 'open/1'),
        { payload: Buffer.from('new'), retain: true, qos: 1 },
        filter,
      )
    }
  },
)

t.test('[MQTT-3.3.1-6] it has the lower of its own QoS and the one granted', async (t) => {
  const { client } = await packetBroker(t)
  const writer = await client()
  await writer.publishSafely('open/1', 'one', { retain: true })
  for (const [granted, qos] of [
    [0, 0],
    [1, 1],
    [2, 1],
  ] as const) {
    for (const filter of ['open/1', 'open/#']) {
      const reader = await client()
      await reader.subscribe(filter, granted)
      t.match(await reader.expect('publish'), { qos, retain: true }, `${filter} ${granted}`)
    }
  }
})

t.test('[MQTT-3.3.1-7] one of QoS 0 takes the place of the one before', async (t) => {
  const { client } = await packetBroker(t)
  const writer = await client()
  await writer.publishSafely('open/1', 'old', { retain: true })
  writer.publish('open/1', 'new', { retain: true })
  await writer.beforePong()
  const reader = await client()
  await reader.subscribe('open/1', 1)
  t.match(await reader.expect('publish'), { payload: Buffer.from('new'), qos: 0 })
})

t.test('[MQTT-3.3.1-9] who has subscribed before is given it with RETAIN 0, who was away too', async (t) => {
  const { client, stored } = await packetBroker(t)
  const [online, away] = [await client(), await stored()]
  await online.subscribe('open/1', 1)
  await away.subscribe('open/1', 1)
  away.break()
  await away.closed()
  await (await client()).publishSafely('open/1', 'x', { retain: true })
  t.match(await online.expect('publish'), { retain: false })
  t.match(await (await stored()).expect('publish'), { retain: false })
})

t.test('[MQTT-3.3.1-10] [MQTT-3.3.1-11] an empty one clears its topic, and is delivered as any other', async (t) => {
  const { client } = await packetBroker(t)
  const [writer, online] = [await client(), await client()]
  await online.subscribe('open/1', 1)
  await writer.publishSafely('open/1', 'x', { retain: true })
  await writer.publishSafely('open/1', '', { retain: true })
  t.strictSame(await online.payloads(2), ['x', ''])
  const late = await client()
  await late.subscribe('open/1', 1)
  t.strictSame(await late.beforePong(), [])
})

t.test('[MQTT-3.3.1-12] one with RETAIN 0 neither is kept nor takes the place of one that is', async (t) => {
  const { client } = await packetBroker(t)
  const writer = await client()
  await writer.publishSafely('open/1', 'kept', { retain: true })
  await writer.publishSafely('open/1', 'passing')
  await writer.publishSafely('open/1', '')
  const reader = await client()
  await reader.subscribe('open/1', 1)
  t.strictSame(await reader.payloads(1), ['kept'])
  t.strictSame(await reader.beforePong(), [])
})

t.test('what may not be read is not given to who subscribes to more', async (t) => {
  const { client } = await packetBroker(t)
  const writer = await client()
  await writer.publishSafely('open/1', 'x', { retain: true })
  const reader = await client()
  t.strictSame(await reader.subscribe('#', 1), [0x80])
  t.strictSame(await reader.beforePong(), [])
})
