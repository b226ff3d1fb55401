import t from 'tap'
import { RefusedLogIns } from '../../../src/broker/refused-log-ins.ts'
import { parseRefusedLogIn, type RefusedLogIn } from '../../../src/protocol/system.ts'
import { brokerPair, usersOf } from '../../fixtures/broker-pair.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'

const refused = (user: string | null) => ({ user, from: '10.0.0.7', reason: 'wrong user name or password' })

function rig() {
  const clock = new ManualClock()
  const told: RefusedLogIn[] = []
  return { clock, told, logIns: new RefusedLogIns(clock, (one) => told.push(one)) }
}

t.test('the first is told at once, those of the next second together, by the newest', async (t) => {
  const { clock, told, logIns } = rig()
  logIns.note(refused('eva'))
  t.strictSame(told, [{ ...refused('eva'), count: 1 }])
  for (let count = 0; count < 1000; count++) logIns.note(refused(null))
  logIns.note(refused('bob'))
  t.equal(told.length, 1)
  clock.advance(1000)
  t.strictSame(told.slice(1), [{ ...refused('bob'), count: 1001 }])
  logIns.note(refused('eva'))
  t.equal(told.length, 2)
  clock.advance(1000)
  t.equal(told.length, 3)
})

t.test('after a quiet second the next one is told at once again; nothing else is told', async (t) => {
  const { clock, told, logIns } = rig()
  logIns.note(refused('eva'))
  clock.advance(60_000)
  t.equal(told.length, 1)
  logIns.note(refused('eva'))
  t.equal(told.length, 2)
  t.equal(clock.delays.length, 1)
  logIns.close()
  t.strictSame(clock.delays, [])
})

t.test('an admin hears of it, and nobody else; a name that is none is not repeated', async (t) => {
  const admin = { roles: [{ role: 'admin', crossing: 'demo' }] } as const
  const viewer = { roles: [{ role: 'viewer', crossing: 'demo' }], subscribe: ['#'] } as const
  const { connect } = await brokerPair(t, usersOf({ boss: admin, eva: viewer, eve: {} }))
  const boss = await connect('boss')
  const eva = await connect('eva')
  await boss.mqtt.subscribeAsync('$SYS/broker/log-ins/#')
  await eva.mqtt.subscribeAsync('#')
  await t.rejects(eva.mqtt.subscribeAsync('$SYS/broker/log-ins/refused'))
  await t.rejects(connect('my secret password'))
  const [message] = await boss.received(1)
  t.match(message, { topic: '$SYS/broker/log-ins/refused', retain: false })
  t.strictSame(parseRefusedLogIn(Buffer.from(message?.payload ?? '')), {
    user: null,
    from: 'this process',
    reason: 'wrong user name or password',
    count: 1,
  })
  t.notMatch(message?.payload, 'secret')
  await t.rejects(connect('eve', { password: 'guess' }))
  const [, next] = await boss.received(2)
  t.match(parseRefusedLogIn(Buffer.from(next?.payload ?? '')), { user: 'eve', count: 1 })
  t.strictSame(eva.messages, [])
  t.notMatch(JSON.stringify(boss.messages), 'guess')
})

t.test('garbage is no refused log-in', async (t) => {
  for (const text of ['', '{', '{"user":1}', JSON.stringify({ ...refused('eva') })])
    t.equal(parseRefusedLogIn(Buffer.from(text)), null, text)
})
