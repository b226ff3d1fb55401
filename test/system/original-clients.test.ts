/**
 * The clients of the demo that inspired this one, as they behave: paho with a user name, QoS 0, topics `light1` and
 * `light2`, payloads `red` and `green`. One leads, the other shows the opposite of what it hears.
 */
import t from 'tap'
import type { Rig } from '../fixtures/crossing-rig.ts'
import { MqttPerson } from '../fixtures/mqtt-person.ts'
import { rigTest } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

/** The original changes every 3000, ms. */
const PERIOD_MS = 200

const RIGHTS = ['--publish', 'light1', '--publish', 'light2', '--subscribe', 'light1', '--subscribe', 'light2']

async function addUser(rig: Rig, name: string, password: string): Promise<void> {
  const added = rig.start(['user', 'add', name, ...RIGHTS, '--users', 'users.json', '--cost', '4'], {
    input: `${password}\n`,
  })
  await added.closed
  t.equal(added.ending?.code, 0, added.stderr)
}

/** One client; paho's `loop_forever` connects again, and `on_connect` subscribes. */
function original(rig: Rig, username: string, password: string, hears: 'light1' | 'light2'): MqttPerson {
  const person = new MqttPerson(rig.address, { username, password })
  person.client.on('connect', () => person.client.subscribe(hears, { qos: 0 }))
  t.teardown(() => person.leave())
  return person
}

rigTest(
  t,
  'the original clients work, and go on after the broker was restarted',
  async (t, rig) => {
    await addUser(rig, 'python1', 'one')
    await addUser(rig, 'python2', 'two')
    await rig.startBroker()
    const leader = original(rig, 'python1', 'one', 'light2')
    const follower = original(rig, 'python2', 'two', 'light1')
    follower.client.on('message', (_topic, payload) => {
      const opposite = payload.toString() === 'green' ? 'red' : 'green'
      follower.client.publish('light2', opposite, { qos: 0 })
    })
    let colour = 'red'
    const lead = setInterval(() => {
      colour = colour === 'red' ? 'green' : 'red'
      leader.client.publish('light1', colour, { qos: 0 })
    }, PERIOD_MS)
    t.teardown(() => clearInterval(lead))

    const bothWork = async (): Promise<void> => {
      const since = nowMs()
      for (const expected of ['green', 'red']) {
        await follower.hears('light1', ({ payload, atMs }) => atMs > since && payload.toString() === expected)
        await leader.hears('light2', ({ payload, atMs }) => atMs > since && payload.toString() === expected)
      }
      t.ok([...leader.received, ...follower.received].every(({ qos, retain }) => qos === 0 && !retain))
    }
    await bothWork()
    await rig.broker.kill()
    await Promise.all([leader.disconnected(), follower.disconnected()])
    await rig.startBroker()
    await bothWork()
    t.notOk(await follower.subscribe('crossings/demo/#'), 'and nothing else is theirs')
  },
  { running: false },
)
