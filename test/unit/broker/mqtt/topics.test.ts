/** Topic names and filters. Source: MQTT 3.1.1, 4.7. */
import t from 'tap'
import { packetBroker } from '../../../fixtures/packet-broker.ts'
import { rawPacket, text } from '../../../fixtures/packet-client.ts'

const REFUSED = 0x80

/** Filter, topic, and whether they match; those of the standard's own examples and around them. */
const CASES: readonly (readonly [filter: string, topic: string, matches: boolean])[] = [
  ['a/#', 'a', true],
  ['a/#', 'a/b', true],
  ['a/#', 'a/b/c/d', true],
  ['a/#', 'a/', true],
  ['a/#', 'ab', false],
  ['a/+', 'a/b', true],
  ['a/+', 'a/', true],
  ['a/+', 'a', false],
  ['a/+', 'a/b/c', false],
  ['a/+/c', 'a/b/c', true],
  ['a/+/c', 'a//c', true],
  ['a/+/#', 'a/b', true],
  ['a/+/#', 'a', false],
  ['+', 'x', true],
  ['+', '/x', false],
  ['/+', '/x', true],
  ['/#', '/x', true],
  ['a//c', 'a//c', true],
  ['a//c', 'a/c', false],
  ['a/b', 'a/B', false],
  ['A', 'a', false],
  ['a/b c', 'a/b c', true],
  ['a/é', 'a/e\u0301', false],
  ['a/b', 'a/b/', false],
]

t.test('[MQTT-4.7.1-2] [MQTT-4.7.1-3] [MQTT-4.7.3-4] filters match level by level, and letter by letter', async (t) => {
  const { client, stored } = await packetBroker(t)
  const writer = await client()
  for (const [filter, topic, matches] of CASES) {
    const name = `${filter} ${matches ? 'matches' : 'does not match'} ${topic}`
    const reader = await client()
    await reader.subscribe(filter, 1)
    await reader.subscribe('open/fence', 1)
    const away = await stored()
    await away.subscribe(filter, 1)
    away.break()
    await away.closed()
    await writer.publishSafely(topic, 'x', { retain: true })
    await writer.publishSafely('open/fence', 'fence')
    t.strictSame(await reader.payloads(matches ? 2 : 1), matches ? ['x', 'fence'] : ['fence'], name)
    const late = await client()
    await late.subscribe(filter, 1)
    t.equal((await late.beforePong()).length, matches ? 1 : 0, `${name}, retained`)
    const back = await stored()
    t.equal((await back.beforePong()).length, matches ? 1 : 0, `${name}, queued`)
    await writer.publishSafely(topic, '', { retain: true })
    await (await client({ clientId: 'stored' })).beforePong()
    reader.break()
    late.break()
  }
})

t.test('[MQTT-4.7.1-1] a topic with a wildcard ends the connection', async (t) => {
  const { client } = await packetBroker(t)
  for (const topic of ['open/+', 'open/#', '#', '+']) {
    const writer = await client()
    writer.publish(topic, 'x')
    t.ok(await writer.closed(), topic)
  }
})

t.test(
  '[MQTT-4.7.1-2] [MQTT-4.7.1-3] a filter with a wildcard in a wrong place is refused or ends the connection',
  async (t) => {
    const { client } = await packetBroker(t)
    for (const filter of ['open#', 'open/a#', 'open/#/a', '#/a', 'open+', 'open/+a', 'open/a+', '+a', 'a#']) {
      const reader = await client()
      reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: filter, qos: 0 }] })
      const answer = await reader.next().catch(() => null)
      if (answer === null) t.ok(reader.isClosed, `${filter} ends it`)
      else t.match(answer, { cmd: 'suback', granted: [REFUSED] }, filter)
    }
  },
)

t.test('[MQTT-4.7.2-1] a wildcard at the beginning does not match topics that begin with $', async (t) => {
  const { broker, client } = await packetBroker(t)
  t.ok(broker.url === null)
  const reader = await client()
  await reader.subscribe('+', 1)
  await client()
  t.strictSame(await reader.beforePong(), [], 'though the broker says on $SYS who has connected')
  await reader.publishSafely('$x', 'never')
  t.strictSame(await reader.beforePong(), [])
})

t.test('[MQTT-4.7.3-1] an empty topic ends the connection, an empty filter too', async (t) => {
  const { client } = await packetBroker(t)
  const [writer, reader, leaver] = [await client(), await client(), await client()]
  writer.write(rawPacket(0x30, text(''), Buffer.from('x')))
  reader.write(rawPacket(0x82, [0, 1], text(''), [0]))
  leaver.write(rawPacket(0xa2, [0, 1], text('')))
  t.ok(await writer.closed())
  t.ok(await reader.closed())
  t.ok(await leaver.closed())
})

t.test('[MQTT-4.7.3-2] a topic with a null character goes nowhere, and such a filter is refused', async (t) => {
  const { client } = await packetBroker(t)
  const [writer, reader] = [await client(), await client()]
  t.strictSame(await reader.subscribe('open/\0', 0), [REFUSED])
  await reader.subscribe('open/#', 1)
  await writer.publishSafely('open/\0', 'never')
  await writer.publishSafely('open/1', 'true')
  t.strictSame(await reader.payloads(1), ['true'])
})

t.test('[MQTT-4.7.3-3] topics of 512 characters and 16 levels are passed on, longer ones go nowhere', async (t) => {
  const { client } = await packetBroker(t)
  const reader = await client()
  await reader.subscribe('open/#', 1)
  const long = `open/${'x'.repeat(507)}`
  const deep = `open${'/x'.repeat(15)}`
  for (const topic of [long, `${long}x`, deep, `open${'/x'.repeat(200)}`, 'open/1']) {
    // Far too many levels end the connection.
    await (await client()).publishSafely(topic, 'x').catch(() => {})
  }
  for (const topic of [long, deep, 'open/1']) t.match(await reader.expect('publish'), { topic })
})
