import { once } from 'node:events'
import t from 'tap'
import { limitBacklog } from '../../../src/broker/backlog.ts'
import { duplexPair } from '../../../src/platform/duplex-pair.ts'

t.test('a writer is never told to wait, and everything arrives in order', async (t) => {
  const [client, server] = duplexPair()
  limitBacklog(server, 1_000_000, () => t.fail('no excess'))
  const chunks: Buffer[] = []
  for (let value = 0; value < 10; value += 1) t.ok(server.write(Buffer.alloc(10_000, value)))
  const written = new Promise((resolve) => server.write('end', 'utf8', resolve))
  client.on('data', (chunk) => chunks.push(chunk))
  await written
  server.end()
  await once(client, 'end')
  const expected = Array.from({ length: 10 }, (_, value) => Buffer.alloc(10_000, value))
  t.ok(Buffer.concat(chunks).equals(Buffer.concat([...expected, Buffer.from('end')])))
})

t.test('more than the limit unread is an excess, and exactly the limit is none', async (t) => {
  const [, server] = duplexPair()
  let excesses = 0
  limitBacklog(server, 100_000, () => {
    excesses += 1
  })
  // The other end takes what fits into its own buffer, and leaves the last write that it took unfinished.
  server.write(Buffer.alloc(server.readableHighWaterMark))
  server.write(Buffer.alloc(100_000 - server.writableLength))
  t.equal(server.writableLength, 100_000)
  t.equal(excesses, 0)
  server.write('x')
  t.equal(excesses, 1)
})
