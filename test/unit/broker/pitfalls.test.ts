/** What bare aedes gets wrong, each shown by one probe that bare aedes fails and this broker passes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Aedes } from 'aedes'
import t, { type Test } from 'tap'
import type { Passwords } from '../../../src/broker/auth/password.ts'
import { startBroker } from '../../../src/broker/broker.ts'
import { quickPasswords, usersOf } from '../../fixtures/broker-pair.ts'
import {
  answered,
  bytesFrom,
  connectPacket,
  gone,
  header,
  loggedIn,
  MIB,
  packet,
  publishPacket,
  rawSocket,
  readable,
  subscribePacket,
  text,
} from '../../fixtures/raw-mqtt.ts'

/** How long bare aedes is given to do what it does not, ms. A sound broker takes some milliseconds. */
const PATIENCE_MS = 3000

/** The rights of both brokers. */
const ALLOWED = ['allowed', 'frozen', 'many/#']
const USERS = usersOf({
  ann: { publish: [...ALLOWED, 'secret'], subscribe: ALLOWED },
  eve: { publish: ALLOWED, subscribe: ALLOWED },
})

/** As its documentation says: a server in front, an ACL in its two hooks. */
async function bareAedes(t: Test): Promise<number> {
  const aedes = new Aedes({
    authorizePublish: (_client, { topic }, done) => done(topic === 'forbidden' ? new Error('forbidden') : null),
    authorizeSubscribe: (_client, subscription, done) =>
      done(null, subscription.topic === 'secret' ? null : subscription),
  })
  await aedes.listen()
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    aedes.handle(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
    aedes.close()
  })
  const address: AddressInfo | string | null = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function ours(t: Test, passwords: Passwords = quickPasswords): Promise<number> {
  const broker = await startBroker({ users: USERS, port: 0 }, { passwords })
  t.teardown(() => broker.close())
  return broker.port ?? 0
}

/** Whether `event` comes before patience ends. */
const comes = (event: Promise<unknown>): Promise<boolean> =>
  Promise.race([event.then(() => true), delay(PATIENCE_MS, false)])

/** The code of the CONNACK to `bytes`; null where the connection is ended instead. */
async function connackCode(port: number, bytes: Buffer): Promise<number | null> {
  const socket = await rawSocket(port)
  socket.write(bytes)
  return bytesFrom(socket, 4).then(
    (connack) => connack[3] ?? null,
    () => null,
  )
}

async function subscribed(socket: Socket, filters: readonly string[]): Promise<void> {
  socket.write(subscribePacket(filters, 1))
  await bytesFrom(socket, 4 + filters.length)
}

/** Resolves as soon as `wanted` is among what is read. Rejects where the connection ends. */
async function reads(socket: Socket, wanted: string): Promise<string> {
  for (let found = ''; ; ) {
    const chunk: Buffer | null = socket.read()
    if (chunk !== null) found += chunk.toString('latin1')
    if (found.includes(wanted)) return found
    if (socket.destroyed) throw new Error('the connection ended')
    if (chunk === null) await readable(socket)
  }
}

/** Says whether the broker at `port` is sound. */
type Probe = (port: number) => Promise<boolean>

