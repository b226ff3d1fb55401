import t, { type Test } from 'tap'
import { isBroker, tryLogIn, tryTopics } from '../../../src/doctor/broker-probe.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { systemRandom } from '../../../src/platform/random.ts'
import { brokerPair, PASSWORD, usersOf } from '../../fixtures/broker-pair.ts'
import { writeCerts } from '../../fixtures/certs.ts'

const LIGHT = { role: 'light', crossing: 'demo' } as const

async function rig(t: Test, username: string, password: string = PASSWORD) {
  const pair = await brokerPair(
    t,
    usersOf({
      light1: { roles: [LIGHT] },
      light2: { roles: [LIGHT] },
      viewer: { roles: [{ role: 'viewer', crossing: 'demo' }] },
      nobody: {},
    }),
  )
  const options = {
    url: 'mqtt://broker',
    credentials: async () => ({ username, password }),
    network: () => pair.broker.connect(),
    clock: systemClock,
    random: systemRandom,
  }
  return { options, target: { crossing: 'demo', light: 'light1', username } }
}

t.test('a light may log in and do what lights do, and its aspect says what it said', async (t) => {
  const { options, target } = await rig(t, 'light1')
  t.equal(await tryLogIn(options), null)
  t.equal(await tryTopics(options, target), null)
  t.equal(await tryTopics(options, target), null, 'once there is an aspect, too')
})

t.test('a wrong password is refused', async (t) => {
  const { options } = await rig(t, 'light1', 'wrong')
  t.match(await tryLogIn(options), { kind: 'wrong-password', reason: /wrong user name or password for user 'light1'/ })
})

t.test('a user without the role may log in, and is no light', async (t) => {
  for (const username of ['nobody', 'light2']) {
    const { options, target } = await rig(t, username)
    t.equal(await tryLogIn(options), null)
    t.match(await tryTopics(options, target), {
      kind: 'not-allowed',
      reason: new RegExp(`does not let user '${username}' read`),
    })
  }
})

t.test('a user who may read all that a light reads, and not speak as one, is no light', async (t) => {
  const { options, target } = await rig(t, 'viewer')
  // With and without an aspect that it is sent when it subscribes.
  const light1 = { credentials: async () => ({ username: 'light1', password: PASSWORD }) }
  const { after } = systemClock
  // An answer that never comes need not be awaited for long.
  const clock = { ...systemClock, after: (ms: number, task: () => void) => after(ms / 10, task) }
  for (const hasAspect of [false, true]) {
    if (hasAspect) t.equal(await tryTopics({ ...options, ...light1 }, { ...target, username: 'light1' }), null)
    t.match(await tryTopics({ ...options, clock }, target), {
      kind: 'silent',
      reason: "the broker does not let user 'viewer' publish to crossings/demo/lights/light1/aspect",
    })
  }
})

t.test('a broker is known by its answer on each of its ports, and nobody is none', async (t) => {
  const { cert, key } = await writeCerts(t.testdir())
  const options = { port: 0, tls: { port: 0, cert, key }, http: { port: 0 } }
  const { broker } = await brokerPair(t, usersOf({ light1: {} }), options)
  const urls = { TCP: broker.url, TLS: broker.tlsUrl, HTTP: broker.httpUrl } as const
  const host = '127.0.0.1'
  for (const protocol of ['TCP', 'TLS', 'HTTP'] as const) {
    const ports = Object.values(urls).map((url) => Number(new URL(url ?? '').port))
    const answers = await Promise.all(ports.map((port) => isBroker(systemClock, protocol, { host, port })))
    t.strictSame(
      answers,
      Object.keys(urls).map((name) => name === protocol),
      protocol,
    )
    t.equal(await isBroker(systemClock, protocol, { host, port: 1 }), false)
  }
})
