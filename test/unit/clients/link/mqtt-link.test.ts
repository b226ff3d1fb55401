import { once } from 'node:events'
import { createServer } from 'node:net'
import { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import type { Link, Refusal } from '../../../../src/clients/link/link.ts'
import { type MqttLinkOptions, openMqttLink } from '../../../../src/clients/link/mqtt-link.ts'
import { networkTo } from '../../../../src/clients/link/network.ts'
import { systemRandom } from '../../../../src/platform/random.ts'
import { brokerPair, PASSWORD, usersOf } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { connectOf, PACKET, type RawConnection, rawBroker } from '../../../fixtures/raw-broker.ts'

type Fact = 'up' | Refusal | { readonly topic: string; readonly text: string }

interface Opened {
  readonly link: Link
  readonly clock: ManualClock
  readonly facts: readonly Fact[]
  /** Resolves with fact number `index`, from 0, once it is there. */
  fact(index: number): Promise<Fact>
  /** Waits for the pause before the next attempt, gives its length, ms, and ends it. */
  nextAttempt(): Promise<number>
}

function opened(t: Test, options: Partial<MqttLinkOptions> & Pick<MqttLinkOptions, 'network'>): Opened {
  const clock = new ManualClock()
  const facts: Fact[] = []
  const waiting: (() => void)[] = []
  const add = (fact: Fact): void => {
    facts.push(fact)
    for (const resolve of waiting.splice(0)) resolve()
  }
  const link = openMqttLink(
    {
      url: 'mqtt://broker:1883',
      credentials: async () => ({ username: 'light1', password: PASSWORD }),
      subscriptions: [{ filter: 'a', qos: 0 }],
      clock,
      random: systemRandom,
      ...options,
    },
    {
      up: () => add('up'),
      down: add,
      message: (topic, payload) => add({ topic, text: Buffer.from(payload).toString() }),
    },
  )
  t.teardown(() => {
    const closed = link.close()
    clock.advance(1000)
    return closed
  })
  return {
    link,
    clock,
    facts,
    async fact(index) {
      while (facts.length <= index) await new Promise<void>((resolve) => waiting.push(resolve))
      return facts[index] ?? 'up'
    },
    async nextAttempt() {
      await clock.untilTimer()
      const [delayMs = Number.NaN] = clock.delays
      clock.advance(delayMs)
      return delayMs
    },
  }
}

/** The first connection, up. */
async function rawUp(t: Test, options: Partial<MqttLinkOptions> = {}) {
  const broker = rawBroker()
  const link = opened(t, { network: broker.network, ...options })
  const connection = await broker.connection(0)
  await letIn(connection)
  await link.fact(0)
  return { ...link, broker, connection }
}

async function letIn(connection: RawConnection): Promise<void> {
  await connection.packet(PACKET.connect)
  connection.acknowledge()
  connection.granted(await connection.packet(PACKET.subscribe), [0])
}

const reader = { subscribe: ['a', 'b', 'will'], publish: ['a', 'b', 'will'] }

t.test('it is up once it has subscribed, and carries messages both ways', async (t) => {
  const pair = await brokerPair(t, usersOf({ light1: reader, other: reader }))
  const other = await pair.connect('other')
  await other.mqtt.subscribeAsync('b')
  await other.mqtt.publishAsync('a', 'kept', { retain: true, qos: 1 })
  const { link, fact } = opened(t, { network: () => pair.broker.connect() })
  t.equal(await fact(0), 'up')
  t.strictSame(await fact(1), { topic: 'a', text: 'kept' }, 'retained messages follow')
  t.equal(link.publish('b', 'hello'), true)
  t.equal(link.publish('b', 'for long', { qos: 1, retain: true }), true)
  t.match(await other.received(2), [{ topic: 'b', payload: 'hello' }, { payload: 'for long' }])
})

t.test('one that reads nothing is up as soon as it is let in', async (t) => {
  const broker = rawBroker()
  const { fact } = opened(t, { network: broker.network, subscriptions: [] })
  const connection = await broker.connection(0)
  await connection.packet(PACKET.connect)
  connection.acknowledge()
  t.equal(await fact(0), 'up')
})

t.test(
  'each attempt is a new client: its own id that begins with the user, a clean session, 3 s of keepalive',
  async (t) => {
    const broker = rawBroker()
    const { nextAttempt } = opened(t, { network: broker.network })
    const connects = []
    for (const index of [0, 1, 2]) {
      const connection = await broker.connection(index)
      connects.push(connectOf(await connection.packet(PACKET.connect)))
      connection.stream.destroy()
      await nextAttempt()
    }
    for (const connect of connects) {
      t.match(connect, { clean: true, keepaliveS: 3, username: 'light1', password: PASSWORD })
      t.match(connect.clientId, /^light1-[0-9a-f]{24}$/)
    }
    t.equal(new Set(connects.map(({ clientId }) => clientId)).size, 3)
  },
)

t.test('a wrong password is said once, tried again after 5 s, and works once it is corrected', async (t) => {
  const pair = await brokerPair(t, usersOf({ light1: reader }))
  let password = 'wrong'
  let asked = 0
  const { facts, fact, nextAttempt, clock } = opened(t, {
    network: () => pair.broker.connect(),
    async credentials() {
      asked += 1
      return { username: 'light1', password }
    },
  })
  t.match(await fact(0), { kind: 'wrong-password', reason: /'light1'/ })
  for (const _ of [1, 2]) {
    const delayMs = await nextAttempt()
    t.ok(delayMs >= 5000 && delayMs <= 6000, `${delayMs} ms`)
    await clock.untilTimer()
  }
  t.equal(facts.length, 1)
  password = PASSWORD
  await nextAttempt()
  t.equal(await fact(1), 'up')
  t.equal(asked, 4)
})

t.test('a denied subscription is said with its topic, and tried again after 5 s', async (t) => {
  const pair = await brokerPair(t, usersOf({ light1: { subscribe: ['a'] } }))
  const { facts, fact, nextAttempt } = opened(t, {
    network: () => pair.broker.connect(),
    subscriptions: [
      { filter: 'a', qos: 0 },
      { filter: 'secret', qos: 1 },
    ],
  })
  t.match(await fact(0), { kind: 'not-allowed', reason: /'light1' read secret/ })
  t.ok((await nextAttempt()) >= 5000)
  t.notMatch(facts, ['up'])
})

for (const [returnCode, kind, leastMs] of [
  [3, 'unreachable', 200],
  [5, 'not-allowed', 5000],
  [2, 'lost', 200],
] as const) {
  t.test(`a CONNECT refused with code ${returnCode} is '${kind}'`, async (t) => {
    const broker = rawBroker()
    const { fact, nextAttempt } = opened(t, { network: broker.network })
    const connection = await broker.connection(0)
    await connection.packet(PACKET.connect)
    connection.acknowledge(returnCode)
    t.match(await fact(0), { kind })
    const delayMs = await nextAttempt()
    t.ok(delayMs >= leastMs && delayMs <= leastMs * 2, `${delayMs} ms`)
  })
}

t.test('a port that nobody listens on is unreachable', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  const url = `mqtt://127.0.0.1:${address.port}`
  const { fact } = opened(t, { url, network: networkTo(url) })
  t.match(await fact(0), { kind: 'unreachable', reason: url })
  t.match(await fact(0), { reason: /nothing listens there/ })
})

