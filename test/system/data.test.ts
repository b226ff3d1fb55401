/** What the broker keeps on disk, against kills, a full disk and a directory in use. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { PASSWORD, writeUsers } from '../fixtures/crossing-users.ts'
import { MqttPerson } from '../fixtures/mqtt-person.ts'
import { CLI, RunningProcess, runCrossing, startCrossing } from '../fixtures/processes.ts'

const TOPIC = 'crossings/demo/test'

/** A folder with users, and brokers on its data directory. */
function brokersIn(t: Test) {
  const cwd = t.testdir()
  writeUsers(join(cwd, 'users.json'))
  const argv = ['broker', '--port', '0', '--data', 'data']
  const people = new Set<MqttPerson>()
  const started = async (broker: RunningProcess): Promise<{ broker: RunningProcess; port: number }> => {
    t.teardown(() => broker.kill())
    return { broker, port: Number((await broker.logs('listening'))['port']) }
  }
  t.teardown(() => {
    for (const person of people) person.leave()
  })
  return {
    cwd,
    start: () => started(startCrossing(argv, { cwd })),
    /** One that may not write files beyond `kibibytes`, which fails as a full disk does. */
    startCramped(kibibytes: number) {
      const script = `ulimit -f ${kibibytes}; exec "$0" "$@"`
      return started(new RunningProcess('/bin/bash', ['-c', script, process.execPath, CLI, ...argv], { cwd }))
    },
    async person(port: number, clientId?: string): Promise<MqttPerson> {
      const session = clientId === undefined ? {} : { clientId, clean: false }
      const options = { username: 'forger', password: PASSWORD, reconnectPeriod: 0, ...session }
      const person = new MqttPerson({ host: '127.0.0.1', port }, options)
      people.add(person)
      await person.connected()
      return person
    },
  }
}

t.test('whatever was acknowledged outlives kill -9 in the middle of things', async (t) => {
  const { start, person } = brokersIn(t)
  const acknowledged: string[] = []
  const { broker: first, port: firstPort } = await start()
  const away = await person(firstPort, 'away')
  t.ok(await away.subscribe(`${TOPIC}/queued`))
  await away.client.endAsync()
  await first.kill()
  for (let round = 0; round < 3; round += 1) {
    const { broker, port } = await start()
    const writer = await person(port)
    const ended = broker.ended
    for (let index = 0; broker.ending === null; index += 1) {
      const name = `${round}-${index}`
      const both = Promise.all([
        writer.publish(`${TOPIC}/retained/${name}`, name, { retain: true }),
        writer.publish(`${TOPIC}/queued`, name),
      ])
      if (index === 40) broker.signal('SIGKILL')
      if ((await Promise.race([both.catch(() => null), ended.then(() => null)])) !== null) acknowledged.push(name)
    }
    writer.leave()
  }
  const { port } = await start()
  const reader = await person(port)
  await reader.subscribe(`${TOPIC}/retained/#`)
  const back = await person(port, 'away')
  for (const name of acknowledged) {
    await reader.hears(`${TOPIC}/retained/${name}`)
    await back.hears(`${TOPIC}/queued`, ({ payload }) => payload.toString() === name)
  }
  const queued = back.on(`${TOPIC}/queued`).map(({ payload }) => payload.toString())
  t.strictSame(
    queued.filter((name) => acknowledged.includes(name)),
    acknowledged,
    'in their order, once',
  )
  t.ok(acknowledged.length > 100)
})

t.test('SIGTERM writes what is kept and gives the directory back', async (t) => {
  const { start, person } = brokersIn(t)
  const { broker, port } = await start()
  const writer = await person(port)
  await writer.publish(TOPIC, 'kept', { qos: 0, retain: true })
  await writer.publish(`${TOPIC}/fence`, 'x')
  broker.signal('SIGTERM')
  t.same(await broker.ended, { code: 0, signal: null })
  const next = await start()
  const reader = await person(next.port)
  await reader.subscribe(TOPIC)
  t.equal((await reader.hears(TOPIC)).payload.toString(), 'kept')
})

t.test('a second broker on the same directory is refused, with one line and exit code 1', async (t) => {
  const { start, cwd } = brokersIn(t)
  const { broker } = await start()
  const second = await runCrossing(['broker', '--port', '0', '--data', 'data'], { cwd })
  t.equal(second.ending?.code, 1)
  t.match(second.stderr, /^crossing broker: the data directory data is in use: stop the broker [^\n]*\n$/)
  t.equal(broker.ending, null)
})

t.test('with a full disk it logs that and serves on', async (t) => {
  const { startCramped, start, person } = brokersIn(t)
  const { broker, port } = await startCramped(256)
  const [writer, reader] = [await person(port), await person(port)]
  await reader.subscribe(`${TOPIC}/#`)
  const payload = 'x'.repeat(20_000)
  for (let index = 0; index < 40; index += 1) {
    await writer.publish(`${TOPIC}/${index}`, payload, { retain: true })
    await reader.hears(`${TOPIC}/${index}`)
  }
  t.match(await broker.logs('store_failed'), { reason: /too large/i, remedy: /make room/ })
  const late = await person(port)
  await late.subscribe(`${TOPIC}/#`)
  await late.hears(`${TOPIC}/39`)
  t.equal(broker.ending, null)
  broker.signal('SIGTERM')
  t.same(await broker.ended, { code: 0, signal: null })
  const next = await start()
  t.equal(next.broker.ending, null, 'and what it left behind can be used')
})
