import fc from 'fast-check'
import t from 'tap'
import { PacketMeter } from '../../../src/broker/packet-limit.ts'
import { Flow } from '../../../src/broker/traffic.ts'

/** A packet with `length` bytes after its fixed header. */
function packet(length: number): Buffer {
  const digits: number[] = []
  for (let left = length; digits.length === 0 || left > 0; left = Math.floor(left / 128)) digits.push(left % 128)
  const encoded = digits.map((digit, index) => (index < digits.length - 1 ? digit + 128 : digit))
  return Buffer.concat([Buffer.from([0x30, ...encoded]), Buffer.alloc(length, 0xff)])
}

/** Whether a packet over `bytesMax` begins within `chunk`. */
const exceeds = (meter: PacketMeter, chunk: Uint8Array, bytesMax: number): boolean =>
  meter.take(chunk, { bytesMax, publishesMax: Number.POSITIVE_INFINITY }) === null

t.test('packets up to the limit pass, however they are cut into chunks', async (t) => {
  const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sizes, cuts) => {
      const bytes = Buffer.concat(sizes.map(packet))
      const meter = new PacketMeter(new Flow())
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = at + (cuts[turn % cuts.length] ?? 1)
        if (exceeds(meter, bytes.subarray(at, end), 300)) return false
        at = end
      }
      return true
    }),
  )
  t.pass()
})

t.test('a packet over the limit is known by its first bytes', async (t) => {
  for (const length of [101, 128, 16_384, 2_097_152]) {
    const meter = new PacketMeter(new Flow())
    t.notOk(exceeds(meter, packet(100), 100))
    t.notOk(exceeds(meter, packet(100).subarray(0, 7), 100))
    t.ok(
      exceeds(meter, Buffer.concat([packet(100).subarray(7), Buffer.from([0x30]), packet(length).subarray(1, 6)]), 100),
      String(length),
    )
  }
})

t.test('a length of more than four bytes is none', async (t) => {
  t.ok(exceeds(new PacketMeter(new Flow()), Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x00]), 100))
  t.notOk(exceeds(new PacketMeter(new Flow()), Buffer.from([0x30, 0x80, 0x80, 0x80, 0x00]), 100))
})

t.test('packets and messages are counted, however they are cut into chunks', async (t) => {
  const bytes = Buffer.concat([packet(3), Buffer.from([0xc0, 0]), packet(200), Buffer.from([0xc0, 0])])
  for (const size of [1, 2, 3, 7, bytes.length]) {
    const flow = new Flow()
    const meter = new PacketMeter(flow)
    for (let at = 0; at < bytes.length; at += size) exceeds(meter, bytes.subarray(at, at + size), 300)
    t.match(flow, { bytes: bytes.length, packets: 4, publishes: 2 }, `${size} bytes at once`)
  }
})

t.test('a chunk is taken up to where one message too many begins, and the rest later', async (t) => {
  const flow = new Flow()
  const meter = new PacketMeter(flow)
  const bytes = Buffer.concat([packet(3), Buffer.from([0xc0, 0]), packet(3), packet(3), Buffer.from([0xc0, 0])])
  t.equal(meter.take(bytes, { bytesMax: 10, publishesMax: 2 }), 12)
  t.equal(meter.take(bytes.subarray(12), { bytesMax: 10, publishesMax: 0 }), 0)
  t.equal(meter.take(bytes.subarray(12), { bytesMax: 10, publishesMax: 1 }), 7)
  t.match(flow, { bytes: bytes.length, packets: 5, publishes: 3 })
})
