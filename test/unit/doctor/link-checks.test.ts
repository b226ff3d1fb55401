import t from 'tap'
import type { Denial } from '../../../src/doctor/broker-probe.ts'
import { runChecks } from '../../../src/doctor/finding.ts'
import { type LinkProbes, type LinkTarget, linkChecks } from '../../../src/doctor/link-checks.ts'

const TARGET = {
  url: 'mqtt://broker:1883',
  host: 'broker',
  port: 1883,
  isSecure: false,
  username: 'light1',
  crossing: 'demo',
  light: 'light1',
  lights: ['light1', 'light2'],
}

const WELL: LinkProbes = {
  resolve: async () => ['10.0.0.1'],
  connect: async () => 1.5,
  secure: async () => null,
  logIn: async () => null,
  tryTopics: async () => null,
}

const findings = (probes: Partial<LinkProbes>, target: Partial<LinkTarget> = {}) =>
  runChecks(linkChecks({ ...TARGET, ...target }, { ...WELL, ...probes }), () => {})

const denied = (kind: Denial['kind']) => async (): Promise<Denial> => ({ kind, reason: 'no' })

const systemError = (code: string): Error => Object.assign(new Error(`it says ${code}`), { code })

t.test('all is well', async (t) => {
  t.match(await findings({}), [
    { name: 'name resolution', state: 'ok', detail: 'broker is 10.0.0.1' },
    { name: 'TCP', state: 'ok', detail: 'broker port 1883 answers within 2 ms' },
    { name: 'TLS', state: 'skipped' },
    { name: 'log-in', state: 'ok' },
    { name: 'rights on topics', state: 'ok', detail: "user 'light1' may be light 'light1' of crossing 'demo'" },
  ])
})

for (const [index, what, probes, fix] of [
  [0, 'an unknown host', { resolve: () => Promise.reject(systemError('ENOTFOUND')) }, /^getent hosts broker/],
  [
    1,
    'a broker that is not started',
    { connect: () => Promise.reject(systemError('ECONNREFUSED')) },
    /^crossing broker/,
  ],
  [1, 'a machine that is off', { connect: () => Promise.reject(systemError('EHOSTUNREACH')) }, /^ping/],
  [3, 'no password', { logIn: denied('no-password') }, /^install -m 600 .* --password-file light1.password here/],
  [3, 'a wrong password', { logIn: denied('wrong-password') }, /^crossing user passwd light1/],
  [3, 'what is no broker', { logIn: denied('lost') }, /^--url mqtt:\/\/broker:1883, or mqtts:/],
  [3, 'a broker that hangs', { logIn: denied('silent') }, /^sudo ss -ltnp 'sport = :1883'.* start the broker again/],
  [
    4,
    'a missing right',
    { tryTopics: denied('not-allowed') },
    /^crossing user remove light1 && crossing user add light1 --role light --crossing demo/,
  ],
] as const) {
  t.test(`${what} is wrong, and nothing after it is checked`, async (t) => {
    const found = await findings(probes)
    t.match(found[index], { state: 'wrong', fix })
    for (const { state } of found.slice(index + 1)) t.equal(state, 'skipped')
  })
}

t.test('a certificate that is not believed is wrong, where TLS is asked for', async (t) => {
  const untrusted = {
    secure: async (): Promise<Denial> => ({ kind: 'untrusted', reason: 'its certificate has expired' }),
  }
  t.match((await findings({}, { isSecure: true }))[2], { state: 'ok', detail: 'the certificate of broker is believed' })
  t.match((await findings(untrusted))[2], { state: 'skipped', detail: /not encrypted/ })
  t.match((await findings(untrusted, { isSecure: true })).slice(2), [
    { name: 'TLS', state: 'wrong', detail: 'its certificate has expired', fix: /^crossing certs DIR --host broker/ },
    { name: 'log-in', state: 'skipped' },
    { name: 'rights on topics', state: 'skipped' },
  ])
})

for (const [what, secure, fix] of [
  ['a port without TLS', denied('lost'), /^--url mqtts:\/\/broker:8883/],
  ['a broker that hangs', denied('silent'), /start the broker again/],
  ['an authority that cannot be read', () => Promise.reject(systemError('ENOENT')), /--ca ca.crt here$/],
] as const) {
  t.test(`${what} is wrong for TLS`, async (t) => {
    t.match((await findings({ secure }, { isSecure: true }))[2], { name: 'TLS', state: 'wrong', fix })
  })
}

t.test('a light that the crossing does not have is wrong, whatever the broker allows', async (t) => {
  t.match((await findings({}, { light: 'viewer' }))[4], {
    state: 'wrong',
    detail: "crossing 'demo' has no light 'viewer'; it has light1, light2",
    fix: /--light light1/,
  })
})

t.test('who is not called as the light is told to log in as it', async (t) => {
  t.match((await findings({ tryTopics: denied('not-allowed') }, { username: 'pi' }))[4], {
    fix: /^crossing user add light1 .* --username light1 here$/,
  })
})
