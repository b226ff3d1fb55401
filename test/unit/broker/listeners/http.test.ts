import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { startBroker } from '../../../../src/broker/broker.ts'
import { Handshakes } from '../../../../src/broker/listeners/handshakes.ts'
import { type Answer, httpService, type Route, type Routes } from '../../../../src/broker/listeners/http.ts'
import { listen } from '../../../../src/broker/listeners/listener.ts'
import type { BrokerOptions } from '../../../../src/broker/options.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { quickPasswords, RecordingLogger, usersOf } from '../../../fixtures/broker-pair.ts'

async function broker(t: Test, options: Partial<BrokerOptions> = {}) {
  const logger = new RecordingLogger()
  const given = { users: usersOf({ ann: {} }), port: false, http: { port: 0 }, ...options } as const
  const started = await startBroker(given, { logger, passwords: quickPasswords })
  t.teardown(() => started.close())
  return { broker: started, logger, url: started.httpUrl ?? '' }
}

/** An HTTP listener with routes of the test's own. */
async function listener(t: Test, routes: Routes) {
  const logger = new RecordingLogger()
  const handshakes = new Handshakes(() => ({ leave: () => {} }))
  const service = httpService({ routes, upgrades: new Map(), handshakes, logger })
  const http = await listen(service, { host: '127.0.0.1', port: 0 }, { logger, clock: systemClock })
  t.teardown(() => {
    http.close()
    handshakes.destroyAll()
  })
  return { url: http.url, port: http.port, logger }
}

const throws = (): Answer => {
  throw new Error('defect')
}

const OK: Answer = { status: 200, type: 'text/plain', body: 'here' }

/** What comes back for these bytes, until the other side ends it. */
async function answerTo(port: number, bytes: string): Promise<string> {
  const socket = connectTcp(port, '127.0.0.1')
  socket.end(bytes)
  return await readAll(socket)
}

async function readAll(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(socket, 'close')
  return text
}

t.test('a broker that is alive and ready says so', async (t) => {
  const { url } = await broker(t)
  const alive = await fetch(`${url}/healthz`)
  t.equal(alive.status, 200)
  t.equal(await alive.text(), 'ok\n')
  const ready = await fetch(`${url}/healthz/readiness?verbose=1`)
  t.equal(ready.status, 200)
  t.match(ready.headers.get('content-type'), 'application/json')
  t.strictSame(await ready.json(), { ready: true, reasons: [] })
})

t.test('a broker that nobody could use is alive but not ready, and says why', async (t) => {
  const { url } = await broker(t, { users: new Map() })
  const ready = await fetch(`${url}/healthz/readiness`)
  t.equal(ready.status, 503)
  t.strictSame(await ready.json(), { ready: false, reasons: ['users: there are none'] })
  t.equal((await fetch(`${url}/healthz`)).status, 200)
})

t.test('Prometheus finds the metrics at /metrics', async (t) => {
  const { url } = await broker(t)
  const answer = await fetch(`${url}/metrics`)
  t.equal(answer.status, 200)
  t.match(answer.headers.get('content-type'), 'text/plain; version=0.0.4')
  t.match(await answer.text(), /^crossing_broker_connections \d+$/m)
})

t.test('every answer forbids guessing and keeping', async (t) => {
  const { url } = await broker(t)
  for (const path of ['/healthz', '/healthz/readiness', '/nothing']) {
    const { headers } = await fetch(`${url}${path}`)
    t.equal(headers.get('x-content-type-options'), 'nosniff', path)
    t.equal(headers.get('cache-control'), 'no-store', path)
  }
})

t.test('a route may say otherwise for itself', async (t) => {
  const { url } = await listener(t, new Map([['/page', () => ({ ...OK, headers: { 'cache-control': 'max-age=9' } })]]))
  t.equal((await fetch(`${url}/page`)).headers.get('cache-control'), 'max-age=9')
})

t.test('HEAD is GET without the body', async (t) => {
  const { url } = await broker(t)
  const head = await fetch(`${url}/healthz`, { method: 'HEAD' })
  t.equal(head.status, 200)
  t.equal(head.headers.get('content-length'), '3')
  t.equal(await head.text(), '')
})

t.test('unknown paths are 404, other methods 405 with those that work', async (t) => {
  const { url } = await broker(t)
  for (const path of ['/web', '/healthz/', '/HEALTHZ', '/mqtt', '/__proto__', '/../users.json', '/%2e%2e/users.json']) {
    t.equal((await fetch(`${url}${path}`)).status, 404, path)
  }
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const { status, headers } = await fetch(`${url}/healthz`, { method })
    t.equal(status, 405, method)
    t.equal(headers.get('allow'), 'GET, HEAD')
  }
})

t.test('a request with a body is refused, and its connection ended unread', async (t) => {
  const { port } = await listener(t, new Map([['/', () => OK]]))
  for (const header of ['content-length: 1', 'content-length: 99999999999', 'transfer-encoding: chunked']) {
    t.match(await answerTo(port, `GET / HTTP/1.1\r\nhost: a\r\n${header}\r\n\r\n`), /^HTTP\/1\.1 413 /, header)
  }
  t.match(
    await answerTo(port, 'GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'),
    /^HTTP\/1\.1 200 /,
  )
})

