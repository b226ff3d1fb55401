import fc from 'fast-check'
import { generate } from 'mqtt-packet'
import t from 'tap'
import { mayBeLost, messageIn, PacketSplitter } from '../../../../src/demo/lab/packets.ts'
import { publishPacket } from '../../../fixtures/publish-packet.ts'

const packet = (header: number, body: Buffer): Buffer => {
  const length: number[] = []
  let rest = body.length
  do {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.concat([Buffer.from([header, ...length]), body])
}

t.test('whole packets come out, however the bytes were cut', (t) => {
  const packets = fc.array(
    fc
      .tuple(fc.integer({ min: 0x10, max: 0xff }), fc.nat(300))
      .map(([header, size]) => packet(header, Buffer.alloc(size, 7))),
    { minLength: 1, maxLength: 8 },
  )
  fc.assert(
    fc.property(packets, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (sent, sizes) => {
      const splitter = new PacketSplitter()
      const bytes = Buffer.concat(sent)
      const got: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1
        got.push(...(splitter.take(bytes.subarray(at, at + size)) ?? []))
        at += size
      }
      return got.length === sent.length && got.every((one, index) => one.equals(sent[index] ?? Buffer.alloc(0)))
    }),
  )
  t.end()
})

t.test('a packet that is too long, or has no sound length, is none', (t) => {
  t.equal(new PacketSplitter().take(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff])), null)
  t.equal(new PacketSplitter().take(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])), null)
  t.same(new PacketSplitter().take(Buffer.from([0x30, 0xff])), [], 'what is not there yet may be sound')
  t.same(
    new PacketSplitter().take(packet(0x30, Buffer.alloc(128 * 1024 - 4)))?.length,
    1,
    'the longest that is carried',
  )
  t.equal(new PacketSplitter().take(packet(0x30, Buffer.alloc(128 * 1024 - 3))), null)
  t.end()
})

t.test('only a PUBLISH of QoS 0 may be lost', (t) => {
  const headers = Array.from({ length: 256 }, (_, header) => header).filter((header) =>
    mayBeLost(Buffer.from([header, 0])),
  )
  t.strictSame(headers, [0x30, 0x31, 0x38, 0x39])
  t.end()
})

t.test('a message of QoS 0 is read, whatever its length', (t) => {
  for (const size of [0, 1, 100, 200, 20_000]) {
    const message = messageIn(publishPacket('a/ä', 'x'.repeat(size)))
    t.equal(message?.topic, 'a/ä')
    t.equal(message?.payload.toString(), 'x'.repeat(size))
  }
  t.end()
})

t.test('no other packet is a message, nor one that is cut off', (t) => {
  t.equal(messageIn(publishPacket('a', 'x', 1)), null)
  t.equal(messageIn(generate({ cmd: 'pingreq' })), null)
  const whole = publishPacket('topic', '')
  for (let length = 0; length < whole.length; length++) t.equal(messageIn(whole.subarray(0, length)), null)
  t.end()
})
