import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { connect as connectTcp, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Passwords } from '../../../src/broker/auth/password.ts'
import { encodeUsers, type User, type Users } from '../../../src/broker/auth/users.ts'
import { type Broker, type BrokerOptions, startBroker } from '../../../src/broker/broker.ts'
import type { Logger } from '../../../src/platform/log.ts'
import { brokerPair, PASSWORD, quickPasswords, RecordingLogger, usersOf } from '../../fixtures/broker-pair.ts'
import { connectAsync, type IClientOptions, type MqttClient } from '../../fixtures/mqtt.ts'

async function tcpBroker(t: Test, options: Partial<BrokerOptions> = {}, passwords = quickPasswords) {
  const log = new RecordingLogger()
  const broker = await startBroker({ users: usersOf({ ann: {} }), port: 0, ...options }, { logger: log, passwords })
  t.teardown(() => broker.close())
  return { broker, log }
}

const dial = (broker: Broker, username: string, options: IClientOptions = {}): Promise<MqttClient> =>
  connectAsync(broker.url ?? '', { username, password: PASSWORD, reconnectPeriod: 0, ...options }, false)

const closed = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once('close', () => resolve()))

const portOf = (broker: Broker): number => broker.port ?? 0

t.test('clients talk over TCP on a port of the system’s choice', async (t) => {
  const users = usersOf({ ann: { publish: ['a'], subscribe: ['a'] } })
  const { broker, log } = await tcpBroker(t, { users })
  t.match(broker.url, /^mqtt:\/\/127\.0\.0\.1:\d+$/)
  const client = await dial(broker, 'ann')
  await client.subscribeAsync('a')
  const message = new Promise((resolve) => client.once('message', (_topic, payload) => resolve(payload.toString())))
  client.publish('a', 'hello')
  t.equal(await message, 'hello')
  t.match(log.of('client_connected'), [{ user: 'ann', address: /^127\.0\.0\.1:\d+$/ }])
  await client.endAsync()
  await log.waitFor('client_disconnected')
})

t.test('a broker without a port has neither port nor URL, and serves this process', async (t) => {
  const { broker, connect } = await brokerPair(t, usersOf({ ann: {} }))
  t.equal(broker.port, null)
  t.equal(broker.url, null)
  t.ok((await connect('ann')).mqtt.connected)
})

t.test('a port in use is an error that says what to do', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  await t.rejects(startBroker({ users: new Map(), port }), {
    code: 'failed',
    message: /is in use: stop what listens there/,
  })
})

t.test('an address that is not of this machine is an error', async (t) => {
  const start = startBroker({ users: new Map(), port: 0, host: '192.0.2.1' })
  await t.rejects(start, { code: 'failed', message: /no such address/ })
})

t.test('a users file that is missing or wrong is a configuration error', async (t) => {
  const folder = t.testdir({ 'bad.json': '{' })
  await t.rejects(startBroker({ users: join(folder, 'none.json'), port: false }), { code: 'configuration' })
  await t.rejects(startBroker({ users: join(folder, 'bad.json'), port: false }), { code: 'configuration' })
})

t.test('refused with code 4, at once: unknown user, wrong password, no password, nobody', async (t) => {
  const { connect, log } = await brokerPair(t, usersOf({ ann: {} }))
  const refused = (name: string, options: IClientOptions) => t.rejects(connect(name, options), { code: 4 })
  await refused('bob', {})
  await refused('ann', { password: 'wrong' })
  await refused('ann', { password: '' })
  await refused('__proto__', {})
  t.equal(log.of('client_refused').length, 4)
  t.match(log.of('client_refused')[0], { user: 'bob', code: 4, reason: 'wrong user name or password' })
  t.notMatch(JSON.stringify(log.lines), PASSWORD)
})

t.test('an empty client id is refused with code 2 unless the session is clean', async (t) => {
  const { connect, broker } = await brokerPair(t, usersOf({ ann: {} }))
  t.ok((await connect('ann', { clientId: '' })).mqtt.connected)
  // MQTT.js refuses to send this itself, so here are the bytes: CONNECT, MQTT 4, user and password, an empty id.
  const stream = broker.connect()
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc0, 0, 10]), text(''), text('ann'), text(PASSWORD)])
  stream.write(Buffer.concat([Buffer.from([0x10, body.length]), body]))
  await once(stream, 'readable')
  t.strictSame(stream.read(), Buffer.from([0x20, 2, 0, 2]))
})

t.test('a client id in use is refused to another user, and taken over by its own', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ ann: {}, eve: {} }))
  const first = await connect('ann', { clientId: 'id' })
  await t.rejects(connect('eve', { clientId: 'id' }), { code: 2 })
  await t.rejects(connect('eve', { clientId: 'id', clean: false }), { code: 2 })
  t.ok(first.mqtt.connected)
  const gone = closed(first.mqtt)
  const second = await connect('ann', { clientId: 'id' })
  await gone
  t.ok(second.mqtt.connected)
})

