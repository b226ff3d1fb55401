import { once } from 'node:events'
import t, { type Test } from 'tap'
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

/** A stream with a limit, what it hands on, and how many unread bytes were too many. */
function limited(t: Test, bytesMax = 100_000) {
  const [client, server] = duplexPair()
  const handedOn: string[] = []
  const { write } = server
  server.write = (...parts: readonly unknown[]): boolean => {
    handedOn.push(`${parts[0]}`)
    return Reflect.apply(write, server, parts)
  }
  const excesses: number[] = []
  const onBacklog = (): void => void excesses.push(server.writableLength)
  limitBacklog({ stream: server, onBacklog }, { flow: new Flow(), bytesMax })
  t.teardown(() => server.destroy())
  return { client, server, handedOn, excesses }
}

t.test('what is written between a cork and its uncork leaves as one piece, in its order', async (t) => {
  const { client, server, handedOn } = limited(t)
  server.cork()
  server.write('a')
  server.write(Buffer.from('b'))
  server.cork()
  server.write('ä', 'utf8')
  server.uncork()
  t.strictSame(handedOn, [], 'it is corked once more')
  server.write('d')
  server.uncork()
  server.write('e')
  server.cork()
  server.write('f')
  server.uncork()
  t.strictSame(handedOn, ['abäd', 'e', 'f'])
  server.end()
  let text = ''
  for await (const chunk of client) text += chunk
  t.equal(text, 'abädef')
})

t.test('a long piece is not copied, and what has a callback is told of; the order stays', async (t) => {
  const { client, server, handedOn } = limited(t)
  const long = 'x'.repeat(5000)
  server.cork()
  server.write('a')
  server.write(long)
  server.write('b')
  const written = new Promise((resolve) => server.write('c', resolve))
  server.write('d')
  server.uncork()
  t.strictSame(handedOn, ['a', long, 'b', 'c', 'd'])
  client.resume()
  await written
})

t.test('a stream that ends while it is corked sends what was written', async (t) => {
  const { client, server } = limited(t)
  server.cork()
  server.write('last ')
  server.end('words')
  let text = ''
  for await (const chunk of client) text += chunk
  t.equal(text, 'last words')
})

t.test('pieces count once they have left, all together', async (t) => {
  const { server, excesses } = limited(t, 100_000)
  server.write(Buffer.alloc(server.readableHighWaterMark))
  const left = 100_000 - server.writableLength
  const writeCorked = (length: number): void => {
    server.cork()
    for (let written = 0; written < length; written += 1000)
      server.write(Buffer.alloc(Math.min(1000, length - written)))
    server.uncork()
  }
  writeCorked(left)
  t.strictSame(excesses, [])
  writeCorked(1)
  t.strictSame(excesses, [100_001])
})

t.test('packets are counted as they are written, topics as text', async (t) => {
  const [client, server] = duplexPair()
  const flow = new Flow()
  limitBacklog({ stream: server, onBacklog: () => t.fail('no excess') }, { flow, bytesMax: 1000 })
  client.resume()
  for (const part of [Buffer.from([0x30, 6, 0, 3]), 'ä1', Buffer.from([0]), Buffer.from([0xd0, 0])]) server.write(part)
  t.match(flow, { bytes: 10, packets: 2, publishes: 1 })
})
