import { compare } from 'bcryptjs'
import t from 'tap'
import { may as allowed, rightsOf } from '../../../src/broker/acl.ts'
import { parseUsers } from '../../../src/broker/auth/users.ts'
import { drawAccounts } from '../../../src/demo/accounts.ts'
import { systemRandom } from '../../../src/platform/random.ts'
import { DEMO_CROSSING } from '../../../src/protocol/crossing.ts'

t.test('each process of the demo has an account of its own, drawn anew for every run', async (t) => {
  const [one, two] = await Promise.all([
    drawAccounts(DEMO_CROSSING, systemRandom),
    drawAccounts(DEMO_CROSSING, systemRandom),
  ])
  t.strictSame([...one.lights.keys()], DEMO_CROSSING.lights)
  const accounts = [one, two].flatMap(({ controller, visitor, lights }) => [controller, visitor, ...lights.values()])
  t.equal(new Set(accounts.map(({ username }) => username)).size, accounts.length)
  t.equal(new Set(accounts.map(({ password }) => password)).size, accounts.length)
})

t.test('they are a users file that the broker takes, with those passwords and no demo mark', async (t) => {
  const { users, controller, lights, visitor, supervisor, viewer } = await drawAccounts(DEMO_CROSSING, systemRandom)
  const parsed = parseUsers(users, 'accounts')
  t.equal(parsed.size, 6)
  for (const { username, password } of [controller, visitor, supervisor, viewer, ...lights.values()]) {
    const user = parsed.get(username)
    t.equal(user?.demo, false)
    t.ok(await compare(password, user?.hash ?? ''))
    t.notMatch(users, password)
  }
})

t.test('a light may do what its role would let it, for itself alone', async (t) => {
  const { users, lights, controller } = await drawAccounts(DEMO_CROSSING, systemRandom)
  const parsed = parseUsers(users, 'accounts')
  for (const [light, { username }] of lights) {
    const user = parsed.get(username)
    if (user === undefined) throw new Error(`${light} has no account`)
    const byRole = { ...user, roles: [{ role: 'light', crossing: 'demo' }], publish: [], subscribe: [] } as const
    t.strictSame(rightsOf(username, user), rightsOf(light, byRole))
  }
  t.match(parsed.get(controller.username), { roles: [{ role: 'controller', crossing: 'demo' }], publish: [] })
})

t.test('who opens the page by its address may look, operate and break this crossing, and nothing else', async (t) => {
  const { users, visitor } = await drawAccounts(DEMO_CROSSING, systemRandom)
  t.match(parseUsers(users, 'accounts').get(visitor.username), {
    roles: [{ role: 'admin', crossing: 'demo' }],
    publish: ['lab/do', 'lab/undo'],
    subscribe: ['lab/state', 'lab/events'],
  })
})

t.test('the lab is asked by the visitor alone, and answers by the supervisor alone', async (t) => {
  const accounts = await drawAccounts(DEMO_CROSSING, systemRandom)
  const parsed = parseUsers(accounts.users, 'accounts')
  const may = (action: 'publish' | 'receive', topic: string): string[] =>
    [...parsed].filter(([name, user]) => allowed(rightsOf(name, user), action, topic)).map(([name]) => name)
  for (const topic of ['lab/do', 'lab/undo']) {
    t.strictSame(may('publish', topic), [accounts.visitor.username], topic)
    t.strictSame(may('receive', topic), [accounts.supervisor.username], topic)
  }
  for (const topic of ['lab/state', 'lab/events']) {
    t.strictSame(may('publish', topic), [accounts.supervisor.username], topic)
    t.strictSame(may('receive', topic), [accounts.visitor.username], topic)
  }
  const commands = 'crossings/demo/lights/light1/command'
  t.strictSame(may('publish', commands), [accounts.controller.username])
})
