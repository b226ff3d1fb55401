import t from 'tap'
import { Metrics } from '../../../src/broker/metrics.ts'
import { Traffic } from '../../../src/broker/traffic.ts'

function rig() {
  const traffic = new Traffic()
  const metrics = new Metrics({
    traffic,
    connections: () => 1,
    pending: () => 2,
    subscriptions: () => 3,
    sessions: () => 4,
    kept: () => ({ retainedMessages: 5, queuedMessages: 7, queueDrops: 8, retainDrops: 9, storeFailures: 3 }),
    loginsWaiting: () => 6,
  })
  t.teardown(() => metrics.close())
  return { traffic, metrics }
}

t.test('everything counted is there for Prometheus, with its help and its type', async (t) => {
  const { metrics, traffic } = rig()
  traffic.received.bytes = 12
  traffic.sent.publishes = 34
  metrics.connectionAccepted()
  metrics.connectionRefused('pendingMax')
  metrics.limitReached('subscriptionsMax')
  metrics.limitReached('subscriptionsMax')
  metrics.login('accepted')
  metrics.messageDropped('not_authorized')
  metrics.passwordChecked(0.15)
  metrics.report('demo')
  metrics.command('demo')
  metrics.trip('demo')
  const text = await metrics.text()
  const lines = text.split('\n')
  for (const line of [
    'connections 1',
    'connections_pending 2',
    'connections_total 1',
    'subscriptions 3',
    'sessions 4',
    'retained_messages 5',
    'queued_messages 7',
    'messages_dropped_total{reason="queue_full"} 8',
    'messages_dropped_total{reason="retained_full"} 9',
    'logins_waiting 6',
    'received_bytes_total 12',
    'messages_sent_total 34',
    'connections_refused_total{limit="pendingMax"} 1',
    'limits_reached_total{limit="subscriptionsMax"} 2',
    'logins_total{result="accepted"} 1',
    'messages_dropped_total{reason="not_authorized"} 1',
    'bcrypt_seconds_bucket{le="0.1"} 0',
    'bcrypt_seconds_bucket{le="0.2"} 1',
    'reports_total{crossing="demo"} 1',
    'commands_total{crossing="demo"} 1',
    'trips_total{crossing="demo"} 1',
  ]) {
    t.ok(lines.includes(`crossing_broker_${line}`), line)
  }
  t.match(text, /^# HELP crossing_broker_connections .+\n# TYPE crossing_broker_connections gauge$/m)
  t.match(text, /^crossing_broker_process_resident_memory_bytes \d+$/m)
  t.match(text, /^crossing_broker_process_cpu_seconds_total [\d.]+$/m)
  for (const line of lines) t.ok(line === '' || line.includes('crossing_broker_'), 'nothing is there but ours')
  t.equal(metrics.accepted, 1)
  t.equal(metrics.dropped, 18)
})

t.test('asked again it counts nothing twice', async (t) => {
  const { metrics } = rig()
  metrics.report('demo')
  await metrics.text()
  t.match(await metrics.text(), /^crossing_broker_reports_total\{crossing="demo"\} 1$/m)
})

t.test('a hundred crossings are told apart, and all others are one', async (t) => {
  const { metrics } = rig()
  for (let index = 0; index < 150; index += 1) metrics.report(`crossing-${index}`)
  metrics.command('crossing-0')
  metrics.command('crossing-149')
  const text = await metrics.text()
  t.equal(text.split('\n').filter((line) => line.startsWith('crossing_broker_reports_total{')).length, 101)
  t.match(text, /^crossing_broker_reports_total\{crossing="other"\} 50$/m)
  t.match(text, /^crossing_broker_commands_total\{crossing="crossing-0"\} 1$/m)
  t.match(text, /^crossing_broker_commands_total\{crossing="other"\} 1$/m)
})

t.test('two brokers in one process have nothing in common', async (t) => {
  const [one, other] = [rig(), rig()]
  one.metrics.report('demo')
  t.notMatch(await other.metrics.text(), /demo/)
})