t.test('a host that nobody knows is unreachable, in other words', async (t) => {
  const network = (): Duplex => {
    const stream = new Duplex({ read() {}, write() {} })
    stream.destroy(Object.assign(new Error('getaddrinfo ENOTFOUND broker'), { code: 'ENOTFOUND' }))
    return stream
  }
  const { facts, fact, nextAttempt, clock } = opened(t, { network })
  t.match(await fact(0), { kind: 'unreachable', reason: /no machine has that name/ })
  await nextAttempt()
  await clock.untilTimer()
  t.equal(facts.length, 1, 'said once')
})

t.test('without a password to read it says why, and asks again before long', async (t) => {
  const broker = rawBroker()
  let text = 'the file is empty'
  const { facts, fact, nextAttempt } = opened(t, {
    network: broker.network,
    credentials: () => Promise.reject(new Error(text)),
  })
  t.strictSame(await fact(0), { kind: 'no-password', reason: 'the file is empty' })
  t.ok((await nextAttempt()) <= 1000)
  await nextAttempt()
  t.equal(facts.length, 1, 'the same reason is no news')
  text = 'the file is gone'
  await nextAttempt()
  t.strictSame(await fact(1), { kind: 'no-password', reason: 'the file is gone' }, 'another one is')
  t.equal(broker.connections.length, 0)
})

