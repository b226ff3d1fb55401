import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createTcp, type Server } from 'node:net'
import { createServer as createTls } from 'node:tls'
import t, { type Test } from 'tap'
import { tryTls } from '../../../src/doctor/tls-probe.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { writeCerts } from '../../fixtures/certs.ts'

async function portOf(t: Test, server: Server): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

t.test('a certificate is believed where its authority is, and how that is had is said where not', async (t) => {
  const certs = await writeCerts(t.testdir({}))
  const port = await portOf(t, createTls({ cert: readFileSync(certs.cert), key: readFileSync(certs.key) }))
  t.equal(await tryTls(systemClock, { host: '127.0.0.1', port, ca: certs.ca }), null)
  t.match(await tryTls(systemClock, { host: '127.0.0.1', port, ca: undefined }), {
    kind: 'untrusted',
    reason: /give --ca the ca.crt/,
  })
  await t.rejects(tryTls(systemClock, { host: '127.0.0.1', port, ca: 'no/such/file' }), { code: 'configuration' })
})

t.test('what speaks no TLS is told so, and nobody there too', async (t) => {
  const port = await portOf(
    t,
    createTcp((socket) => socket.on('error', () => {}).end('no TLS')),
  )
  t.match(await tryTls(systemClock, { host: '127.0.0.1', port, ca: undefined }), {
    kind: 'lost',
    reason: /does not speak TLS there/,
  })
  t.match(await tryTls(systemClock, { host: '127.0.0.1', port: 1, ca: undefined }), {
    kind: 'lost',
    reason: /ECONNREFUSED/,
  })
})
