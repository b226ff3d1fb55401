import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { networkTo, parseUrl } from '../../../../src/clients/link/network.ts'
import { writeCerts } from '../../../fixtures/certs.ts'

for (const [url, scheme, host, port, path] of [
  ['mqtt://127.0.0.1:1884', 'mqtt:', '127.0.0.1', 1884, ''],
  ['mqtt://broker.example', 'mqtt:', 'broker.example', 1883, ''],
  ['mqtt://broker.example/', 'mqtt:', 'broker.example', 1883, ''],
  ['mqtt://broker:65535', 'mqtt:', 'broker', 65_535, ''],
  ['mqtt://[::1]:1884', 'mqtt:', '::1', 1884, ''],
  ['MQTT://broker', 'mqtt:', 'broker', 1883, ''],
  ['mqtts://broker', 'mqtts:', 'broker', 8883, ''],
  ['mqtts://[::1]:8884', 'mqtts:', '::1', 8884, ''],
  ['ws://broker', 'ws:', 'broker', 80, '/mqtt'],
  ['ws://broker:9001/', 'ws:', 'broker', 9001, '/mqtt'],
  ['ws://broker:9001/mqtt', 'ws:', 'broker', 9001, '/mqtt'],
  ['wss://broker/deep/path?x=1', 'wss:', 'broker', 443, '/deep/path?x=1'],
] as const) {
  t.test(`${url} is a broker's URL`, async (t) => t.strictSame(parseUrl(url), { scheme, host, port, path }))
}

for (const [url, message] of [
  ['', 'that is no URL'],
  ['127.0.0.1', 'that is no URL'],
  ['broker:1883', "'broker:' is not spoken here"],
  ['http://broker', "'http:' is not spoken here"],
  ['https://broker', "'https:' is not spoken here"],
  ['mqtt://broker:65536', 'that is no URL'],
  ['mqtt://broker:port', 'that is no URL'],
  ['mqtt://', 'host is missing'],
  ['mqtt:broker', 'host is missing'],
  ['mqtt://broker/topic', 'nothing follows the port'],
  ['mqtt://broker//', 'nothing follows the port'],
  ['mqtt://broker?x=1', 'nothing follows the port'],
  ['mqtt://broker#x', "nothing follows a '#'"],
  ['mqtts://broker/topic', 'nothing follows the port'],
  ['ws://broker/mqtt#x', "nothing follows a '#'"],
  ['ws://', 'that is no URL'],
  ['mqtt://broker:0', 'port'],
] as const) {
  t.test(`'${url}' is none, and it is said why`, async (t) => {
    t.throws(() => parseUrl(url), { code: 'configuration', message })
    t.throws(() => parseUrl(url), { message: `'${url}'` })
    t.throws(() => networkTo(url), { code: 'configuration' })
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
  const network = networkTo(`mqtt://127.0.0.1:${address.port}`)
  const streams = [network(), network()]
  await once(server, 'two')
  t.equal(connections, 2)
  for (const stream of streams) stream.destroy()
  server.close()
})

t.test('an authority that cannot be used is an error that says what was expected', async (t) => {
  const folder = t.testdir({ none: 'nothing', bad: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' })
  for (const [ca, message] of [
    [`${folder}/gone`, /file '.*gone' cannot be read: ENOENT/],
    [folder, /cannot be read: EISDIR/],
    [`${folder}/none`, /holds no certificate in PEM: expected the ca\.crt/],
    [`${folder}/bad`, /holds a certificate that cannot be read/],
    ['', /cannot be read/],
  ] as const) {
    t.throws(() => networkTo('mqtts://broker', ca), { code: 'configuration', message })
  }
})

t.test('an authority with a URL that speaks without TLS is a mistake, and not overheard', async (t) => {
  const { ca } = await writeCerts(t.testdir())
  t.throws(() => networkTo('mqtt://broker', ca), { code: 'configuration', message: /expected mqtts:\/\/HOST:PORT/ })
  t.throws(() => networkTo('ws://broker', ca), { code: 'configuration', message: /expected wss:\/\/HOST:PORT/ })
})
