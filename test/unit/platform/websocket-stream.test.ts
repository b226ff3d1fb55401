import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import { WebSocket, WebSocketServer } from 'ws'
import { webSocketStream } from '../../../src/platform/websocket-stream.ts'

/** A WebSocket server, and the URL of it. */
async function server(t: Test): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  t.teardown(() => {
    for (const client of server.clients) client.terminate()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  return { server, url: `ws://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}` }
}

/** A stream at the client, and the WebSocket at the other end of it. */
async function pair(t: Test): Promise<{ stream: Duplex; near: WebSocket; far: WebSocket }> {
  const { server: listening, url } = await server(t)
  const near = new WebSocket(url)
  const stream = webSocketStream(near)
  stream.on('error', () => {})
  const [far] = await once(listening, 'connection')
  return { stream, near, far }
}

t.test('what is written while it opens is sent once it is open, what was written together as one', async (t) => {
  const { server: listening, url } = await server(t)
  const stream = webSocketStream(new WebSocket(url))
  stream.cork()
  for (const part of ['a', 'b', 'c']) stream.write(part)
  stream.uncork()
  const [far] = await once(listening, 'connection')
  t.strictSame(await once(far, 'message'), [Buffer.from('abc'), true])
  stream.destroy()
})

t.test('what comes is read as bytes, and no more is taken than is read', async (t) => {
  const { stream, near, far } = await pair(t)
  const payload = Buffer.alloc(20_000, 'x')
  const sent = 50
  for (let count = 0; count < sent; count += 1) far.send(payload)
  while (!near.isPaused) await new Promise((resolve) => setImmediate(resolve))
  t.ok(stream.readableLength < 200_000, `${stream.readableLength} bytes`)
  let received = 0
  for await (const chunk of stream) {
    received += chunk.length
    if (received === sent * payload.length) break
  }
  t.equal(received, sent * payload.length)
})

t.test('one that cannot be opened fails with the reason', async (t) => {
  const { server: listening, url } = await server(t)
  listening.close()
  await once(listening, 'close')
  const stream = webSocketStream(new WebSocket(url))
  stream.write('never sent')
  const [error] = await once(stream, 'error')
  t.match(error, { code: 'ECONNREFUSED' })
  t.equal(stream.destroyed, true)
})

t.test('one that is destroyed while it opens closes without an error', async (t) => {
  const { url } = await server(t)
  const stream = webSocketStream(new WebSocket(url))
  stream.on('error', (error) => t.fail(error.message))
  stream.destroy()
  await once(stream, 'close')
  t.pass('closed')
})

t.test('ending it closes the other side with 1000, and destroying it breaks that off', async (t) => {
  const ended = await pair(t)
  ended.stream.end()
  t.equal((await once(ended.far, 'close'))[0], 1000)
  const destroyed = await pair(t)
  await once(destroyed.near, 'open')
  destroyed.stream.destroy()
  t.equal((await once(destroyed.far, 'close'))[0], 1006)
})

t.test('it ends with the other side, however that goes', async (t) => {
  for (const end of ['close', 'terminate'] as const) {
    const { stream, far } = await pair(t)
    far[end]()
    await once(stream.resume(), 'close')
  }
  t.pass('both closed')
})

t.test('text is refused', async (t) => {
  const { stream, far } = await pair(t)
  far.send('text')
  t.equal((await once(far, 'close'))[0], 1003)
  t.equal(stream.read(), null)
})