const PROBES: Readonly<Record<string, Probe>> = {
  'a subscriber that froze holds up nobody': async (port) => {
    const [reader, writer] = [await loggedIn(port, 'ann'), await loggedIn(port, 'ann')]
    await subscribed(reader, ['allowed'])
    const stuck = await loggedIn(port, 'eve')
    await subscribed(stuck, ['frozen'])
    stuck.pause()
    const flooder = await loggedIn(port, 'eve')
    const message = publishPacket('frozen', Buffer.alloc(60_000))
    for (let sent = 0; sent < 400; sent += 1) flooder.write(message)
    // So much is more than the network keeps: now it is known who does not read. What others send there waits too.
    await comes(answered(flooder))
    const other = await loggedIn(port, 'eve')
    other.write(Buffer.concat(Array(300).fill(publishPacket('frozen', 'x'))))
    await comes(answered(other))
    writer.write(publishPacket('allowed', 'still here'))
    return comes(reads(reader, 'still here'))
  },

  'a filter that was refused is not delivered after the next connect': async (port) => {
    const stored = { clientId: 'bypass', clean: false }
    const first = await loggedIn(port, 'eve', stored)
    await subscribed(first, ['allowed', 'secret'])
    first.end(packet(0xe0))
    await gone(first)
    const writer = await loggedIn(port, 'ann')
    for (const [index, topic] of ['secret', 'allowed'].entries()) {
      writer.write(publishPacket(topic, `of ${topic}`, index + 1))
      await bytesFrom(writer, 4)
    }
    const again = await loggedIn(port, 'eve', stored)
    return !(await reads(again, 'of allowed')).includes('of secret')
  },

  'a client id is not taken over by another user': async (port) => {
    const owner = await loggedIn(port, 'ann', { clientId: 'owned', clean: false })
    await subscribed(owner, ['allowed'])
    return (await connackCode(port, connectPacket('eve', { clientId: 'owned', clean: false }))) !== 0
  },

  'small messages are not held back for an acknowledgement': async (port) => {
    const [reader, writer] = [await loggedIn(port, 'ann'), await loggedIn(port, 'ann')]
    await subscribed(reader, ['allowed'])
    const waits: number[] = []
    for (let turn = 0; turn < 60; turn += 1) {
      // Who answers now and then is acknowledged with its answers, or 40 ms later. Source: tcp(7), delayed ACK.
      await answered(reader)
      const startedMs = performance.now()
      writer.write(publishPacket('allowed', `first ${turn};`))
      await new Promise(setImmediate)
      await delay(1)
      writer.write(publishPacket('allowed', `second ${turn};`))
      await reads(reader, `second ${turn};`)
      waits.push(performance.now() - startedMs)
    }
    const later = waits.slice(30).sort((a, b) => a - b)
    return (later[15] ?? 0) < 30
  },

  'a packet of 100 MB is refused before log-in': async (port) => {
    const socket = await rawSocket(port)
    socket.write(header(0x10, 100_000_000))
    socket.write(Buffer.alloc(MIB))
    const ended = await comes(gone(socket))
    socket.destroy()
    return ended
  },

  'a will on a filter is refused': async (port) => {
    const options = Buffer.from([4, 0xc6, 0, 60])
    const body = [text('MQTT'), options, text(''), text('allowed/#'), text('x'), text('eve'), text('open sesame')]
    return (await connackCode(port, packet(0x10, ...body))) !== 0
  },

  'a refused message does not end the connection': async (port) => {
    const socket = await loggedIn(port, 'eve')
    socket.write(publishPacket('forbidden', 'x', 1))
    socket.write(packet(0xc0))
    return reads(socket, '\xd0\0').then(
      () => true,
      () => false,
    )
  },

  'nobody learns the client ids of others': async (port) => {
    const spy = await loggedIn(port, 'eve')
    await subscribed(spy, ['$SYS/#', '$SYS/+/new/clients', 'allowed'])
    const other = await loggedIn(port, 'ann', { clientId: 'whose-id-is-told' })
    await subscribed(other, ['allowed'])
    other.write(publishPacket('allowed', 'the end'))
    return !(await reads(spy, 'the end')).includes('whose-id-is-told')
  },

  'an absent client is kept so many messages at most': async (port) => {
    const session = { clientId: 'away', clean: false }
    const reader = await loggedIn(port, 'ann', session)
    reader.write(subscribePacket(['allowed'], 1))
    await bytesFrom(reader, 5)
    reader.end(packet(0xe0))
    await gone(reader)
    const writer = await loggedIn(port, 'eve')
    for (let id = 1; id <= 1100; id += 1) writer.write(publishPacket('allowed', `message ${id};`, id))
    // The last PUBACK: 1100 is 0x044c.
    await reads(writer, '\x40\x02\x04\x4c')
    const back = await loggedIn(port, 'ann', session)
    await reads(back, 'message 1000;')
    return !(await comes(reads(back, 'message 1100;')))
  },

  'no more is retained than there is room for': async (port) => {
    const [writer, reader] = [await loggedIn(port, 'eve'), await loggedIn(port, 'ann')]
    const retained = (topic: string, payload: string | Buffer): Buffer =>
      packet(0x31, text(topic), Buffer.from(payload))
    for (let index = 0; index < 300; index += 1) writer.write(retained(`many/${index}`, Buffer.alloc(60_000)))
    writer.write(retained('many/last', Buffer.from('kept '.repeat(12_000))))
    writer.write(packet(0xc0))
    await bytesFrom(writer, 2)
    await subscribed(reader, ['many/last'])
    return !(await comes(reads(reader, 'kept ')))
  },

  'an empty client id without a clean session is refused with code 2': async (port) =>
    (await connackCode(port, connectPacket('eve', { clean: false }))) === 2,
}

// Side by side: most wait for what bare aedes never does.
t.test('pitfalls', { jobs: 4 }, (t) => {
  for (const [name, probe] of Object.entries(PROBES)) {
    void t.test(name, { buffered: true }, async (t) => {
      t.ok(await probe(await ours(t)), 'by this broker')
      t.notOk(await probe(await bareAedes(t)), 'not so by bare aedes')
    })
  }
  t.end()
})

/** A broker in a process of its own whose hook has a defect, and a client that logs in. */
const BARE_WITH_DEFECT = `
  import { Aedes } from 'aedes'
  import { connect, createServer } from 'node:net'
  const aedes = new Aedes({ authenticate: () => { throw new Error('defect') } })
  await aedes.listen()
  const server = createServer(aedes.handle).listen(0, '127.0.0.1', () => {
    const client = connect(server.address().port, '127.0.0.1')
    client.write(Buffer.from('${connectPacket('eve').toString('hex')}', 'hex'))
    client.on('close', () => process.exit(0))
  })
`

t.test('a defect in a question asked of it does not end the process', async (t) => {
  const verify = (): never => {
    throw new Error('defect')
  }
  const port = await ours(t, { ...quickPasswords, verify })
  t.equal(await connackCode(port, connectPacket('eve')), null)
  t.equal(await connackCode(port, connectPacket('ann')), null, 'it is still there')
  const child = spawn(process.execPath, ['--input-type=module', '-e', BARE_WITH_DEFECT], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  const [code] = await once(child, 'close')
  t.not(code, 0)
  t.match(errors, /Error: defect/)
})
