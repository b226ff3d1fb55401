import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { FaultyLink } from '../../../../src/demo/lab/link.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { systemRandom } from '../../../../src/platform/random.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const HOST = '127.0.0.1'

/** A PUBLISH whose one byte is `byte`; with QoS 1 it is to be acknowledged. */
const publish = (byte: number, qos: 0 | 1 = 0): Buffer => Buffer.from([0x30 | (qos << 1), 1, byte])

/** However it ends: by a reset too. */
const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()))

interface Ear {
  readonly socket: Socket
  /** Resolves once the last byte of everything heard is `byte`; gives all last bytes of packets. */
  hears(byte: number): Promise<readonly number[]>
}

function earOf(socket: Socket): Ear {
  let heard = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    heard = Buffer.concat([heard, chunk])
  })
  const bodies = (): number[] => [...heard].filter((_, index) => index % 3 === 2)
  return {
    socket,
    async hears(byte) {
      while (bodies().at(-1) !== byte) await once(socket, 'data')
      return bodies()
    },
  }
}

async function listening(port = 0): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer()
  server.listen({ host: HOST, port })
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

async function linked(t: Test, clock = systemClock, random = systemRandom) {
  const { server, port } = await listening()
  const carried: number[] = []
  const onCarried = (packet: Buffer): void => void carried.push(packet.at(-1) ?? Number.NaN)
  const link = await FaultyLink.open({ host: HOST, port }, { clock, random, onCarried })
  const sockets: Socket[] = []
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    await link[Symbol.asyncDispose]()
    server.close()
  })
  const dial = (): Socket => {
    const socket = connect({ host: HOST, port: Number(new URL(link.url).port) }).on('error', () => {})
    sockets.push(socket)
    return socket
  }
  return {
    link,
    /** The last byte of each packet that was passed on. */
    carried,
    server,
    port,
    dial,
    /** Both ends of a new connection. */
    async pair(): Promise<{ readonly light: Ear; readonly broker: Ear }> {
      const accepted = once(server, 'connection')
      const light = earOf(dial())
      const [socket]: Socket[] = await accepted
      if (socket === undefined) throw new Error('no connection')
      sockets.push(socket)
      return { light, broker: earOf(socket) }
    },
  }
}

t.test('it carries both ways, and the end of one side ends the other after what it said', async (t) => {
  const { pair } = await linked(t)
  const { light, broker } = await pair()
  light.socket.write(Buffer.concat([publish(1), publish(2)]))
  broker.socket.write(publish(3))
  t.strictSame(await broker.hears(2), [1, 2])
  t.strictSame(await light.hears(3), [3])
  light.socket.end(publish(4))
  t.strictSame(await broker.hears(4), [1, 2, 4])
  await closed(broker.socket)

  const again = await pair()
  again.broker.socket.destroy()
  await closed(again.light.socket)
})

t.test('cut, it ends what runs and lets nothing in until it is joined', async (t) => {
  const { link, pair, dial } = await linked(t)
  const { light, broker } = await pair()
  light.socket.write(publish(1))
  await broker.hears(1)
  link.cut()
  await Promise.all([closed(light.socket), closed(broker.socket)])
  await closed(dial())
  link.join()
  const again = await pair()
  again.light.socket.write(publish(2))
  await again.broker.hears(2)
})

t.test('late messages are late by that, each way and in order; undone, no further ones are', async (t) => {
  const clock = new ManualClock()
  const { link, pair } = await linked(t, clock)
  const { light, broker } = await pair()
  link.delay(2000)
  light.socket.write(publish(1))
  await clock.untilTimer()
  t.strictSame(clock.delays, [2000])
  link.delay(0)
  broker.socket.write(publish(9))
  await light.hears(9)
  light.socket.write(publish(2))
  clock.advance(1999)
  t.equal(broker.socket.bytesRead, 0)
  clock.advance(1)
  t.strictSame(await broker.hears(2), [1, 2])
  light.socket.destroy()
  await closed(broker.socket)
  t.strictSame(clock.delays, [])
})

t.test('lost are messages without acknowledgement alone, whole, by chance', async (t) => {
  const draws = [0.9, 0.4, 0.6, 0.4, 0.6]
  const { link, pair, carried } = await linked(t, systemClock, { uint32: () => (draws.shift() ?? 0.9) * 2 ** 32 })
  const { light, broker } = await pair()
  light.socket.write(publish(9))
  await broker.hears(9)
  broker.socket.write(Buffer.from([0x20, 2, 0, 0]))
  await once(light.socket, 'data')
  link.lose(0.5)
  light.socket.write(Buffer.concat([publish(1), publish(2), publish(3, 1), publish(4), publish(5)]))
  t.strictSame(await broker.hears(5), [9, 2, 3, 5])
  link.lose(0)
  draws.push(0)
  light.socket.write(publish(6))
  t.strictSame(await broker.hears(6), [9, 2, 3, 5, 6])
  t.strictSame(carried, [0, 2, 3, 5, 6], 'who listens in hears what was passed on, once the broker let the light in')
})

t.test('a broker that does not listen yet is waited for', async (t) => {
  const clock = new ManualClock()
  const { server, port, dial } = await linked(t, clock)
  server.close()
  await once(server, 'close')
  const light = earOf(dial())
  light.socket.write(publish(1))
  await clock.untilTimer()
  const { server: late } = await listening(port)
  t.teardown(() => late.close())
  const accepted = once(late, 'connection')
  clock.advance(50)
  const [socket]: Socket[] = await accepted
  if (socket === undefined) throw new Error('no connection')
  t.teardown(() => socket.destroy())
  const broker = earOf(socket)
  await broker.hears(1)
  broker.socket.write(publish(2))
  await light.hears(2)
})

t.test('what is no MQTT ends the connection', async (t) => {
  const { pair } = await linked(t)
  const { light, broker } = await pair()
  light.socket.write(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff]))
  await Promise.all([closed(light.socket), closed(broker.socket)])
})
