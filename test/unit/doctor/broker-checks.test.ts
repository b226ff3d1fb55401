import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type BrokerProbes, type BrokerTarget, brokerChecks } from '../../../src/doctor/broker-checks.ts'
import { runChecks } from '../../../src/doctor/finding.ts'
import { writeCerts } from '../../fixtures/certs.ts'

const HASH = `$2b$10$${'a'.repeat(53)}`

const WELL: BrokerProbes = {
  wallMs: () => Date.now(),
  resolve: async () => ['127.0.0.1'],
  listen: async () => {},
  isBroker: async () => false,
  keep: async () => {},
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

const [CERTIFICATE, TLS, HTTP] = [3, 5, 6]
const ELSEWHERE = { port: 80 }

const FOLDER = t.testdir({ valid: {}, expired: {}, early: {} })
const VALID = await writeCerts(join(FOLDER, 'valid'))
const EXPIRED = await writeCerts(join(FOLDER, 'expired'), { untilDays: -0.5 })
const EARLY = await writeCerts(join(FOLDER, 'early'), { fromDays: 1 })

t.test('what else is asked for is checked: TLS, HTTP and a directory', async (t) => {
  const all = { users: USERS, tls: { port: 8883, ...VALID }, http: { port: 8080 }, data: '/kept' }
  t.match(await findings(t, all), [
    ...[{}, {}, {}],
    { name: 'certificate', state: 'ok', detail: /^for DNS:localhost, IP Address:127\.0\.0\.1, until / },
    { name: 'TCP', state: 'ok', detail: '127.0.0.1 port 1883 is free' },
    { name: 'TLS', state: 'ok', detail: '127.0.0.1 port 8883 is free' },
    { name: 'HTTP', state: 'ok', detail: '127.0.0.1 port 8080 is free' },
    { name: 'data', state: 'ok', detail: '/kept can be written to' },
  ])
  const secure = await findings(t, { ...all, port: false })
  t.notOk(secure.some(({ name }) => name === 'TCP'))
})

t.test('each is listened for where it is to be, and what is wrong names its own option', async (t) => {
  const asked: string[] = []
  const target = {
    users: DEMO,
    tls: { ...VALID, ...ELSEWHERE, host: '192.0.2.1' },
    http: { ...ELSEWHERE, host: '::1' },
  }
  const found = await findings(t, target, {
    listen({ host, port }) {
      asked.push(`${host} ${port}`)
      return port === 80 ? failing('EACCES')() : Promise.resolve()
    },
  })
  t.strictSame(asked, ['127.0.0.1 1883', '192.0.2.1 80', '::1 80'])
  t.match(found[1], { state: 'wrong', detail: /192\.0\.2\.1 is not listened on/ })
  t.match(found[2], { detail: '127.0.0.1 is 127.0.0.1; 192.0.2.1 is 127.0.0.1; ::1 is 127.0.0.1' })
  t.match(found[TLS], { state: 'wrong', fix: /^crossing broker --tls-port 8883 / })
  t.match(found[HTTP], { state: 'wrong', fix: /^crossing broker --http-port 8080 / })
})

t.test('a broker that runs already is known by the protocol of the port', async (t) => {
  const asked: string[] = []
  const isBroker = async (protocol: string): Promise<boolean> => asked.push(protocol) > 0 && protocol !== 'HTTP'
  const target = { users: USERS, tls: { port: 8883, ...VALID }, http: { port: 8080 } }
  const found = await findings(t, target, { listen: failing('EADDRINUSE'), isBroker })
  t.strictSame(asked, ['TCP', 'TLS', 'HTTP'])
  t.match(found[TLS], { state: 'ok', detail: /a broker runs/ })
  t.match(found[HTTP], { state: 'wrong', fix: /--http-port N/ })
})

t.test('a certificate that cannot serve is wrong', async (t) => {
  const certificate = async (change: object = {}) =>
    (await findings(t, { users: USERS, tls: { port: 8883, ...VALID, ...change } }))[CERTIFICATE]
  const fix = `crossing certs ${join(FOLDER, 'expired')}`
  t.match(await certificate(EXPIRED), { state: 'wrong', detail: /it expired on /, fix })
  t.match(await certificate(EARLY), { state: 'wrong', detail: /it is valid from / })
  t.match(await certificate({ cert: join(FOLDER, 'none.crt') }), {
    state: 'wrong',
    detail: /no such file/,
    fix: `crossing certs ${FOLDER} --host NAME`,
  })
  t.match(await certificate({ key: VALID.cert }), { state: 'wrong', detail: /no usable private key/ })
})

t.test('a directory that cannot be written to is wrong', async (t) => {
  const data = async (code: string) =>
    (await findings(t, { users: USERS, data: '/kept' }, { keep: failing(code) })).find(({ name }) => name === 'data')
  t.match(await data('EACCES'), { state: 'wrong', fix: 'sudo install -d -o "$USER" /kept' })
  t.match(await data('ENOTDIR'), { state: 'wrong', fix: /another one/ })
})
