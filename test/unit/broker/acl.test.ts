import fc from 'fast-check'
import t from 'tap'
import { type Action, may, rightsOf } from '../../../src/broker/acl.ts'
import { ROLES, type Role } from '../../../src/broker/auth/users.ts'
import { covers, isFilter, levelsOf } from '../../../src/broker/filter.ts'
import { adminTopic } from '../../../src/protocol/system.ts'
import { userWith } from '../../fixtures/broker-pair.ts'

const LIGHT_TOPICS = ['report', 'command', 'aspect']
const CROSSING_TOPICS = ['plan', 'file', 'mode', 'trip', 'reset']

/** Every topic of two lights at two crossings. */
const ALL_TOPICS = ['demo', 'other'].flatMap((crossing) => [
  ...CROSSING_TOPICS.map((topic) => `crossings/${crossing}/${topic}`),
  ...['light1', 'light2'].flatMap((light) =>
    LIGHT_TOPICS.map((topic) => `crossings/${crossing}/lights/${light}/${topic}`),
  ),
])

const holder = (name: string, ...roles: Role[]) =>
  rightsOf(name, userWith({ roles: roles.map((role) => ({ role, crossing: 'demo' })) }))

const of = (...topics: string[]): string[] => topics.map((topic) => `crossings/demo/${topic}`)
const OF_DEMO = ALL_TOPICS.filter((topic) => topic.startsWith('crossings/demo/'))
const BOTH = ['light1', 'light2']

const TABLE: Readonly<Record<Role, { publish: string[]; read: string[] }>> = {
  light: {
    publish: of('lights/light1/report', 'lights/light1/aspect'),
    read: of('lights/light1/command', 'lights/light1/aspect', 'plan', 'mode', 'trip'),
  },
  controller: {
    publish: of(...BOTH.map((light) => `lights/${light}/command`), 'plan', 'file'),
    read: of(...BOTH.map((light) => `lights/${light}/report`), 'mode', 'trip'),
  },
  viewer: { publish: [], read: OF_DEMO },
  admin: { publish: of('mode', 'reset'), read: OF_DEMO },
}

for (const role of ROLES) {
  t.test(`${role}: a user of this role may do what the table says, and nothing else`, async (t) => {
    const rights = holder('light1', role)
    const permitted = (action: Action): string[] => ALL_TOPICS.filter((topic) => may(rights, action, topic)).toSorted()
    t.strictSame(permitted('publish'), TABLE[role].publish.toSorted())
    t.strictSame(permitted('receive'), TABLE[role].read.toSorted())
    t.strictSame(permitted('subscribe'), TABLE[role].read.toSorted())
  })
}

t.test('a user without roles and filters may do nothing', async (t) => {
  const rights = holder('nobody')
  for (const topic of ['a', '#', '+', '$SYS/broker', ...ALL_TOPICS]) {
    for (const action of ['publish', 'subscribe', 'receive'] as const) t.notOk(may(rights, action, topic))
  }
})

t.test('a subscription must lie within one filter that is allowed', async (t) => {
  const viewer = holder('eye', 'viewer')
  for (const filter of of('#', 'lights/+/aspect', 'lights/#', '+')) t.ok(may(viewer, 'subscribe', filter), filter)
  t.ok(may(viewer, 'subscribe', 'crossings/demo'), 'the parent belongs to crossings/demo/#')
  for (const filter of [
    '#',
    '+/demo/#',
    'crossings/#',
    'crossings/+/plan',
    'crossings/other/#',
    '$SYS/#',
    '/crossings/demo/#',
  ]) {
    t.notOk(may(viewer, 'subscribe', filter), filter)
  }
  const light = holder('light1', 'light')
  for (const filter of of('#', 'lights/+/command', 'lights/light1/#', '+'))
    t.notOk(may(light, 'subscribe', filter), filter)
  t.ok(may(holder('boss', 'controller'), 'subscribe', 'crossings/demo/lights/+/report'))
})

t.test('a light whose name is no light name has no rights as a light', async (t) => {
  const rights = holder('a.b', 'light')
  t.notOk(may(rights, 'publish', 'crossings/demo/lights/a.b/report'))
  t.notOk(may(rights, 'receive', 'crossings/demo/mode'))
})

t.test('nobody publishes a trip, nor reads the topics of the broker, whatever their filters', async (t) => {
  const all = rightsOf('all', userWith({ publish: ['#'], subscribe: ['#'] }))
  t.notOk(may(all, 'publish', 'crossings/demo/trip'))
  t.ok(may(all, 'receive', 'crossings/demo/trip'))
  t.ok(may(all, 'publish', 'trip'))
  for (const action of ['publish', 'subscribe', 'receive'] as const) t.notOk(may(all, action, '$SYS/x'))
})

