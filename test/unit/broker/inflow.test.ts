import type { Duplex } from 'node:stream'
import t from 'tap'
import { Inflow } from '../../../src/broker/inflow.ts'
import { Flow } from '../../../src/broker/traffic.ts'
import { Turn } from '../../../src/broker/turn.ts'
import { duplexPair } from '../../../src/platform/duplex-pair.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'
import { packet, publishPacket } from '../../fixtures/raw-mqtt.ts'

function rig({ perSecond = 100, bytesMax = 100, turn = new Turn() } = {}) {
  const [client, stream] = duplexPair()
  const clock = new ManualClock()
  const flow = new Flow()
  const seen: Buffer[] = []
  const counts = { oversize: 0, flood: 0 }
  const owner = {
    stream,
    bytesMax,
    onOversize(): void {
      counts.oversize += 1
    },
    onFlood(): void {
      counts.flood += 1
    },
  }
  const inflow = new Inflow(owner, { flow, turn, clock, publishesPerSecondMax: perSecond })
  // As aedes reads: all there is, again and again until there is nothing.
  stream.on('readable', () => {
    for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) seen.push(chunk)
  })
  return { client, stream, clock, flow, seen, counts, owner, inflow }
}

/** Resolves when all that was written is either read or held. */
async function written(client: Duplex, bytes: Buffer): Promise<void> {
  await new Promise((resolve) => client.write(bytes, resolve))
  await new Promise(setImmediate)
}

const messages = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => publishPacket('a', `${index % 10}`)))

t.test('the reader never sees a packet that is too long', async (t) => {
  const { client, seen, counts, owner } = rig({ bytesMax: 10 })
  await written(client, packet(0x30, Buffer.alloc(10)))
  owner.bytesMax = 20
  await written(client, packet(0x30, Buffer.alloc(20)))
  t.strictSame(seen, [packet(0x30, Buffer.alloc(10)), packet(0x30, Buffer.alloc(20))])
  await written(client, packet(0x30, Buffer.alloc(21)))
  t.equal(counts.oversize, 1)
  t.equal(seen.length, 2)
})

t.test('what is too fast comes in portions, whole packets in their order, and nothing is lost', async (t) => {
  const { client, clock, flow, seen, counts } = rig()
  const bytes = Buffer.concat([messages(230), packet(0xc0), messages(3)])
  await written(client, bytes)
  t.equal(flow.publishes, 200)
  t.equal(counts.flood, 1)
  clock.advance(100)
  t.equal(flow.publishes, 210)
  clock.advance(200)
  t.equal(flow.publishes, 230)
  t.strictSame(Buffer.concat(seen).subarray(-2), packet(0xc0), 'a ping passes as soon as it is its turn')
  clock.advance(100)
  t.ok(Buffer.concat(seen).equals(bytes))
  t.strictSame(clock.delays, [])
})

t.test('while it waits nothing more is read from the stream', async (t) => {
  const { client, stream, clock, flow } = rig()
  await written(client, messages(300))
  for (let turn = 0; turn < 100; turn += 1) client.write(messages(300))
  await new Promise(setImmediate)
  t.equal(flow.publishes, 200)
  t.ok(stream.readableLength <= stream.readableHighWaterMark + 1800)
  t.ok(client.writableLength > 100_000)
  clock.advance(1000)
  t.equal(flow.publishes, 300)
})

t.test('less than ten a second come one by one', async (t) => {
  const { client, clock, flow } = rig({ perSecond: 2 })
  await written(client, messages(6))
  t.equal(flow.publishes, 4)
  clock.advance(499)
  t.equal(flow.publishes, 4)
  clock.advance(1)
  t.equal(flow.publishes, 5)
})

t.test('a pause does not outlive its connection', async (t) => {
  const { client, clock, flow, inflow } = rig()
  await written(client, messages(300))
  inflow.close()
  t.strictSame(clock.delays, [])
  t.equal(flow.publishes, 200)
})

t.test('what clients say together is taken in turns, in their order, and nothing is lost', async (t) => {
  const turn = new Turn()
  const rigs = [1, 2, 3].map(() => rig({ perSecond: 1000, turn }))
  for (const { client } of rigs) client.write(messages(300))
  const taken = (): readonly number[] => rigs.map(({ flow }) => flow.publishes)
  await new Promise(process.nextTick)
  t.strictSame(taken(), [300, 0, 0], 'the first has filled this turn')
  await new Promise(setImmediate)
  t.strictSame(taken(), [300, 300, 0])
  await new Promise(setImmediate)
  t.strictSame(taken(), [300, 300, 300])
  for (const { seen } of rigs) t.ok(Buffer.concat(seen).equals(messages(300)))
})

t.test('a client that left while it waited for its turn is not read any more', async (t) => {
  const turn = new Turn()
  const [first, second] = [rig({ perSecond: 1000, turn }), rig({ perSecond: 1000, turn })]
  for (const { client } of [first, second]) client.write(messages(300))
  await new Promise(process.nextTick)
  second.inflow.close()
  await new Promise(setImmediate)
  t.strictSame([first.flow.publishes, second.flow.publishes], [300, 0])
})

t.test('a look without reading takes nothing', async (t) => {
  const { client, stream, clock, flow } = rig()
  await written(client, messages(300))
  t.equal(stream.read(0), null)
  clock.advance(1000)
  t.equal(flow.publishes, 300)
})