t.test('waits grow to a second while nothing answers, and begin anew after a connection', async (t) => {
  const broker = rawBroker()
  const { fact, nextAttempt } = opened(t, { network: broker.network, random: { uint32: () => 2 ** 32 - 1 } })
  const delays: number[] = []
  for (const index of [0, 1, 2, 3]) {
    const { stream } = await broker.connection(index)
    stream.destroy()
    delays.push(Math.round(await nextAttempt()))
  }
  t.strictSame(delays, [400, 800, 1000, 1000])
  const connection = await broker.connection(4)
  await letIn(connection)
  t.equal(await fact(1), 'up')
  connection.stream.destroy()
  t.match(await fact(2), { kind: 'lost' }, 'the end of a connection is told, although the same was told before')
  t.equal(Math.round(await nextAttempt()), 400)
})

t.test('what could not be sent is not sent later', async (t) => {
  const { link, connection, broker, fact, nextAttempt } = await rawUp(t)
  connection.stream.destroy()
  await fact(1)
  t.equal(link.publish('b', 'stale'), false)
  t.equal(link.publish('b', 'stale', { qos: 1, retain: true }), false)
  await nextAttempt()
  const next = await broker.connection(1)
  t.equal(link.publish('b', 'stale'), false, 'not while it connects')
  await next.packet(PACKET.connect)
  next.acknowledge()
  const subscribe = await next.packet(PACKET.subscribe)
  t.equal(link.publish('b', 'stale'), false, 'not before it has subscribed')
  next.granted(subscribe, [0])
  await fact(2)
  t.equal(link.publish('b', 'fresh'), true)
  const { body } = await next.packet(PACKET.publish)
  t.match(body.toString(), 'fresh')
  t.equal(next.packets.length, 3)
})

t.test('a QoS 1 message whose answer was lost with its connection is not repeated on the next', async (t) => {
  const { link, connection, broker, fact, nextAttempt } = await rawUp(t)
  link.publish('b', 'stale', { qos: 1 })
  await connection.packet(PACKET.publish)
  connection.stream.destroy()
  await fact(1)
  await nextAttempt()
  const next = await broker.connection(1)
  await letIn(next)
  await fact(2)
  link.publish('b', 'fresh')
  const { body } = await next.packet(PACKET.publish)
  t.match(body.toString(), 'fresh')
})

t.test('a broker that does not read is given no more than it may hold', async (t) => {
  const { link, connection } = await rawUp(t)
  connection.stream.pause()
  const payload = 'x'.repeat(1000)
  let sent = 0
  while (sent < 10_000 && link.publish('b', payload)) sent += 1
  t.ok(sent > 50 && sent < 150, `${sent} kB`)
  t.equal(link.publish('b', 'x'), false)
  connection.stream.resume()
  const drained = new Promise<void>((resolve) => {
    const look = (): void => {
      if (connection.packets.length >= sent + 2) resolve()
      else setImmediate(look)
    }
    look()
  })
  await drained
  t.equal(link.publish('b', 'x'), true, 'once it reads, it is sent to again')
})

t.test('a clean end sends no will; a broken connection does', async (t) => {
  const pair = await brokerPair(t, usersOf({ light1: reader, other: reader }))
  const other = await pair.connect('other')
  await other.mqtt.subscribeAsync(['will', 'b'])
  const will = { topic: 'will', payload: 'offline', qos: 1, retain: true } as const
  const streams: Duplex[] = []
  const network = (): Duplex => {
    const stream = pair.broker.connect()
    streams.push(stream)
    return stream
  }
  const broken = opened(t, { network, will })
  await broken.fact(0)
  streams[0]?.destroy()
  t.match(await other.received(1), [{ topic: 'will', payload: 'offline' }])
  const clean = opened(t, { network, will })
  await clean.fact(0)
  clean.link.publish('b', 'farewell', { qos: 1 })
  await clean.link.close()
  t.match((await other.received(2))[1], { topic: 'b', payload: 'farewell' }, 'what was published gets its chance')
  await other.mqtt.publishAsync('b', 'after', { qos: 1 })
  t.match((await other.received(3))[2], { payload: 'after' }, 'and no will came in between')
})

