import t from 'tap'
import { SystemTopics } from '../../../src/broker/system-topics.ts'
import { Traffic } from '../../../src/broker/traffic.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'

function rig(intervalMs?: number) {
  const clock = new ManualClock()
  const traffic = new Traffic()
  const published: [string, string][] = []
  const counts = { connected: 2, away: 1 }
  const topics = new SystemTopics({
    sources: {
      traffic,
      clientsConnected: () => counts.connected,
      clientsAway: () => counts.away,
      subscriptions: () => 3,
      kept: () => ({ retainedMessages: 4, queuedMessages: 5, queueDrops: 0, retainDrops: 0, storeFailures: 0 }),
      dropped: () => 6,
      connections: () => 7,
    },
    clock,
    intervalMs,
    publish: (topic, payload) => published.push([topic, payload]),
  })
  t.teardown(() => topics.close())
  /** What was published last on a topic. */
  const last = (topic: string) => published.findLast(([name]) => name === `$SYS/broker/${topic}`)?.[1]
  return { clock, traffic, published, counts, topics, last }
}

t.test('it tells what Mosquitto tells, under the same names', async (t) => {
  const { topics, traffic, last } = rig()
  Object.assign(traffic.received, { bytes: 100, packets: 10, publishes: 5 })
  Object.assign(traffic.sent, { bytes: 200, packets: 20, publishes: 15 })
  topics.start()
  for (const [topic, payload] of [
    ['uptime', '0 seconds'],
    ['clients/connected', '2'],
    ['clients/disconnected', '1'],
    ['clients/total', '3'],
    ['clients/maximum', '3'],
    ['messages/received', '10'],
    ['messages/sent', '20'],
    ['messages/stored', '5'],
    ['publish/messages/received', '5'],
    ['publish/messages/sent', '15'],
    ['publish/messages/dropped', '6'],
    ['bytes/received', '100'],
    ['bytes/sent', '200'],
    ['subscriptions/count', '3'],
    ['retained messages/count', '4'],
    ['load/messages/received/1min', '0.00'],
  ] as const) {
    t.equal(last(topic), payload, topic)
  }
  t.match(last('version'), /^mqtt-crossing version \d/)
  t.ok(Number(last('heap/current')) > 1_000_000)
})

t.test('it tells every ten seconds what has changed, and nothing else', async (t) => {
  const { topics, clock, published, counts, last } = rig()
  topics.start()
  const before = published.length
  counts.connected = 1
  clock.advance(9999)
  t.equal(published.length, before)
  clock.advance(1)
  const changed = published.slice(before).map(([topic]) => topic)
  t.ok(changed.includes('$SYS/broker/uptime'))
  t.ok(changed.includes('$SYS/broker/clients/connected'))
  t.notOk(changed.includes('$SYS/broker/version'))
  t.equal(last('uptime'), '10 seconds')
  t.equal(last('clients/maximum'), '3', 'as it once was')
  topics.close()
  t.strictSame(clock.delays, [])
})

t.test('loads are counts a minute that forget over one, five and fifteen minutes', async (t) => {
  const { topics, clock, traffic, last } = rig()
  topics.start()
  traffic.received.publishes += 100
  clock.advance(10_000)
  // 600 a minute in the last ten seconds, and nothing before.
  for (const [over, seconds] of [
    ['1min', 60],
    ['5min', 300],
    ['15min', 900],
  ] as const) {
    t.equal(last(`load/publish/received/${over}`), (600 * (1 - Math.exp(-10 / seconds))).toFixed(2))
  }
  clock.advance(600_000)
  t.ok(Number(last('load/publish/received/1min')) < 0.1)
  t.ok(Number(last('load/publish/received/15min')) > 1)
})

t.test('it can be told another interval, and to be silent', async (t) => {
  const often = rig(1000)
  often.topics.start()
  t.strictSame(often.clock.delays, [1000])
  const never = rig(0)
  never.topics.start()
  t.strictSame(never.published, [])
  t.strictSame(never.clock.delays, [])
})
