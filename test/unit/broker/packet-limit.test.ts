import { once } from 'node:events'
import fc from 'fast-check'
import t from 'tap'
import { limitPackets, PacketMeter } from '../../../src/broker/packet-limit.ts'
import { duplexPair } from '../../../src/platform/duplex-pair.ts'

/** A packet with `length` bytes after its fixed header. */
function packet(length: number): Buffer {
  const digits: number[] = []
  for (let left = length; digits.length === 0 || left > 0; left = Math.floor(left / 128)) digits.push(left % 128)
  const encoded = digits.map((digit, index) => (index < digits.length - 1 ? digit + 128 : digit))
  return Buffer.concat([Buffer.from([0x30, ...encoded]), Buffer.alloc(length, 0xff)])
}

t.test('packets up to the limit pass, however they are cut into chunks', async (t) => {
  const lengths = fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (sizes, cuts) => {
      const bytes = Buffer.concat(sizes.map(packet))
      const meter = new PacketMeter()
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const end = at + (cuts[turn % cuts.length] ?? 1)
        if (meter.exceeds(bytes.subarray(at, end), 300)) return false
        at = end
      }
      return true
    }),
  )
  t.pass()
})

t.test('a packet over the limit is known by its first bytes', async (t) => {
  for (const length of [101, 128, 16_384, 2_097_152]) {
    const meter = new PacketMeter()
    t.notOk(meter.exceeds(packet(100), 100))
    t.notOk(meter.exceeds(packet(100).subarray(0, 7), 100))
    t.ok(
      meter.exceeds(Buffer.concat([packet(100).subarray(7), Buffer.from([0x30]), packet(length).subarray(1, 6)]), 100),
      String(length),
    )
  }
})

t.test('a length of more than four bytes is none', async (t) => {
  t.ok(new PacketMeter().exceeds(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x00]), 100))
  t.notOk(new PacketMeter().exceeds(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x00]), 100))
})

t.test('the reader of a stream never sees a packet that is too long', async (t) => {
  const [client, server] = duplexPair()
  let excesses = 0
  let bytesMax = 10
  limitPackets(
    server,
    () => bytesMax,
    () => {
      excesses += 1
    },
  )
  const seen: unknown[] = []
  server.on('readable', () => seen.push(server.read()))
  client.write(packet(10))
  await once(server, 'readable')
  bytesMax = 20
  client.write(packet(20))
  await once(server, 'readable')
  t.strictSame(
    seen.filter((chunk) => chunk !== null),
    [packet(10), packet(20)],
  )
  client.write(packet(21))
  await once(server, 'readable')
  t.equal(excesses, 1)
  t.equal(seen.filter((chunk) => chunk !== null).length, 2)
})
