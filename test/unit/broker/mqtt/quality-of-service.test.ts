/** Delivery: QoS 0, 1 and 2, again after a break, in order. Source: MQTT 3.1.1, 4.3 to 4.6 and 3.3.1. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { BrokerOptions } from '../../../../src/broker/options.ts'
import { type PacketBroker, packetBroker } from '../../../fixtures/packet-broker.ts'
import { connectPacket, type PacketClient } from '../../../fixtures/packet-client.ts'

const idOf = ({ messageId }: { messageId?: number | undefined }): number => messageId ?? 0

/** Sends a message of QoS 2 and ends its handshake. */
async function publishOnce(client: PacketClient, topic: string, payload: string, messageId = 1): Promise<void> {
  client.publish(topic, payload, { qos: 2, messageId })
  await client.expect('pubrec')
  client.send({ cmd: 'pubrel', messageId })
  await client.expect('pubcomp')
}

/** A session with a subscription, whose client is away. */
async function awayFrom({ stored }: PacketBroker, qos: 1 | 2): Promise<void> {
  const client = await stored()
  await client.subscribe('open/#', qos)
  client.break()
  await client.closed()
}

for (const store of ['in memory', 'in a data directory']) {
  const broker = (t: Test): Promise<PacketBroker> => {
    const options: Partial<BrokerOptions> = store === 'in memory' ? {} : { data: join(t.testdir(), 'data') }
    return packetBroker(t, options)
  }

  t.test(`${store}: [MQTT-4.3.1-1] QoS 0 is delivered once, with DUP 0, and answered by nothing`, async (t) => {
    const { client } = await broker(t)
    const [reader, writer] = [await client(), await client()]
    await reader.subscribe('open/1', 2)
    writer.publish('open/1', 'zero')
    t.match(await reader.expect('publish'), { qos: 0, dup: false, messageId: undefined })
    t.strictSame(await writer.beforePong(), [])
    t.strictSame(await reader.beforePong(), [])
  })

  t.test(`${store}: [MQTT-4.3.2-2] QoS 1 is answered by PUBACK with its identifier, a copy too`, async (t) => {
    const { client } = await broker(t)
    const [reader, writer] = [await client(), await client()]
    await reader.subscribe('open/1', 1)
    writer.publish('open/1', 'one', { qos: 1, messageId: 7 })
    t.equal(idOf(await writer.expect('puback')), 7)
    writer.publish('open/1', 'one', { qos: 1, messageId: 7, dup: true })
    t.equal(idOf(await writer.expect('puback')), 7)
    t.strictSame(await reader.payloads(2), ['one', 'one'])
  })

  t.test(`${store}: [MQTT-4.3.2-1] QoS 1 is sent with an identifier that is not in use and DUP 0`, async (t) => {
    const { client } = await broker(t)
    const [reader, writer] = [await client(), await client()]
    await reader.subscribe('open/1', 1)
    const ids = new Set<number>()
    for (let index = 0; index < 10; index += 1) {
      await writer.publishSafely('open/1', String(index))
      const message = await reader.expect('publish')
      t.match(message, { qos: 1, dup: false })
      ids.add(idOf(message))
    }
    t.equal(ids.size, 10)
    t.notOk(ids.has(0))
  })

  t.test(`${store}: [MQTT-4.3.3-2] QoS 2 is taken once, however often it comes before PUBREL`, async (t) => {
    const { client } = await broker(t)
    const [reader, writer] = [await client(), await client()]
    await reader.subscribe('open/1', 0)
    for (const dup of [false, true, true]) {
      writer.publish('open/1', 'two', { qos: 2, messageId: 9, dup })
      t.equal(idOf(await writer.expect('pubrec')), 9)
    }
    writer.send({ cmd: 'pubrel', messageId: 9 })
    t.equal(idOf(await writer.expect('pubcomp')), 9)
    writer.send({ cmd: 'pubrel', messageId: 9 })
    t.equal(idOf(await writer.expect('pubcomp')), 9, 'PUBREL is always answered')
    await publishOnce(writer, 'open/1', 'another', 9)
    t.strictSame(await reader.payloads(2), ['two', 'another'])
  })

  t.test(`${store}: [MQTT-4.3.3-2] a copy of QoS 2 after a new connection is one still`, async (t) => {
    const { client, stored } = await broker(t)
    const reader = await client()
    await reader.subscribe('open/1', 0)
    const first = await stored()
    first.publish('open/1', 'two', { qos: 2, messageId: 9 })
    await first.expect('pubrec')
    first.break()
    await first.closed()
    const second = await stored()
    second.publish('open/1', 'two', { qos: 2, messageId: 9, dup: true })
    await second.expect('pubrec')
    second.send({ cmd: 'pubrel', messageId: 9 })
    await second.expect('pubcomp')
    await publishOnce(second, 'open/1', 'end')
    t.strictSame(await reader.payloads(2), ['two', 'end'])
  })

  t.test(`${store}: [MQTT-4.3.3-1] QoS 2 is sent with PUBREL for PUBREC, each with the same identifier`, async (t) => {
    const { client, stored } = await broker(t)
    const writer = await client()
    for (const reader of [await client(), await stored()]) {
      await reader.subscribe('open/1', 2)
      await publishOnce(writer, 'open/1', 'two')
      const message = await reader.expect('publish')
      t.match(message, { qos: 2, dup: false })
      const messageId = idOf(message)
      reader.send({ cmd: 'pubrec', messageId })
      t.equal(idOf(await reader.expect('pubrel')), messageId)
      reader.send({ cmd: 'pubcomp', messageId })
      t.strictSame(await reader.beforePong(), [])
    }
  })

  t.test(
    `${store}: [MQTT-4.4.0-1] [MQTT-3.3.1-1] QoS 1 without PUBACK comes again, same identifier, DUP 1`,
    async (t) => {
      const { client, stored } = await broker(t)
      const [first, writer] = [await stored(), await client()]
      await first.subscribe('open/1', 1)
      for (const payload of ['lost', 'taken']) await writer.publishSafely('open/1', payload)
      const [lost, taken] = [await first.expect('publish'), await first.expect('publish')]
      first.send({ cmd: 'puback', messageId: idOf(taken) })
      await first.beforePong()
      first.break()
      await first.closed()
      const second = await stored()
      t.match(await second.expect('publish'), { payload: lost.payload, messageId: idOf(lost), dup: true, qos: 1 })
      t.strictSame(await second.beforePong(), [])
      second.send({ cmd: 'puback', messageId: idOf(lost) })
      await second.beforePong()
      second.break()
      await second.closed()
      t.strictSame(await (await stored()).beforePong(), [], 'and never again')
    },
  )

  t.test(`${store}: [MQTT-4.4.0-1] what was queued and never sent comes with DUP 0`, async (t) => {
    const pair = await broker(t)
    await awayFrom(pair, 1)
    await (await pair.client()).publishSafely('open/1', 'first time')
    t.match(await (await pair.stored()).expect('publish'), { dup: false, qos: 1 })
  })

  t.test(`${store}: [MQTT-4.4.0-1] QoS 2 goes on where it was: PUBLISH without PUBREC, else PUBREL`, async (t) => {
    const { client, stored } = await broker(t)
    const [first, writer] = [await stored(), await client()]
    await first.subscribe('open/1', 2)
    for (const payload of ['released', 'also released', 'sent']) await publishOnce(writer, 'open/1', payload)
    const ids: number[] = []
    for (let index = 0; index < 3; index += 1) ids.push(idOf(await first.expect('publish')))
    for (const messageId of ids.slice(0, 2)) {
      first.send({ cmd: 'pubrec', messageId })
      await first.expect('pubrel')
    }
    first.break()
    await first.closed()
    const second = await stored()
    t.match(await second.next(), { cmd: 'pubrel', messageId: ids[0] })
    t.match(await second.next(), { cmd: 'pubrel', messageId: ids[1] })
    t.match(await second.next(), { cmd: 'publish', messageId: ids[2], dup: true, qos: 2 })
    for (const messageId of ids) second.send({ cmd: 'pubcomp', messageId })
    await second.beforePong()
    second.break()
    await second.closed()
    t.strictSame(await (await stored()).beforePong(), [])
  })

  t.test(`${store}: [MQTT-4.5.0-1] a message goes to every client with a matching subscription`, async (t) => {
    const { client, stored } = await broker(t)
    const readers = [await client(), await client(), await stored()]
    for (const [index, reader] of readers.entries())
      await reader.subscribe(['open/1', 'open/+', 'open/#'][index] ?? '', 1)
    await (await client()).publishSafely('open/1', 'all')
    for (const reader of readers) t.strictSame(await reader.payloads(1), ['all'])
  })

  t.test(`${store}: [MQTT-3.3.5-1] overlapping filters: the largest QoS of them, and one copy`, async (t) => {
    const { client, stored } = await broker(t)
    const writer = await client()
    for (const reader of [await client(), await stored()]) {
      for (const [filter, qos] of [
        ['open/#', 0],
        ['open/+', 2],
        ['open/1', 1],
      ] as const)
        await reader.subscribe(filter, qos)
      await publishOnce(writer, 'open/1', 'two')
      const message = await reader.expect('publish')
      t.match(message, { qos: 2 })
      reader.send({ cmd: 'pubrec', messageId: idOf(message) })
      await reader.expect('pubrel')
      t.strictSame(await reader.beforePong(), [])
    }
  })

  t.test(`${store}: [MQTT-3.3.5-1] overlapping filters queue one copy for who is away`, async (t) => {
    const pair = await broker(t)
    const first = await pair.stored()
    for (const [filter, qos] of [
      ['open/#', 1],
      ['open/+', 0],
      ['open/1', 2],
    ] as const)
      await first.subscribe(filter, qos)
    first.break()
    await first.closed()
    await publishOnce(await pair.client(), 'open/1', 'two')
    const second = await pair.stored()
    t.match(await second.expect('publish'), { qos: 2 })
    t.strictSame(await second.beforePong(), [])
  })

  t.test(`${store}: a filter that is given up does not take others with it`, async (t) => {
    const pair = await broker(t)
    const first = await pair.stored()
    for (const filter of ['open/#', 'open/1']) await first.subscribe(filter, 1)
    first.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['open/#'] })
    await first.expect('unsuback')
    first.break()
    await first.closed()
    const writer = await pair.client()
    for (const topic of ['open/1', 'open/2']) await writer.publishSafely(topic, topic)
    const second = await pair.stored()
    t.strictSame(await second.payloads(1), ['open/1'])
    t.strictSame(await second.beforePong(), [])
  })

  t.test(`${store}: [MQTT-3.8.4-6] nothing is delivered with more QoS than was granted`, async (t) => {
    const pair = await broker(t)
    const writer = await pair.client()
    for (const qos of [0, 1, 2] as const) {
      const reader = await pair.client()
      await reader.subscribe('open/#', qos)
      await publishOnce(writer, 'open/1', 'two')
      t.match(await reader.expect('publish'), { qos })
    }
    await awayFrom(pair, 1)
    await publishOnce(writer, 'open/1', 'two')
    t.match(await (await pair.stored()).expect('publish'), { qos: 1 })
  })

  t.test(`${store}: [MQTT-4.6.0-1] what comes again comes in the order in which it was first sent`, async (t) => {
    const { client, stored } = await broker(t)
    const [first, writer] = [await stored(), await client()]
    await first.subscribe('open/#', 2)
    for (let index = 0; index < 30; index += 1) {
      if (index % 2 === 0) await writer.publishSafely('open/1', String(index))
      else await publishOnce(writer, 'open/1', String(index))
    }
    const inOrder = Array.from({ length: 30 }, (_, index) => String(index))
    t.strictSame(await first.payloads(30), inOrder)
    first.break()
    await first.closed()
    t.strictSame(await (await stored()).payloads(30), inOrder)
  })

  t.test(
    `${store}: [MQTT-4.6.0-2] [MQTT-4.6.0-3] PUBACK and PUBREC come in the order of what they answer`,
    async (t) => {
      const writer = await (await broker(t)).client()
      for (let messageId = 1; messageId <= 20; messageId += 1) writer.publish('open/1', 'x', { qos: 1, messageId })
      for (let messageId = 1; messageId <= 20; messageId += 1) t.equal(idOf(await writer.expect('puback')), messageId)
      for (let messageId = 1; messageId <= 20; messageId += 1) writer.publish('open/1', 'x', { qos: 2, messageId })
      for (let messageId = 1; messageId <= 20; messageId += 1) t.equal(idOf(await writer.expect('pubrec')), messageId)
    },
  )

  t.test(`${store}: [MQTT-4.6.0-6] messages of one QoS come in order, mixed ones all come`, async (t) => {
    const { client, stored } = await broker(t)
    const writer = await client()
    const readers = [await client(), await stored()]
    for (const reader of readers) await reader.subscribe('open/#', 2)
    for (let index = 0; index < 60; index += 1) {
      const qos = index % 3 === 0 ? 0 : index % 3 === 1 ? 1 : 2
      writer.publish('open/1', String(index), qos === 0 ? {} : { qos, messageId: index + 1 })
    }
    for (const reader of readers) {
      const came = (await reader.payloads(60)).map(Number)
      for (const rest of [0, 1, 2]) {
        const ofOne = came.filter((index) => index % 3 === rest)
        t.strictSame(
          ofOne,
          ofOne.toSorted((a, b) => a - b),
        )
      }
      t.equal(new Set(came).size, 60)
    }
  })

  t.test(
    `${store}: [MQTT-4.6.0-6] what is new does not overtake what is queued, and nothing comes twice`,
    async (t) => {
      const pair = await broker(t)
      await awayFrom(pair, 2)
      const writer = await pair.client()
      for (let index = 0; index < 50; index += 1) await writer.publishSafely('open/1', String(index))
      const back = pair.dial()
      back.send(connectPacket({ clientId: 'stored', clean: false }))
      for (let index = 50; index < 200; index += 1) {
        writer.publish('open/1', String(index), { qos: 1, messageId: index })
        // Slower than the queue is sent: it ends in the middle of this.
        for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      }
      await back.expect('connack')
      t.strictSame(
        await back.payloads(200),
        Array.from({ length: 200 }, (_, index) => String(index)),
      )
      t.strictSame(await back.beforePong(), [])
    },
  )
}

