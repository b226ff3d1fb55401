import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type BrokerProbes, type BrokerTarget, brokerChecks } from '../../../src/doctor/broker-checks.ts'
import { runChecks } from '../../../src/doctor/finding.ts'

const HASH = `$2b$10$${'a'.repeat(53)}`

const WELL: BrokerProbes = {
  resolve: async () => ['127.0.0.1'],
  listen: async () => {},
  isBroker: async () => false,
}

function findings(
  t: Test,
  { users, ...target }: Partial<Omit<BrokerTarget, 'users'>> & { users: object | null },
  probes: Partial<BrokerProbes> = {},
) {
  const folder = t.testdir(users === null ? {} : { 'users.json': JSON.stringify({ users }) })
  const asked = { host: '127.0.0.1', port: 1883, users: join(folder, 'users.json'), ...target }
  return runChecks(brokerChecks(asked, { ...WELL, ...probes }), () => {})
}

const USERS = { light1: { hash: HASH, roles: [{ role: 'light', crossing: 'demo' }] } }
const DEMO = { light1: { ...USERS.light1, demo: true } }

t.test('all is well', async (t) => {
  t.match(await findings(t, { users: USERS }), [
    { name: 'users', state: 'ok' },
    { name: 'demo accounts', state: 'ok' },
    { name: 'name resolution', state: 'ok' },
    { name: 'TCP', state: 'ok' },
  ])
})

t.test('a broker without users is wrong', async (t) => {
  const fix = /^crossing user add/
  t.match((await findings(t, { users: {} }))[0], { state: 'wrong', detail: /holds nobody/, fix })
  t.match(await findings(t, { users: null }), [{ state: 'wrong', fix }, { state: 'skipped' }])
  t.match((await findings(t, { users: { light1: {} } }))[0], { state: 'wrong', fix: /^crossing user check --users \// })
})

t.test('demo accounts matter where others are to be let in', async (t) => {
  t.match((await findings(t, { users: DEMO }))[1], { state: 'skipped' })
  t.match((await findings(t, { users: DEMO, host: '0.0.0.0' }))[1], {
    state: 'wrong',
    fix: /crossing user passwd light1/,
  })
})

const failing = (code: string) => () => Promise.reject(Object.assign(new Error(code), { code }))

t.test('an address that cannot be listened on is wrong', async (t) => {
  const tcp = async (probes: Partial<BrokerProbes>) => (await findings(t, { users: USERS }, probes))[3]
  t.match((await findings(t, { users: USERS }, { resolve: failing('ENOTFOUND') }))[2], { state: 'wrong' })
  t.match(await tcp({ listen: failing('EADDRINUSE') }), { state: 'wrong', fix: /^sudo ss -ltnp 'sport = :1883'/ })
  t.match(await tcp({ listen: failing('EADDRNOTAVAIL') }), { state: 'wrong', fix: /^ip address/ })
  t.match(await tcp({ listen: failing('EACCES') }), { state: 'wrong', fix: /--port 1883/ })
  t.match(await tcp({ listen: failing('EIO') }), { state: 'wrong', fix: /0\.0\.0\.0/ })
})

t.test('a broker that runs already is what was wanted', async (t) => {
  const running = { listen: failing('EADDRINUSE'), isBroker: async () => true }
  t.match((await findings(t, { users: USERS }, running))[3], { state: 'ok', detail: /a broker runs/ })
})
