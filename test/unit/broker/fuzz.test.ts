/** Bytes of every kind over real sockets, before log-in and after: the broker and everybody else survive them. */
import fc from 'fast-check'
import t from 'tap'
import { connectPacket, gone, header, loggedIn, packet, rawSocket, text } from '../../fixtures/raw-mqtt.ts'
import { tcpBroker } from '../../fixtures/tcp-broker.ts'

/** Runs of each property: some seconds in all. */
const RUNS = 300

const noise = fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => Buffer.from(bytes))

/** Looks like a packet from outside, and may lie about its length. */
const packetLike = fc
  .record({
    type: fc.integer({ min: 0, max: 255 }),
    body: fc.uint8Array({ maxLength: 200 }),
    lie: fc.integer({ min: -3, max: 3 }),
  })
  .map(({ type, body, lie }) => Buffer.concat([header(type, Math.max(0, body.length + lie)), Buffer.from(body)]))

/** Of any characters at all. (fast-check's own of this kind take two seconds before the first.) */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 30 })
  .map((points) => String.fromCodePoint(...points))

const topics = fc.oneof(
  anyText,
  fc.array(fc.constantFrom('', 'a', 'e', '+', '#', '$SYS', '\0'), { maxLength: 20 }).map((levels) => levels.join('/')),
)
const id = fc.integer({ min: 0, max: 0xffff }).map((value) => Buffer.from([value >> 8, value & 0xff]))
const flags = fc.integer({ min: 0, max: 15 })

/** Sound in its parts, and odd in what they say. */
const oddPacket = fc.oneof(
  fc
    .tuple(flags, topics, id, noise)
    .map(([flag, topic, number, payload]) => packet(0x30 + flag, text(topic), number, payload)),
  fc
    .tuple(fc.constantFrom(0x80, 0x82), id, topics, flags)
    .map(([type, number, filter, qos]) => packet(type, number, text(filter), Buffer.from([qos]))),
  fc.tuple(id, topics).map(([number, filter]) => packet(0xa2, number, text(filter))),
  fc.tuple(fc.constantFrom(0x40, 0x50, 0x62, 0x70), id).map(([type, number]) => packet(type, number)),
  fc.constantFrom(packet(0xc0), packet(0xe0), connectPacket('eve'), packet(0xd0)),
)

/** A CONNECT with some of its bytes changed. */
const brokenConnect = fc
  .array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 })
  .map((changes) => {
    const bytes = Buffer.from(connectPacket('eve', { clientId: 'fuzz' }))
    for (const [at, value] of changes) bytes[at % bytes.length] = value
    return bytes
  })

const parts = fc.array(fc.oneof(noise, packetLike, oddPacket), { minLength: 1, maxLength: 8 })

t.test('whatever comes before log-in ends with its connection', async (t) => {
  const { port, othersGoOn, metric } = await tcpBroker(t)
  await othersGoOn()
  const first = fc.oneof(brokenConnect, noise, packetLike, oddPacket)
  await fc.assert(
    fc.asyncProperty(first, parts, async (start, rest) => {
      const socket = await rawSocket(port)
      socket.end(Buffer.concat([start, ...rest]))
      await gone(socket)
    }),
    { numRuns: RUNS },
  )
  await othersGoOn()
  while ((await metric('connections')) > 2) await new Promise(setImmediate)
})

t.test('whatever comes after log-in ends with its connection', async (t) => {
  const { port, othersGoOn, metric, log } = await tcpBroker(t)
  await othersGoOn()
  await fc.assert(
    fc.asyncProperty(parts, fc.boolean(), async (bytes, isClean) => {
      const socket = await loggedIn(port, 'eve', { clientId: 'fuzz', clean: isClean })
      for (const part of bytes) socket.write(part)
      socket.end()
      await gone(socket)
    }),
    { numRuns: RUNS },
  )
  await othersGoOn()
  while ((await metric('connections')) > 2) await new Promise(setImmediate)
  t.strictSame(log.of('store_failed'), [])
  t.strictSame(log.of('question_unanswered'), [])
})

t.test('sound packets are understood however they are cut into pieces', async (t) => {
  const { port, dial, othersGoOn } = await tcpBroker(t)
  const reader = await dial('eve')
  await reader.mqtt.subscribeAsync('e/#')
  let count = 0
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), noise, async (cuts, payload) => {
      const socket = await rawSocket(port)
      const bytes = Buffer.concat([connectPacket('eve'), packet(0x30, text('e/1'), payload), packet(0xe0)])
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = at + (cuts[turn % cuts.length] ?? 1)
        socket.write(bytes.subarray(at, end))
        at = end
      }
      count += 1
      const message = (await reader.received(count)).at(-1)
      socket.destroy()
      return message?.payload === payload.toString()
    }),
    { numRuns: RUNS / 3 },
  )
  await othersGoOn()
})
