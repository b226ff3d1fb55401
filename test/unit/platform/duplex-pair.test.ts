import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import t from 'tap'
import { duplexPair } from '../../../src/platform/duplex-pair.ts'

t.test('what one end writes the other reads, both ways', async (t) => {
  const [a, b] = duplexPair()
  a.write('to b')
  b.write('to a')
  await Promise.all([once(a, 'readable'), once(b, 'readable')])
  t.equal(String(b.read()), 'to b')
  t.equal(String(a.read()), 'to a')
})

t.test('an end that ends ends the other, after what was written before', async (t) => {
  const [a, b] = duplexPair()
  a.end('last words')
  const chunks: unknown[] = []
  b.on('data', (chunk) => chunks.push(chunk))
  a.resume()
  await Promise.all([finished(a), finished(b)])
  t.equal(chunks.join(''), 'last words')
  t.ok(a.destroyed && b.destroyed)
})

t.test('an end that is destroyed ends the other, after what was written before', async (t) => {
  const [a, b] = duplexPair()
  a.write('last words')
  a.destroy()
  const chunks: unknown[] = []
  b.on('data', (chunk) => chunks.push(chunk))
  await once(b, 'close')
  t.equal(chunks.join(''), 'last words')
})

t.test('an end that is destroyed with an error breaks the other', async (t) => {
  const [a, b] = duplexPair()
  a.on('error', () => {})
  a.destroy(new Error('mine'))
  const [error] = await once(b, 'error')
  t.match(error, { code: 'ECONNRESET' })
  t.ok(b.destroyed)
})

t.test('writing to an end that is gone fails', async (t) => {
  const [a, b] = duplexPair()
  b.pause()
  a.destroy()
  b.write('too late')
  const [error] = await once(b, 'error')
  t.match(error, { code: 'ECONNRESET' })
})

t.test('a write that waits for room fails when the other end goes', async (t) => {
  const [a, b] = duplexPair()
  const failed = new Promise((resolve) => a.write(Buffer.alloc(a.writableHighWaterMark * 2), resolve))
  a.on('error', () => {})
  b.destroy()
  t.match(await failed, { code: 'ECONNRESET' })
})

t.test('a reader that does not read holds the writer back, and lets it go on afterwards', async (t) => {
  const [a, b] = duplexPair()
  const chunk = Buffer.alloc(1000)
  let written = 0
  while (a.write(chunk)) written += 1000
  t.ok(written <= a.writableHighWaterMark + b.readableHighWaterMark, `${written} bytes`)
  t.ok(a.writableLength > 0)
  const drained = once(a, 'drain')
  b.resume()
  await drained
  t.equal(a.writableLength, 0)
})

t.test('both ends destroyed at once close without an error', async (t) => {
  const [a, b] = duplexPair()
  a.destroy()
  b.destroy()
  await Promise.all([once(a, 'close'), once(b, 'close')])
  t.ok(a.destroyed && b.destroyed)
})
