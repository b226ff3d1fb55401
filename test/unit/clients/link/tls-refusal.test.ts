/** A light's connection over TLS and WebSocket, and each reason why it does not come about, with real certificates. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { startBroker } from '../../../../src/broker/broker.ts'
import type { Refusal } from '../../../../src/clients/link/link.ts'
import { openMqttLink } from '../../../../src/clients/link/mqtt-link.ts'
import { networkTo } from '../../../../src/clients/link/network.ts'
import { systemRandom } from '../../../../src/platform/random.ts'
import { PASSWORD, quickPasswords, usersOf } from '../../../fixtures/broker-pair.ts'
import { type ServerWish, writeCerts } from '../../../fixtures/certs.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { needs } from '../../../fixtures/needs.ts'

async function broker(t: Test, wish: ServerWish = {}) {
  const certs = await writeCerts(t.testdir({ other: {} }), wish)
  const { cert, key } = certs
  const options = { users: usersOf({ light1: { subscribe: ['a'] } }), port: 0, tls: { port: 0, cert, key } }
  const started = await startBroker({ ...options, http: { port: 0 } }, { passwords: quickPasswords })
  t.teardown(() => started.close())
  const { url, tlsUrl, wsUrl, httpUrl } = started
  return { certs, url: url ?? '', tlsUrl: tlsUrl ?? '', wsUrl: wsUrl ?? '', httpUrl: httpUrl ?? '' }
}

/** What a first attempt comes to. */
async function attempt(t: Test, url: string, ca?: string, password = PASSWORD): Promise<'up' | Refusal> {
  const clock = new ManualClock()
  return await new Promise((resolve) => {
    const link = openMqttLink(
      {
        url,
        credentials: async () => ({ username: 'light1', password }),
        subscriptions: [{ filter: 'a', qos: 0 }],
        network: networkTo(url, ca),
        clock,
        random: systemRandom,
      },
      { up: () => resolve('up'), down: resolve, message: () => {} },
    )
    t.teardown(async () => {
      const closed = link.close()
      clock.advance(1000)
      await closed
    })
  })
}

t.test('a broker is believed that the given authority vouches for, as a file or as text', async (t) => {
  const { tlsUrl, certs, wsUrl, url } = await broker(t)
  t.equal(await attempt(t, tlsUrl, certs.ca), 'up')
  t.equal(await attempt(t, tlsUrl, readFileSync(certs.ca, 'utf8')), 'up')
  t.equal(await attempt(t, tlsUrl.replace('127.0.0.1', 'localhost'), certs.ca), 'up')
  t.equal(await attempt(t, wsUrl), 'up')
  t.equal(await attempt(t, url), 'up')
})

/** A server that agrees on TLS and says nothing more. */
async function mute(t: Test, files: { readonly cert: string; readonly key: string }): Promise<string> {
  const server = createServer(files, (socket) => socket.end())
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `mqtts://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}

t.test('an authority in place of a server is told apart', async (t) => {
  const { authority, ca } = await writeCerts(t.testdir())
  const url = await mute(t, authority)
  t.match(await attempt(t, url, ca), { kind: 'untrusted', reason: /not one for servers: .*server\.crt, not ca\.crt/ })
})

t.test('a self-signed certificate is said to be one, and believed where it is given itself', async (t) => {
  if (!needs(t, 'openssl')) return
  const folder = t.testdir()
  const [cert, key] = [`${folder}/self.crt`, `${folder}/self.key`]
  const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=self']
  execFileSync('openssl', [...made, '-addext', 'subjectAltName=IP:127.0.0.1', '-out', cert, '-keyout', key], {
    stdio: 'ignore',
  })
  const url = await mute(t, { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') })
  t.match(await attempt(t, url), { kind: 'untrusted', reason: /self-signed: .*give it as --ca/ })
  t.match(await attempt(t, url, cert), { kind: 'lost' }, 'believed; but this one says nothing')
})

t.test('an unknown authority is told apart, given or not, and one of the same name too', async (t) => {
  const { tlsUrl, certs } = await broker(t)
  const unknown = { kind: 'untrusted', reason: /nobody who is believed here vouches.*--ca/ }
  t.match(await attempt(t, tlsUrl), unknown)
  const folder = certs.ca.replace('ca.crt', 'other')
  t.match(await attempt(t, tlsUrl, (await writeCerts(folder, {}, 'another authority')).ca), unknown)
  t.match(await attempt(t, tlsUrl, (await writeCerts(folder)).ca), unknown, 'of the same name')
})

t.test('a certificate for another name is told apart, with the names that it is for', async (t) => {
  const { tlsUrl, certs } = await broker(t, { hosts: ['broker.local'] })
  for (const host of ['127.0.0.1', 'localhost']) {
    t.match(await attempt(t, tlsUrl.replace('127.0.0.1', host), certs.ca), {
      kind: 'untrusted',
      reason: new RegExp(
        `is for DNS:broker.local, and not for ${host}: .* for each name .*crossing certs DIR --host ${host}`,
      ),
    })
  }
})

t.test('an expired certificate is told apart, and the clock mentioned', async (t) => {
  const { tlsUrl, certs } = await broker(t, { fromDays: -10, untilDays: -1 })
  t.match(await attempt(t, tlsUrl, certs.ca), { kind: 'untrusted', reason: /has expired: renew it .*clock right/ })
})

t.test('one that is not valid yet is told apart, and the clock named', async (t) => {
  const { tlsUrl, certs } = await broker(t, { fromDays: 1, untilDays: 10 })
  t.match(await attempt(t, tlsUrl, certs.ca), {
    kind: 'untrusted',
    reason: /not valid yet: is this machine's clock right/,
  })
})

t.test('TLS spoken to a plain port, and plainly to one for TLS or for HTTP, is said', async (t) => {
  const { url, tlsUrl, httpUrl, certs } = await broker(t)
  const plain = { kind: 'lost', reason: /speaks no TLS/ }
  t.match(await attempt(t, url.replace('mqtt:', 'mqtts:'), certs.ca), plain)
  t.match(await attempt(t, httpUrl.replace('http:', 'mqtts:'), certs.ca), plain)
  t.match(await attempt(t, httpUrl.replace('http:', 'wss:'), certs.ca), plain)
  for (const target of [tlsUrl.replace('mqtts:', 'mqtt:'), httpUrl.replace('http:', 'mqtt:')]) {
    t.match(await attempt(t, target), { kind: 'lost', reason: /One for TLS needs mqtts:\/\// })
  }
})

t.test('a WebSocket at a wrong path is said', async (t) => {
  const { wsUrl } = await broker(t)
  t.match(await attempt(t, wsUrl.replace('/mqtt', '/other')), { kind: 'lost', reason: /404; expected .*\/mqtt/ })
})

t.test('a wrong password is one over each of them', async (t) => {
  const { tlsUrl, wsUrl, certs } = await broker(t)
  t.match(await attempt(t, tlsUrl, certs.ca, 'wrong'), { kind: 'wrong-password' })
  t.match(await attempt(t, wsUrl, undefined, 'wrong'), { kind: 'wrong-password' })
})