t.test('whether one is an admin of a crossing is granted to its admins alone', async (t) => {
  const roles = [
    { role: 'admin', crossing: 'demo' },
    { role: 'viewer', crossing: 'other' },
  ] as const
  const boss = rightsOf('boss', userWith({ roles }))
  t.ok(may(boss, 'subscribe', adminTopic('demo')))
  t.notOk(may(boss, 'subscribe', adminTopic('other')), 'it may only look at that one')
  for (const role of ['light', 'controller', 'viewer'] as const)
    t.notOk(may(holder('light1', role), 'subscribe', adminTopic('demo')), role)
  t.notOk(may(boss, 'publish', adminTopic('demo')))
})

t.test('what the broker says of itself is read by role admin alone, of whatever crossing', async (t) => {
  const admin = rightsOf('boss', userWith({ roles: [{ role: 'admin', crossing: 'other' }], subscribe: ['#'] }))
  for (const filter of ['$SYS/#', '$SYS/broker/#', '$SYS/+/uptime', '$SYS/broker/clients/connected'])
    t.ok(may(admin, 'subscribe', filter), filter)
  for (const filter of ['$SYS', '$SYS/', '$SYS/#/x', '$SYS/a#', '$share/#', '$', '$SYS/$SYS/#'])
    t.notOk(may(admin, 'subscribe', filter), filter)
  t.ok(may(admin, 'receive', '$SYS/broker/uptime'))
  for (const topic of ['$SYS/refused', '$SYS/3f2a/new/clients', '$SYS', '$other/broker/x'])
    t.notOk(may(admin, 'receive', topic), topic)
  t.notOk(may(admin, 'publish', '$SYS/broker/uptime'))
  for (const role of ['light', 'controller', 'viewer'] as const) {
    t.notOk(may(holder('light1', role), 'subscribe', '$SYS/#'), role)
    t.notOk(may(holder('light1', role), 'receive', '$SYS/broker/uptime'), role)
  }
})

t.test('a topic with wildcards, NUL or nothing in it is never published', async (t) => {
  const all = rightsOf('all', userWith({ publish: ['#'] }))
  t.ok(may(all, 'publish', 'a/b'))
  for (const topic of ['', 'a/+', 'a/#', '+', 'a\0b', 'a\uFFFD']) t.notOk(may(all, 'publish', topic), topic)
})

t.test('explicit filters are rights besides the roles', async (t) => {
  const roles = [{ role: 'viewer', crossing: 'demo' }] as const
  const rights = rightsOf('python', userWith({ roles, publish: ['light1'], subscribe: ['light2/#'] }))
  t.ok(may(rights, 'publish', 'light1'))
  t.notOk(may(rights, 'publish', 'light2'))
  t.ok(may(rights, 'subscribe', 'light2/+'))
  t.notOk(may(rights, 'subscribe', 'light1'))
  t.ok(may(rights, 'receive', 'crossings/demo/plan'))
})

const name = fc.constantFrom(
  'demo',
  'other',
  'lights',
  'light1',
  'light2',
  'report',
  'command',
  'plan',
  'trip',
  'x',
  '',
)
const topic = fc
  .tuple(fc.constantFrom('crossings', 'x', '$SYS', ''), fc.array(name, { maxLength: 4 }))
  .map((levels) => levels.flat().join('/'))
const filter = fc
  .tuple(
    fc.constantFrom('crossings', '+', '#', 'x', '$SYS'),
    fc.array(fc.oneof(name, fc.constantFrom('+', '#')), { maxLength: 4 }),
  )
  .map((levels) => levels.flat().join('/'))
const rights = fc
  .record({
    roles: fc.array(fc.record({ role: fc.constantFrom(...ROLES), crossing: fc.constantFrom('demo', 'other') }), {
      maxLength: 2,
    }),
    subscribe: fc.array(filter.filter(isFilter), { maxLength: 2 }),
  })
  .map((user) => rightsOf('light1', userWith(user)))

t.test('an allowed subscription never matches a topic that may not be received', async (t) => {
  let judged = 0
  fc.assert(
    fc.property(rights, filter, topic, (held, wanted, published) => {
      fc.pre(may(held, 'subscribe', wanted) && covers(levelsOf(wanted), levelsOf(published)))
      judged += 1
      return may(held, 'receive', published) || published.startsWith('$') || published === ''
    }),
    { numRuns: 300, maxSkipsPerRun: 1000 },
  )
  t.ok(judged >= 300)
})