t.test('a stored session is never inherited by another user', async (t) => {
  const reader: Partial<User> = { subscribe: ['a'], publish: ['a'] }
  const { connect } = await brokerPair(t, usersOf({ ann: reader, eve: reader }))
  const first = await connect('ann', { clientId: 'id', clean: false })
  await first.mqtt.subscribeAsync('a', { qos: 1 })
  await first.mqtt.endAsync()
  const eve = await connect('eve')
  await eve.mqtt.publishAsync('a', 'for ann', { qos: 1 })
  await t.rejects(connect('eve', { clientId: 'id', clean: false }), { code: 2 })
  await t.rejects(connect('eve', { clientId: 'id', clean: true }), { code: 2 })
  const again = await connect('ann', { clientId: 'id', clean: false })
  t.match(await again.received(1), [{ payload: 'for ann' }])
})

t.test('accounts of this run win over users of the same name', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ ann: { subscribe: ['a'] } }), {
    accounts: usersOf({ ann: { subscribe: ['b'] }, run: {} }),
  })
  const ann = await connect('ann')
  await ann.mqtt.subscribeAsync('b')
  await t.rejects(ann.mqtt.subscribeAsync('a'))
  t.ok((await connect('run')).mqtt.connected)
})

/** A broker on a users file, and a way to replace that. */
async function brokerOnFile(t: Test, users: Users, options: Partial<BrokerOptions> = {}) {
  const folder = t.testdir({ 'users.json': encodeUsers(users) })
  const pair = await tcpBroker(t, { users: join(folder, 'users.json'), ...options })
  let changes = 0
  const change = async (changed: Users): Promise<void> => {
    writeFileSync(join(folder, 'new.json'), encodeUsers(changed))
    renameSync(join(folder, 'new.json'), join(folder, 'users.json'))
    changes += 1
    await pair.log.waitFor('users_file_read', changes)
  }
  return { ...pair, change }
}

t.test('a user who is removed or changed is cut at once, and nobody else', async (t) => {
  const { broker, change, log } = await brokerOnFile(t, usersOf({ ann: {}, bob: {}, cid: {} }))
  const [ann, bob, cid] = [await dial(broker, 'ann'), await dial(broker, 'bob'), await dial(broker, 'cid')]
  const cut = Promise.all([closed(ann), closed(bob)])
  await change(usersOf({ bob: { publish: ['a'] }, cid: {} }))
  await cut
  t.ok(cid.connected)
  t.strictSame(
    log.of('client_cut').map((fields) => Reflect.get(fields, 'user')),
    ['ann', 'bob'],
  )
  await t.rejects(dial(broker, 'ann'), { code: 4 })
  const again = await dial(broker, 'bob')
  await again.publishAsync('a', 'now allowed', { qos: 1 })
  t.strictSame(log.of('publish_refused'), [])
})

t.test('a new password takes effect at once: the old one is remembered by nobody', async (t) => {
  const { broker, change } = await brokerOnFile(t, usersOf({ ann: {}, bob: {} }))
  const bob = await dial(broker, 'bob')
  await (await dial(broker, 'ann')).endAsync()
  await (await dial(broker, 'ann')).endAsync()
  await change(usersOf({ ann: { hash: await quickPasswords.hash('another') }, bob: {} }))
  await t.rejects(dial(broker, 'ann'), { code: 4 })
  await (await dial(broker, 'ann', { password: 'another' })).endAsync()
  t.ok(bob.connected)
})

t.test('a user who is refused for too many wrong passwords gets in once the operator sets a new one', async (t) => {
  const { broker, change, log } = await brokerOnFile(t, usersOf({ ann: {} }), { limits: { failuresMax: 2 } })
  const password = 'another'
  for (let count = 0; count < 3; count += 1) await t.rejects(dial(broker, 'ann', { password }), { code: 4 })
  t.match(log.of('client_refused'), [{ reason: /^wrong/ }, { reason: /^wrong/ }, { reason: /^too many/ }])
  await change(usersOf({ ann: { hash: await quickPasswords.hash(password) } }))
  await (await dial(broker, 'ann', { password })).endAsync()
})

t.test('a stored session loses what its user may no longer read', async (t) => {
  const { broker, change } = await brokerOnFile(
    t,
    usersOf({ ann: { subscribe: ['a', 'secret'] }, bob: { publish: ['a', 'secret'] } }),
  )
  const stored = { clientId: 'id', clean: false }
  const ann = await dial(broker, 'ann', stored)
  await ann.subscribeAsync(['a', 'secret'], { qos: 1 })
  await ann.endAsync()
  const bob = await dial(broker, 'bob')
  await bob.publishAsync('secret', 'queued', { qos: 1 })
  await change(usersOf({ ann: { subscribe: ['a'] }, bob: { publish: ['a', 'secret'] } }))
  const topicsUpToFence = async (): Promise<string[]> => {
    const client = await dial(broker, 'ann', stored)
    const topics: string[] = []
    const fenced = new Promise<void>((resolve) => {
      client.on('message', (topic) => {
        topics.push(topic)
        if (topic === 'a') resolve()
      })
    })
    await bob.publishAsync('secret', 'online', { qos: 1 })
    await bob.publishAsync('a', 'fence', { qos: 1 })
    await fenced
    await client.endAsync()
    return topics
  }
  t.strictSame(await topicsUpToFence(), ['a'])
  await change(usersOf({ ann: { subscribe: ['a', 'secret'] }, bob: { publish: ['a', 'secret'] } }))
  t.strictSame(await topicsUpToFence(), ['a'], 'nothing has gathered for the day that the right comes back')
})

