import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { parseUrl, tcpNetwork } from '../../../../src/clients/link/network.ts'

for (const [url, host, port] of [
  ['mqtt://127.0.0.1:1884', '127.0.0.1', 1884],
  ['mqtt://broker.example', 'broker.example', 1883],
  ['mqtt://broker.example/', 'broker.example', 1883],
  ['mqtt://broker:65535', 'broker', 65_535],
  ['mqtt://[::1]:1884', '::1', 1884],
  ['MQTT://broker', 'broker', 1883],
] as const) {
  t.test(`${url} is a broker's URL`, async (t) => t.strictSame(parseUrl(url), { host, port }))
}

for (const [url, message] of [
  ['', 'that is no URL'],
  ['127.0.0.1', 'that is no URL'],
  ['broker:1883', "'broker:' is not spoken here"],
  ['http://broker', "'http:' is not spoken here"],
  ['mqtts://broker', "'mqtts:' is not spoken here"],
  ['mqtt://broker:65536', 'that is no URL'],
  ['mqtt://broker:port', 'that is no URL'],
  ['mqtt://', 'host is missing'],
  ['mqtt:broker', 'host is missing'],
  ['mqtt://broker/topic', 'nothing follows the port'],
  ['mqtt://broker//', 'nothing follows the port'],
  ['mqtt://broker?x=1', 'nothing follows the port'],
  ['mqtt://broker#x', 'nothing follows the port'],
  ['mqtt://broker:0', 'port'],
] as const) {
  t.test(`'${url}' is none, and it is said why`, async (t) => {
    t.throws(() => parseUrl(url), { code: 'configuration', message })
    t.throws(() => parseUrl(url), { message: `'${url}'` })
    t.throws(() => tcpNetwork(url), { code: 'configuration' })
  })
}

t.test('a URL with a password in it is refused without repeating it', async (t) => {
  for (const url of [
    'mqtt://user:secret@broker',
    'mqtt://user:secr@secret@broker',
    'mqtt://:secret@broker',
    'mqtt://secret@broker',
  ]) {
    t.throws(() => parseUrl(url), { code: 'configuration', message: /user and password do not go into it/ })
    try {
      parseUrl(url)
    } catch (error) {
      t.notMatch(String(error), 'secret')
    }
  }
})

t.test('each stream is a new connection, without delay', async (t) => {
  const server = createServer()
  let connections = 0
  server.on('connection', (socket) => {
    connections += 1
    if (connections === 2) server.emit('two')
    socket.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const network = tcpNetwork(`mqtt://127.0.0.1:${address.port}`)
  const streams = [network(), network()]
  await once(server, 'two')
  t.equal(connections, 2)
  for (const stream of streams) stream.destroy()
  server.close()
})
