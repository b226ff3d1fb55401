import { once } from 'node:events'
import { createServer, connect as dial, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import t from 'tap'
import { listen, type Service } from '../../../../src/broker/listeners/listener.ts'
import { tcpService } from '../../../../src/broker/listeners/tcp.ts'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'

const SOMEWHERE_ELSE = '127.0.0.2'

/** A clock whose last delay passes when it is told to. */
function heldClock(): { clock: Clock; pass: () => void; waiting: () => boolean } {
  let task: (() => void) | null = null
  const clock: Clock = {
    ...systemClock,
    after(_delayMs, later) {
      task = later
      return () => {
        task = null
      }
    },
  }
  return { clock, pass: () => task?.(), waiting: () => task !== null }
}

async function listener(t: { teardown(task: () => unknown): unknown }, host = '127.0.0.1') {
  const logger = new RecordingLogger()
  const held = heldClock()
  const addresses: string[] = []
  const onConnection = (socket: Duplex, address: string): void => {
    addresses.push(address)
    socket.resume()
    socket.end()
  }
  const tcp = await listen(tcpService(onConnection), { host, port: 0 }, { logger, clock: held.clock })
  t.teardown(() => tcp.close())
  return { tcp, logger, addresses, ...held }
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = dial(port, host)
  try {
    await once(socket, 'connect')
    socket.resume()
    await once(socket, 'close')
    return true
  } catch {
    return false
  }
}

/** Another program that takes a port. */
async function squatter(host: string, port: number): Promise<Server> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  return server
}

t.test('it says where it listens, and who comes', async (t) => {
  const { tcp, addresses } = await listener(t)
  t.ok(await answers('127.0.0.1', tcp.port))
  t.match(addresses, [/^127\.0\.0\.1:\d+$/])
  t.equal(tcp.url, `mqtt://127.0.0.1:${tcp.port}`)
})

t.test('the URL is one that a client on this machine can use', async (t) => {
  for (const [host, url] of [
    ['0.0.0.0', 'mqtt://127.0.0.1:'],
    ['::1', 'mqtt://[::1]:'],
    ['localhost', 'mqtt://localhost:'],
  ] as const) {
    const { tcp } = await listener(t, host)
    t.equal(tcp.url, `${url}${tcp.port}`)
    tcp.close()
  }
})

t.test('why it cannot listen is said with what to do', async (t) => {
  for (const [code, message] of [
    ['EACCES', /port 80 of 127\.0\.0\.1: not permitted: choose a port above 1023/],
    ['EADDRINUSE', /in use: stop what listens there/],
    ['EADDRNOTAVAIL', /no such address/],
    ['ENOTFOUND', /no such address/],
    ['EMFILE', /listen EMFILE/],
  ] as const) {
    const refusing: Service = {
      scheme: 'mqtt',
      createServer() {
        const server = createServer()
        server.listen = () => {
          throw Object.assign(new Error(`listen ${code}`), { code })
        }
        return server
      },
    }
    const dependencies = { logger: new RecordingLogger(), clock: systemClock }
    await t.rejects(listen(refusing, { host: '127.0.0.1', port: 80 }, dependencies), { code: 'failed', message }, code)
  }
})

t.test('what listens elsewhere than it should says so', async (t) => {
  const { tcp } = await listener(t)
  t.equal(tcp.fault, null)
  const taken = await squatter(SOMEWHERE_ELSE, tcp.port)
  t.teardown(() => taken.close())
  await tcp.moveTo('0.0.0.0')
  t.equal(tcp.fault, `mqtt: not listening on port ${tcp.port} of 0.0.0.0`)
  tcp.close()
  t.match(tcp.fault, /not listening/)
})

t.test('it moves to another host with the same port', async (t) => {
  const { tcp } = await listener(t)
  const { port } = tcp
  await tcp.moveTo(SOMEWHERE_ELSE)
  t.ok(await answers(SOMEWHERE_ELSE, port))
  t.notOk(await answers('127.0.0.1', port))
  await tcp.moveTo(SOMEWHERE_ELSE)
  await Promise.all([tcp.moveTo('127.0.0.1'), tcp.moveTo('0.0.0.0'), tcp.moveTo('127.0.0.1')])
  t.ok(await answers('127.0.0.1', port))
  t.notOk(await answers(SOMEWHERE_ELSE, port))
})

t.test('where the new host is taken it stays on loopback, and tries again', async (t) => {
  const { tcp, logger, pass, waiting } = await listener(t)
  const { port } = tcp
  const taken = await squatter(SOMEWHERE_ELSE, port)
  t.teardown(() => taken.close())
  await tcp.moveTo('0.0.0.0')
  t.ok(await answers('127.0.0.1', port))
  t.match(logger.of('listener_failed'), [{ host: '0.0.0.0', port, reason: /in use/ }])
  t.ok(waiting())
  taken.close()
  await once(taken, 'close')
  pass()
  await logger.waitFor('listening', 3)
  t.ok(await answers(SOMEWHERE_ELSE, port))
})

t.test('where loopback is taken it listens nowhere rather than where it should not', async (t) => {
  const { tcp, logger, waiting } = await listener(t, SOMEWHERE_ELSE)
  const taken = await squatter('127.0.0.1', tcp.port)
  t.teardown(() => taken.close())
  await tcp.moveTo('127.0.0.1')
  t.notOk(await answers(SOMEWHERE_ELSE, tcp.port))
  t.equal(logger.of('listener_failed').length, 1)
  t.ok(waiting())
  tcp.close()
  t.notOk(waiting())
})

t.test('once closed it neither listens nor moves', async (t) => {
  const { tcp } = await listener(t)
  const moving = tcp.moveTo(SOMEWHERE_ELSE)
  tcp.close()
  await moving
  await tcp.moveTo('127.0.0.1')
  t.notOk(await answers('127.0.0.1', tcp.port))
  t.notOk(await answers(SOMEWHERE_ELSE, tcp.port))
})

t.test('a listener closed while it moves does not stay open', async (t) => {
  const { tcp } = await listener(t)
  const moving = tcp.moveTo(SOMEWHERE_ELSE)
  // By now it is opening the new place.
  await Promise.resolve()
  await Promise.resolve()
  tcp.close()
  await moving
  t.notOk(await answers(SOMEWHERE_ELSE, tcp.port))
})