t.test('[MQTT-3.3.1-3] DUP is not passed on', async (t) => {
  const { client } = await packetBroker(t)
  const [reader, writer] = [await client(), await client()]
  await reader.subscribe('open/1', 1)
  writer.publish('open/1', 'copy', { qos: 1, messageId: 1, dup: true })
  t.match(await reader.expect('publish'), { dup: false })
})

t.test('[MQTT-3.3.1-4] a PUBLISH of QoS 3 ends the connection', async (t) => {
  const writer = await (await packetBroker(t)).client()
  writer.write([0x36, 5, 0, 1, 0x61, 0, 1])
  t.ok(await writer.closed())
})

t.test('[MQTT-3.3.5-2] what may not be published is acknowledged and goes nowhere', async (t) => {
  const { client } = await packetBroker(t)
  const [reader, writer] = [await client(), await client()]
  await reader.subscribe('open/#', 1)
  await writer.publishSafely('denied/1', 'never')
  await publishOnce(writer, 'denied/1', 'never')
  await writer.publishSafely('open/1', 'true')
  t.strictSame(await reader.payloads(1), ['true'])
})

t.test('identifiers that nobody waits for are answered or left alone', async (t) => {
  const { client, stored } = await packetBroker(t)
  for (const one of [await client(), await stored()]) {
    one.send({ cmd: 'puback', messageId: 77 })
    one.send({ cmd: 'pubcomp', messageId: 77 })
    one.send({ cmd: 'pubrec', messageId: 77 })
    t.match(await one.beforePong(), [{ cmd: 'pubrel', messageId: 77 }])
  }
})
