import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { FaultyProxy } from '../fixtures/faulty-proxy.ts'

/** Somebody who answers with what they hear, somebody who speaks to them through a proxy, and what came back. */
async function conversation(t: Test) {
  const peers: Socket[] = []
  const server: Server = createServer((socket) => {
    peers.push(socket)
    socket.on('error', () => {}).pipe(socket)
  })
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const proxy = await FaultyProxy.open({ host: '127.0.0.1', port })
  const client = connect({ host: '127.0.0.1', port: Number(new URL(proxy.url).port) }).on('error', () => {})
  t.teardown(async () => {
    client.destroy()
    for (const peer of peers) peer.destroy()
    await proxy[Symbol.asyncDispose]()
    server.close()
  })
  let heard = ''
  const hears = async (text: string): Promise<number> => {
    while (heard !== text) heard += String((await once(client, 'data'))[0])
    return performance.now()
  }
  return { proxy, client, hears, heard: () => heard, peers, port }
}

t.test('hands over what passes', async (t) => {
  const { client, hears } = await conversation(t)
  client.write('one')
  await hears('one')
})

t.test('holds everything while it is stalled, and hands it over in order after that', async (t) => {
  const { proxy, client, hears, heard, peers, port } = await conversation(t)
  client.write('one')
  await hears('one')
  proxy.stall()
  client.write('two')
  client.write('three')
  // A conversation past the proxy takes as long as one through it would.
  const direct = connect({ host: '127.0.0.1', port })
  t.teardown(() => direct.destroy())
  for (const word of ['four', 'five', 'six']) {
    direct.write(word)
    await once(direct, 'data')
  }
  t.equal(heard(), 'one')
  t.equal(peers[0]?.bytesRead, 'one'.length)
  proxy.resume()
  await hears('onetwothree')
})

t.test('delays each way, and keeps the order when the delay ends', async (t) => {
  const { proxy, client, hears } = await conversation(t)
  client.write('one')
  await hears('one')
  proxy.delay(100)
  const sentAt = performance.now()
  client.write('two')
  t.ok((await hears('onetwo')) - sentAt >= 200, 'there and back')
  client.write('three')
  proxy.delay(0)
  client.write('four')
  await hears('onetwothreefour')
})

t.test('cuts', async (t) => {
  const { proxy, client, hears } = await conversation(t)
  client.write('one')
  await hears('one')
  proxy.cut()
  await t.rejects(once(client, 'close'), { code: 'ECONNRESET' })
})

t.test('a client that loses its power leaves its connection open', async (t) => {
  const { proxy, client, hears, peers } = await conversation(t)
  client.write('one')
  await hears('one')
  proxy.losePower()
  client.destroy()
  await once(client, 'close')
  const again = connect({ host: '127.0.0.1', port: Number(new URL(proxy.url).port) })
  t.teardown(() => again.destroy())
  again.write('again')
  await once(again, 'data')
  t.equal(peers[0]?.destroyed, false)
})
