/** Every limit against real sockets: who goes over it suffers alone, and it is said who and which. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { PASSWORD, usersOf } from '../../fixtures/broker-pair.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'
import { connectAsync } from '../../fixtures/mqtt.ts'
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
  subscribePacket,
  text,
} from '../../fixtures/raw-mqtt.ts'
import { tcpBroker } from '../../fixtures/tcp-broker.ts'

t.test('a thousand half-open connections hold up nobody, and end at their deadline', async (t) => {
  const clock = new ManualClock()
  const { port, othersGoOn, metric, log } = await tcpBroker(t, {}, clock)
  await othersGoOn()
  const before = process.memoryUsage().rss
  const open: Socket[] = []
  for (let count = 0; count < 1000; count += 1) {
    const socket = await rawSocket(port)
    if (count % 2 === 0) socket.write(connectPacket('ann').subarray(0, 20))
    open.push(socket)
  }
  await othersGoOn()
  t.equal(await metric('connections_pending'), 1000)
  t.ok(process.memoryUsage().rss - before < 100 * MIB, 'both ends of a connection take less than 100 KB')
  const ends = open.map(gone)
  clock.advance(5000)
  await Promise.all(ends)
  await othersGoOn()
  t.equal(await metric('connections_pending'), 0)
  t.equal(await metric('limits_reached_total{limit="connectMsMax"}'), 1000)
  t.match(log.of('client_cut'), [{ limit: 'connectMsMax', value: 5000, address: /^127\.0\.0\.1:/ }])
  t.equal(log.of('client_cut').length, 1, 'a flood of them is one line')
})

t.test('a CONNECT that trickles in byte by byte has the same deadline', async (t) => {
  const clock = new ManualClock()
  const { port, broker } = await tcpBroker(t, {}, clock)
  const socket = await rawSocket(port)
  const end = gone(socket)
  const bytes = connectPacket('ann')
  for (let at = 0; at < 5; at += 1) {
    socket.write(bytes.subarray(at, at + 1))
    while (!(await broker.metrics()).includes(`received_bytes_total ${at + 1}\n`)) await new Promise(setImmediate)
    t.notOk(socket.destroyed)
    clock.advance(1000)
  }
  await end
})

t.test('a connection that is logged in has no deadline', async (t) => {
  const clock = new ManualClock()
  const { port } = await tcpBroker(t, {}, clock)
  const socket = await loggedIn(port, 'ann')
  clock.advance(60_000)
  await answered(socket)
})

t.test('there are only so many connections that have not logged in, in all and from one address', async (t) => {
  const { port, othersGoOn, metric, log } = await tcpBroker(t, { limits: { pendingMax: 5, pendingPerAddressMax: 3 } })
  await othersGoOn()
  const open = [await rawSocket(port), await rawSocket(port), await rawSocket(port)]
  await gone(await rawSocket(port))
  t.match(log.of('limit_reached'), [{ limit: 'pendingPerAddressMax', value: 3, address: /^127\.0\.0\.1:/ }])
  open.push(await rawSocket(port, '127.0.0.2'), await rawSocket(port, '127.0.0.3'))
  await gone(await rawSocket(port, '127.0.0.4'))
  t.match(log.of('limit_reached')[1], { limit: 'pendingMax', value: 5, address: /^127\.0\.0\.4:/ })
  t.equal(await metric('connections_refused_total{limit="pendingMax"}'), 1)
  t.equal(await metric('connections_refused_total{limit="pendingPerAddressMax"}'), 1)
  await othersGoOn()
  for (const socket of open) socket.destroy()
  while ((await metric('connections_pending')) > 0) await new Promise(setImmediate)
  await loggedIn(port, 'ann')
})

t.test('there are only so many connections, in all and from one address', async (t) => {
  const limits = { connectionsMax: 3, connectionsPerAddressMax: 2 }
  const { port, metric, log } = await tcpBroker(t, { limits })
  const first = await loggedIn(port, 'ann')
  await loggedIn(port, 'ann')
  await gone(await rawSocket(port))
  await rawSocket(port, '127.0.0.2')
  await gone(await rawSocket(port, '127.0.0.3'))
  t.match(log.of('limit_reached'), [{ limit: 'connectionsPerAddressMax', value: 2 }, { limit: 'connectionsMax' }])
  first.end(packet(0xe0))
  await gone(first)
  while ((await metric('connections')) > 2) await new Promise(setImmediate)
  await loggedIn(port, 'ann')
})

t.test('a client holds so many subscriptions, and one more is refused alone', async (t) => {
  const { port, metric, log, othersGoOn } = await tcpBroker(t)
  const filters = Array.from({ length: 103 }, (_, index) => `e/${index}`)
  const socket = await loggedIn(port, 'eve')
  socket.write(subscribePacket(filters))
  const suback = await bytesFrom(socket, 2 + 2 + 103)
  t.strictSame([...suback.subarray(4)], [...Array(100).fill(0), 0x80, 0x80, 0x80])
  socket.write(subscribePacket(['e/1']))
  t.equal((await bytesFrom(socket, 5))[4], 0, 'what it has it may renew')
  t.equal(await metric('subscriptions'), 100)
  t.match(log.of('limit_reached'), [{ limit: 'subscriptionsMax', value: 100, user: 'eve', topic: 'e/100' }])
  t.equal(log.of('limit_reached').length, 1)
  t.equal(await metric('limits_reached_total{limit="subscriptionsMax"}'), 3)
  socket.write(packet(0xa2, Buffer.from([0, 2]), text('e/1')))
  await bytesFrom(socket, 4)
  socket.write(subscribePacket(['e/102']))
  t.equal((await bytesFrom(socket, 5))[4], 0, 'one less makes room')
  await othersGoOn()
  socket.destroy()
  while ((await metric('subscriptions')) > 1) await new Promise(setImmediate)
})

t.test('a stored session holds no more subscriptions than a connection', async (t) => {
  const { port, othersGoOn } = await tcpBroker(t, { limits: { subscriptionsMax: 2 } })
  const stored = { clientId: 'stored', clean: false }
  const first = await loggedIn(port, 'eve', stored)
  // The last is granted, and with it aedes stores the whole packet once more.
  first.write(subscribePacket(['e/1', 'e/2'], 1))
  await bytesFrom(first, 6)
  first.write(subscribePacket(['e/3', 'e/2'], 1))
  t.strictSame([...(await bytesFrom(first, 6)).subarray(4)], [0x80, 1])
  first.end(packet(0xe0))
  await gone(first)
  const writer = await loggedIn(port, 'eve')
  for (const [index, topic] of ['e/3', 'e/1'].entries()) writer.write(publishPacket(topic, 'x', index + 1))
  await bytesFrom(writer, 8)
  const again = await loggedIn(port, 'eve', stored)
  const message = await bytesFrom(again, 10)
  t.match(message.toString('latin1'), /e\/1/)
  writer.write(publishPacket('e/3', 'live', 3))
  writer.write(publishPacket('e/2', 'y', 4))
  t.match((await bytesFrom(again, 10)).toString('latin1'), /e\/2/)
  await othersGoOn()
})

t.test('a topic, a filter and a will have so many levels at most', async (t) => {
  const { port, dial, log, metric } = await tcpBroker(t)
  const [allowed, tooDeep] = [`e${'/x'.repeat(15)}`, `e${'/x'.repeat(16)}`]
  const eve = await dial('eve')
  t.equal((await eve.mqtt.subscribeAsync('e/#'))[0]?.qos, 0)
  const socket = await loggedIn(port, 'eve')
  socket.write(subscribePacket([allowed, tooDeep]))
  t.strictSame([...(await bytesFrom(socket, 6)).subarray(4)], [0, 0x80])
  await eve.mqtt.publishAsync(tooDeep, 'lost', { qos: 1 })
  await eve.mqtt.publishAsync(allowed, 'found', { qos: 1 })
  t.match(await eve.received(1), [{ topic: allowed }])
  const options = { username: 'eve', password: PASSWORD, reconnectPeriod: 0 }
  const will = { topic: tooDeep, payload: Buffer.from('x'), qos: 0, retain: false } as const
  await t.rejects(connectAsync(`mqtt://127.0.0.1:${port}`, { ...options, will }, false), { code: 5 })
  t.match(log.of('limit_reached'), [
    { limit: 'topicLevelsMax', value: 16, user: 'eve', topic: tooDeep },
    { limit: 'topicLevelsMax', user: undefined },
  ])
  t.equal(await metric('limits_reached_total{limit="topicLevelsMax"}'), 3)
  t.equal(await metric('messages_dropped_total{reason="too_many_levels"}'), 1)
})

t.test('who publishes too fast is read more slowly, and nobody else is', async (t) => {
  const clock = new ManualClock()
  const limits = { publishesPerSecondMax: 100 }
  const { port, dial, othersGoOn, log, metric } = await tcpBroker(t, { limits }, clock)
  await othersGoOn()
  const reader = await dial('eve')
  await reader.mqtt.subscribeAsync('e/#')
  const flooder = await loggedIn(port, 'eve')
  const before = await metric('messages_received_total')
  const flood = Buffer.concat(Array.from({ length: 1000 }, (_, index) => publishPacket('e/1', `${index}`)))
  for (let turn = 0; turn < 1000; turn += 1) flooder.write(flood)
  await reader.received(200)
  await othersGoOn()
  t.equal((await metric('messages_received_total')) - before, 201, 'two seconds at once, and the others')
  t.match(log.of('limit_reached'), [{ limit: 'publishesPerSecondMax', value: 100, user: 'eve' }])
  clock.advance(1000)
  await reader.received(300)
  await othersGoOn()
  t.equal((await metric('messages_received_total')) - before, 302)
  t.strictSame(
    reader.messages.slice(0, 300).map(({ payload }) => Number(payload)),
    Array.from({ length: 300 }, (_, index) => index),
  )
  t.ok(flooder.writableLength > MIB, 'what it sends stays with it')
  t.strictSame(log.of('client_cut'), [])
  flooder.destroy()
})

t.test('who is read more slowly is not taken for dead, and who dies meanwhile is', async (t) => {
  const { port, dial, log } = await tcpBroker(t, { limits: { publishesPerSecondMax: 20 } })
  const reader = await dial('eve')
  await reader.mqtt.subscribeAsync('e/#')
  const flooder = await loggedIn(port, 'eve', { keepaliveS: 1, clientId: 'flooder' })
  const messages = Array.from({ length: 100 }, (_, index) => publishPacket('e/1', `${index}`))
  flooder.write(Buffer.concat([...messages, packet(0xc0)]))
  // Three seconds of reading, twice what its keepalive allows, and only then its ping.
  await reader.received(100)
  t.strictSame(await bytesFrom(flooder, 2), Buffer.from([0xd0, 0]))
  t.notOk(flooder.destroyed)
  await gone(flooder)
  t.match(await log.waitFor('connection_failed'), [{ reason: 'keep alive timeout', client: 'flooder' }])
})

t.test('20 packets of 100 MB cost less than 10 MB, before log-in and after', async (t) => {
  const { port, othersGoOn, metric } = await tcpBroker(t)
  await othersGoOn()
  const chunk = Buffer.alloc(MIB)
  for (const isLoggedIn of [false, true]) {
    const attackers = await Promise.all(
      Array.from({ length: 20 }, () => (isLoggedIn ? loggedIn(port, 'eve') : rawSocket(port))),
    )
    globalThis.gc?.()
    const before = process.memoryUsage()
    const ends = attackers.map(gone)
    for (const socket of attackers) {
      socket.write(header(isLoggedIn ? 0x30 : 0x10, 100_000_000))
      for (let sent = 0; sent < 100; sent += 1) socket.write(chunk)
    }
    await othersGoOn()
    await Promise.all(ends)
    const after = process.memoryUsage()
    t.ok(after.arrayBuffers - before.arrayBuffers < 10 * MIB, 'no packet is collected')
    await othersGoOn()
  }
  t.equal(await metric('limits_reached_total{limit="connectBytesMax"}'), 20)
  t.equal(await metric('limits_reached_total{limit="packetBytesMax"}'), 20)
})

t.test('a frozen subscriber is cut, a slow one is not, and nobody waits for either', async (t) => {
  const { port, dial, othersGoOn, log, metric } = await tcpBroker(t)
  await othersGoOn()
  const [frozen, slow] = [await loggedIn(port, 'eve'), await loggedIn(port, 'eve')]
  for (const socket of [frozen, slow]) {
    socket.write(subscribePacket(['e/#']))
    await bytesFrom(socket, 5)
    socket.pause()
  }
  const writer = await dial('eve')
  let read = 0
  for (let sent = 0; log.of('client_cut').length === 0; sent += 1) {
    await writer.mqtt.publishAsync('e/1', Buffer.alloc(60_000), { qos: 1 })
    // The slow one always has something left to read, but never more than its limit.
    for (let part: Buffer | null = slow.read(); part !== null && sent % 4 === 0; part = slow.read()) read += part.length
    if (sent % 20 === 0) await othersGoOn()
  }
  t.match(log.of('client_cut'), [{ limit: 'backlogBytesMax', value: MIB, user: 'eve', reason: 'it does not read' }])
  t.equal(await metric('limits_reached_total{limit="backlogBytesMax"}'), 1)
  frozen.resume()
  await once(frozen, 'close')
  t.ok(read > 0)
  t.notOk(slow.destroyed)
  await othersGoOn()
})

t.test('no line of the log holds a password, or anything of a CONNECT but the user name', async (t) => {
  const { port, log } = await tcpBroker(t)
  const url = `mqtt://127.0.0.1:${port}`
  const will = { topic: 'e/1', payload: Buffer.from('last words'), qos: 0, retain: false } as const
  const connect = (username: string, password: string) =>
    connectAsync(url, { username, password, will, reconnectPeriod: 0 }, false)
  await (await connect('eve', PASSWORD)).endAsync()
  await t.rejects(connect('eve', 'not the password'))
  await t.rejects(connect('nobody', 'not the password'))
  const broken = await rawSocket(port)
  broken.write(connectPacket('eve').fill(0xff, 2, 8))
  await gone(broken)
  const lines = JSON.stringify(log.lines)
  t.match(lines, /client_refused/)
  t.match(lines, /connection_failed/)
  for (const secret of [PASSWORD, 'not the password', 'last words']) t.notOk(lines.includes(secret), secret)
})

t.test('role admin reads what the broker says of itself, and nothing of its inside', async (t) => {
  const users = usersOf({
    ann: { publish: ['a'], subscribe: ['a'] },
    boss: { roles: [{ role: 'admin', crossing: 'demo' }] },
  })
  const clock = new ManualClock()
  const { dial, othersGoOn } = await tcpBroker(t, { users }, clock)
  const boss = await dial('boss')
  t.equal((await boss.mqtt.subscribeAsync('$SYS/#'))[0]?.qos, 0)
  await othersGoOn()
  clock.advance(10_000)
  while (!boss.messages.some(({ topic, payload }) => topic === '$SYS/broker/clients/connected' && payload === '3')) {
    await boss.received(boss.messages.length + 1)
  }
  t.ok(boss.messages.some(({ topic, retain }) => topic === '$SYS/broker/uptime' && retain))
  t.strictSame(
    boss.messages.map(({ topic }) => topic).filter((topic) => !topic.startsWith('$SYS/broker/')),
    [],
  )
  const ann = await dial('ann')
  for (const filter of ['$SYS/#', '$SYS/broker/uptime']) {
    t.equal((await ann.mqtt.subscribeAsync(filter).catch(() => [{ qos: 128 }]))[0]?.qos, 128)
  }
})
