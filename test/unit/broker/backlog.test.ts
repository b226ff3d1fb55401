import { once } from 'node:events'
import t from 'tap'
import { limitBacklog } from '../../../src/broker/backlog.ts'
import { Flow } from '../../../src/broker/traffic.ts'
import { duplexPair } from '../../../src/platform/duplex-pair.ts'

t.test('a writer is never told to wait, and everything arrives in order', async (t) => {
  const [client, server] = duplexPair()
  const flow = new Flow()
  limitBacklog({ stream: server, onBacklog: () => t.fail('no excess') }, { flow, bytesMax: 1_000_000 })
  const chunks: Buffer[] = []
  for (let value = 0; value < 10; value += 1) t.ok(server.write(Buffer.alloc(10_000, value)))
  const written = new Promise((resolve) => server.write('end', 'utf8', resolve))
  client.on('data', (chunk) => chunks.push(chunk))
  await written
  server.end()
  await once(client, 'end')
  const expected = Array.from({ length: 10 }, (_, value) => Buffer.alloc(10_000, value))
  t.ok(Buffer.concat(chunks).equals(Buffer.concat([...expected, Buffer.from('end')])))
  t.equal(flow.bytes, 100_003)
})

t.test('more than the limit unread is an excess, and exactly the limit is none', async (t) => {
  const [, server] = duplexPair()
  let excesses = 0
  const onBacklog = (): void => {
    excesses += 1
  }
  limitBacklog({ stream: server, onBacklog }, { flow: new Flow(), bytesMax: 100_000 })
  // The other end takes what fits into its own buffer, and leaves the last write that it took unfinished.
  server.write(Buffer.alloc(server.readableHighWaterMark))
  server.write(Buffer.alloc(100_000 - server.writableLength))
  t.equal(server.writableLength, 100_000)
  t.equal(excesses, 0)
  server.write('x')
  t.equal(excesses, 1)
})

t.test('packets are counted as they are written, topics as text', async (t) => {
  const [client, server] = duplexPair()
  const flow = new Flow()
  limitBacklog({ stream: server, onBacklog: () => t.fail('no excess') }, { flow, bytesMax: 1000 })
  client.resume()
  for (const part of [Buffer.from([0x30, 6, 0, 3]), 'ä1', Buffer.from([0]), Buffer.from([0xd0, 0])]) server.write(part)
  t.match(flow, { bytes: 10, packets: 2, publishes: 1 })
})