t.test('once it is closing it sends nothing, tries nothing and leaves no timer', async (t) => {
  const { link, clock, connection, broker, facts } = await rawUp(t)
  const closed = link.close()
  t.equal(link.publish('b', 'late'), false)
  t.equal(link.close(), closed, 'closing twice is one closing')
  await closed
  await connection.packet(PACKET.disconnect)
  t.strictSame(clock.delays, [])
  t.equal(link.publish('b', 'late'), false)
  t.strictSame(facts, ['up'], 'an end that was asked for is no news')
  t.equal(broker.connections.length, 1)
})

t.test('a broker that answers nothing holds up a clean end for half a second', async (t) => {
  const { link, clock, broker } = await rawUp(t)
  link.publish('b', 'never acknowledged', { qos: 1 })
  let isClosed = false
  const closed = link.close().then(() => {
    isClosed = true
  })
  clock.advance(499)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(isClosed, false)
  clock.advance(1)
  await closed
  t.ok(broker.clientEnds[0]?.destroyed, 'then nothing of the connection is left, which would keep a process alive')
})

t.test('it can be closed at any moment before it is up', async (t) => {
  await t.test('while the password is read', async (t) => {
    const broker = rawBroker()
    let answer = (_credentials: { username: string; password: string }): void => {}
    const { link, clock } = opened(t, {
      network: broker.network,
      credentials: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    await link.close()
    answer({ username: 'light1', password: PASSWORD })
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(broker.connections.length, 0)
    t.strictSame(clock.delays, [])
  })
  await t.test('while the password cannot be read', async (t) => {
    let refuse = (_error: Error): void => {}
    const { link, clock, facts } = opened(t, {
      network: rawBroker().network,
      credentials: () =>
        new Promise((_resolve, reject) => {
          refuse = reject
        }),
    })
    await link.close()
    refuse(new Error('gone'))
    await new Promise((resolve) => setImmediate(resolve))
    t.strictSame(facts, [])
    t.strictSame(clock.delays, [])
  })
  await t.test('while it connects', async (t) => {
    const broker = rawBroker()
    const { link, clock, facts } = opened(t, { network: broker.network })
    const connection = await broker.connection(0)
    await connection.packet(PACKET.connect)
    const closed = link.close()
    t.ok(broker.clientEnds[0]?.destroyed, 'at once: there is nothing to say to who has not answered')
    await closed
    t.strictSame(facts, [])
    t.strictSame(clock.delays, [])
  })
  await t.test('while it waits for the next attempt', async (t) => {
    const broker = rawBroker()
    const { link, clock } = opened(t, { network: broker.network })
    const { stream } = await broker.connection(0)
    stream.destroy()
    await clock.untilTimer()
    await link.close()
    t.strictSame(clock.delays, [])
    clock.advance(10_000)
    t.equal(broker.connections.length, 1)
  })
})

t.test('it can be closed by who is told that it is down, and leaves no timer', async (t) => {
  const clock = new ManualClock()
  const broker = rawBroker()
  const options = {
    url: 'mqtt://broker:1883',
    credentials: async () => ({ username: 'admin', password: PASSWORD }),
    subscriptions: [],
    network: broker.network,
    clock,
    random: systemRandom,
  }
  const told = new Promise<Refusal>((resolve) => {
    const down = (refusal: Refusal): void => void link.close().then(() => resolve(refusal))
    const link = openMqttLink(options, { up() {}, down, message() {} })
  })
  const connection = await broker.connection(0)
  await connection.packet(PACKET.connect)
  connection.acknowledge(4)
  t.match(await told, { kind: 'wrong-password' })
  t.strictSame(clock.delays, [])
})

t.test('garbage from the other side ends the connection, and nothing else', async (t) => {
  const { connection, fact, nextAttempt, broker } = await rawUp(t)
  connection.stream.write(Buffer.from([0xf0, 0xff, 0xff, 0xff, 0xff, 0xff]))
  t.match(await fact(1), { kind: 'lost', reason: /^the connection to .* failed/ }, 'a broker that had answered')
  await nextAttempt()
  await broker.connection(1)
})