t.test('garbage and endless headers are refused', async (t) => {
  const { port } = await listener(t, new Map())
  t.match(await answerTo(port, 'garbage\r\n\r\n'), /^HTTP\/1\.1 400 /)
  t.match(await answerTo(port, `GET / HTTP/1.1\r\nhost: a\r\nx: ${'x'.repeat(9000)}\r\n\r\n`), /^HTTP\/1\.1 431 /)
})

t.test('an upgrade on any other path is 404, and its connection ended', async (t) => {
  const { port } = await listener(t, new Map([['/', () => OK]]))
  const request = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
  const socket = connectTcp(port, '127.0.0.1')
  socket.write(request)
  const answer = await readAll(socket)
  t.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/)
  t.match(answer, 'nosniff')
})

t.test('a route that fails is 500 and a line in the log; the next request is answered', async (t) => {
  const routes: Routes = new Map<string, Route>([
    ['/thrown', throws],
    ['/rejected', async () => throws()],
    ['/', () => OK],
  ])
  const { url, logger } = await listener(t, routes)
  for (const path of ['/thrown', '/rejected']) {
    const answer = await fetch(`${url}${path}?token=secret`)
    t.equal(answer.status, 500)
    t.notMatch(await answer.text(), 'defect')
  }
  t.strictSame(logger.of('http_request_failed'), [
    { path: '/thrown', reason: 'defect' },
    { path: '/rejected', reason: 'defect' },
  ])
  t.equal(await (await fetch(url)).text(), 'here')
})

t.test('connections over the bound are refused, and a place is free again with its connection', async (t) => {
  for (const limits of [{ pendingMax: 2 }, { pendingPerAddressMax: 2 }, { connectionsMax: 2 }]) {
    const { url, logger } = await broker(t, { limits })
    const port = Number(new URL(url).port)
    const held = [connectTcp(port, '127.0.0.1'), connectTcp(port, '127.0.0.1')]
    await Promise.all(held.map((socket) => once(socket, 'connect')))
    const refused = connectTcp(port, '127.0.0.1')
    refused.on('error', () => {})
    await once(refused, 'close')
    t.match(logger.of('limit_reached'), [{ limit: Object.keys(limits)[0] }])
    t.notOk(held.some((socket) => socket.destroyed))
    for (const socket of held) socket.destroy()
    const answers = async (): Promise<boolean> => /^HTTP/.test(await answerTo(port, 'garbage\r\n\r\n').catch(() => ''))
    while (!(await answers())) await new Promise((resolve) => setImmediate(resolve))
  }
})

t.test('Prometheus reads the figures, in its format', async (t) => {
  const { url, broker: one } = await broker(t)
  const answer = await fetch(`${url}/metrics`)
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const names = (text: string): unknown => text.match(/^# TYPE .*$/gm)
  t.strictSame(names(await answer.text()), names(await one.metrics()))
})

t.test('a request that never ends is answered with 408 and its connection ended', async (t) => {
  const { port } = await listener(t, new Map())
  const socket = connectTcp(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n')
  t.match(await readAll(socket), /^HTTP\/1\.1 408 /)
})

t.test('HTTP listens on loopback, whatever the broker’s host is', async (t) => {
  const { logger } = await broker(t, { port: 0, host: '0.0.0.0' })
  t.match(logger.of('listening'), [
    { protocol: 'mqtt', host: '0.0.0.0' },
    { protocol: 'http', host: '127.0.0.1' },
  ])
})

t.test('while a demo account is left HTTP listens on loopback even where it was told otherwise', async (t) => {
  const { logger } = await broker(t, { users: usersOf({ ann: { demo: true } }), http: { port: 0, host: '0.0.0.0' } })
  t.match(logger.of('listening'), [{ protocol: 'http', host: '127.0.0.1' }])
  t.match(logger.of('demo_accounts_keep_broker_on_loopback'), [{ asked: '0.0.0.0', accounts: ['ann'] }])
})

t.test('a port in use is an error, and nothing else stays open', async (t) => {
  const { broker: first } = await broker(t)
  const port = Number(new URL(first.httpUrl ?? '').port)
  const logger = new RecordingLogger()
  const start = startBroker({ users: new Map(), port: 0, http: { port } }, { logger, passwords: quickPasswords })
  await t.rejects(start, { code: 'failed', message: new RegExp(`port ${port} of 127.0.0.1.*in use`) })
  const [opened] = logger.of('listening')
  const socket = connectTcp(Number(Reflect.get(opened ?? {}, 'port')), '127.0.0.1')
  const [error] = await once(socket, 'error')
  t.match(error, { code: 'ECONNREFUSED' })
})

t.test('closing the broker ends half a request and an idle connection', async (t) => {
  const { broker: one } = await broker(t)
  const port = Number(new URL(one.httpUrl ?? '').port)
  const sockets = ['', 'GET / HTTP/1.1\r\n'].map((bytes) => {
    const socket = connectTcp(port, '127.0.0.1')
    socket
      .on('error', () => {})
      .resume()
      .write(bytes)
    return socket
  })
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  await fetch(`${one.httpUrl}/healthz`)
  const ends = sockets.map((socket) => once(socket, 'close'))
  await one.close()
  await Promise.all(ends)
  t.pass('both ended')
})