t.test('a log-in that fails by a defect ends that connection alone', async (t) => {
  const failing: Passwords = { ...quickPasswords, verify: () => Promise.reject(new Error('defect')) }
  const { broker, log } = await tcpBroker(t, {}, failing)
  await t.rejects(dial(broker, 'ann'))
  t.match(log.of('client_failed'), [{ reason: 'defect' }])
  await t.rejects(dial(broker, 'ann'))
})

t.test('a question that fails by a defect is answered with no', async (t) => {
  const log = new RecordingLogger()
  const warn: Logger['warn'] = (fields, event) => {
    if (event === 'publish_refused') throw new Error('defect')
    log.warn(fields, event)
  }
  const logger: Logger = { debug: log.debug, info: log.info, warn, error: log.error }
  const broker = await startBroker({ users: usersOf({ ann: {} }), port: 0 }, { logger, passwords: quickPasswords })
  t.teardown(() => broker.close())
  const client = await dial(broker, 'ann')
  await client.publishAsync('a', 'forged', { qos: 1 })
  t.match(log.of('question_unanswered'), [{ reason: 'defect' }])
  await client.endAsync()
})

t.test('while a demo account is left the broker listens on loopback, and moves by itself', async (t) => {
  const demo = usersOf({ light1: { demo: true }, ann: {} })
  const { broker, change, log } = await brokerOnFile(t, demo, { host: '0.0.0.0' })
  const port = portOf(broker)
  t.match(log.of('demo_accounts_keep_broker_on_loopback'), [
    { accounts: ['light1'], remedies: [/crossing user passwd light1/] },
  ])
  t.match(log.of('listening'), [{ host: '127.0.0.1', port }])
  const client = await dial(broker, 'ann')
  await change(usersOf({ light1: {}, ann: {} }))
  t.match((await log.waitFor('listening', 2))[1], { host: '0.0.0.0', port })
  t.equal(broker.port, port)
  t.equal(broker.url, `mqtt://127.0.0.1:${port}`)
  await (await dial(broker, 'light1')).endAsync()
  await change(demo)
  t.match((await log.waitFor('listening', 3))[2], { host: '127.0.0.1', port })
  t.equal(log.of('demo_accounts_keep_broker_on_loopback').length, 2)
  t.ok(client.connected)
  t.strictSame(
    log.of('client_cut').map((fields) => Reflect.get(fields, 'user')),
    [],
    'the light had ended its connection itself',
  )
})

t.test('on loopback demo accounts are nobody’s business', async (t) => {
  const { log } = await tcpBroker(t, { users: usersOf({ light1: { demo: true } }), host: '127.0.0.1' })
  t.strictSame(log.of('demo_accounts_keep_broker_on_loopback'), [])
})

t.test('closing ends every connection, twice is fine, and a later one is broken from the start', async (t) => {
  const { broker } = await tcpBroker(t)
  const client = await dial(broker, 'ann')
  const idle = connectTcp(portOf(broker), '127.0.0.1')
  const silent = broker.connect()
  silent.resume()
  await once(idle, 'connect')
  const ends = Promise.all([closed(client), once(idle.resume(), 'close'), once(silent, 'close')])
  const startMs = performance.now()
  await Promise.all([broker.close(), broker.close()])
  await broker[Symbol.asyncDispose]()
  await ends
  t.ok(performance.now() - startMs < 2000)
  const late = broker.connect()
  const [error] = await once(late, 'error')
  t.match(error, { code: 'ECONNREFUSED' })
  await t.rejects(dial(broker, 'ann'), { code: 'ECONNREFUSED' })
})

t.test('closing does not wait for clients that do not read, nor for log-ins under way', async (t) => {
  const users = usersOf({ ann: { publish: ['a'], subscribe: ['a'] } })
  const broker = await startBroker({ users, port: 0 })
  t.teardown(() => broker.close())
  const stuck = await dial(broker, 'ann')
  await stuck.subscribeAsync('a')
  stuck.stream.pause()
  const sender = await dial(broker, 'ann')
  for (let sent = 0; sent < 10; sent += 1) await sender.publishAsync('a', Buffer.alloc(60_000), { qos: 1 })
  const late = Array.from({ length: 20 }, () => t.rejects(dial(broker, 'nobody')))
  await new Promise((resolve) => setImmediate(resolve))
  const startMs = performance.now()
  await broker.close()
  t.ok(performance.now() - startMs < 2000)
  await Promise.all(late)
  stuck.stream.destroy()
})

t.test('a broker listens to no signal', async (t) => {
  const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')
  await tcpBroker(t)
  t.equal(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM'), before)
})
