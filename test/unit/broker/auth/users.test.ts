import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import bcrypt from 'bcryptjs'
import t from 'tap'
import { encodeUsers, parseUsers } from '../../../../src/broker/auth/users.ts'
import { HASH } from '../../../fixtures/broker-pair.ts'
import { ROOT } from '../../../fixtures/root.ts'

const parse = (file: unknown) => parseUsers(typeof file === 'string' ? file : JSON.stringify(file), 'users.json')
const alone = (user: object, name = 'a') => parse({ users: { [name]: { hash: HASH, ...user } } })

function messageOf(task: () => unknown): string {
  try {
    task()
    return 'no error'
  } catch (error) {
    t.match(error, { code: 'configuration' })
    return error instanceof Error ? error.message : String(error)
  }
}

t.test('a user has what the file says, and nothing where it says nothing', async (t) => {
  const roles = [{ role: 'light', crossing: 'demo' }]
  const rights = { roles, publish: ['a/b'], subscribe: ['a/#'], demo: true }
  t.strictSame(alone(rights, 'light1').get('light1'), { hash: HASH, ...rights })
  t.strictSame(alone({}).get('a'), { hash: HASH, roles: [], publish: [], subscribe: [], demo: false })
  t.equal(parse({ users: {} }).size, 0)
})

t.test('names that objects know of themselves are names like any other', async (t) => {
  const text = `{"users":{"__proto__":{"hash":"${HASH}"},"constructor":{"hash":"${HASH}"}}}`
  const users = parse(text)
  t.strictSame([...users.keys()], ['__proto__', 'constructor'])
  t.strictSame(parse(encodeUsers(users)), users)
  t.equal(users.get('toString'), undefined)
})

t.test('what is written is read back the same, in the same order', async (t) => {
  const users = new Map([
    ...alone({ publish: ['x'], subscribe: ['y', 'z/#'] }, 'z'),
    ...alone({ roles: [{ crossing: 'c', role: 'admin' }], demo: true }, 'b'),
  ])
  const text = encodeUsers(users)
  t.strictSame([...parse(text)], [...users])
  t.equal(encodeUsers(parse(text)), text)
  t.ok(text.endsWith('\n'))
  t.notMatch(encodeUsers(alone({})), /roles|publish|demo/)
})

t.test('a mistake is named with its file, field, value and what was expected', async (t) => {
  for (const [file, pattern] of [
    ['{', /^users\.json: line 1, column 2: not JSON: expected/],
    ['{\n"users": {},\n}', /line 3/],
    ['[]', /the file is a list: expected an object with users/],
    ['{}', /users is missing/],
    [{ users: [] }, /users is a list/],
    [{ users: {}, more: 1 }, /more is not known here/],
    [{ users: { a: null } }, /users\.a is unusable: expected an object with hash/],
    [{ users: { a: {} } }, /users\.a\.hash is missing: expected a bcrypt hash/],
    [{ users: { 'a b': { hash: HASH } } }, /users\["a b"\] is no user name: expected letters/],
    [{ users: { ['x'.repeat(65)]: { hash: HASH } } }, /no user name/],
  ] as const) {
    t.match(
      messageOf(() => parse(file)),
      pattern,
    )
  }
  for (const [user, pattern] of [
    [{ rolls: [] }, /users\.a\.rolls is not known here/],
    [{ roles: 'light' }, /users\.a\.roles is "light": expected a list/],
    [
      { roles: [{ role: 'ligth', crossing: 'demo' }] },
      /users\.a\.roles\[0\]\.role is "ligth": expected light, controller/,
    ],
    [{ roles: [{ role: 'light', crossing: 'a/b' }] }, /crossing is "a\/b": expected letters/],
    [{ roles: [{ role: 'light' }] }, /crossing is missing/],
    [{ roles: [{ role: 'light', crossing: 'c', x: 1 }] }, /roles\[0\]\.x is not known/],
    [{ publish: ['a/#/b'] }, /users\.a\.publish\[0\] is "a\/#\/b": expected an MQTT topic filter/],
    [{ subscribe: ['ok', '$SYS/#'] }, /users\.a\.subscribe\[1\] is/],
    [{ subscribe: [{}] }, /subscribe\[0\] is an object/],
    [{ publish: Array(101).fill('a') }, /users\.a\.publish is a list: expected at most 100/],
    [{ demo: 'yes' }, /users\.a\.demo is "yes": expected true or false/],
  ] as const) {
    t.match(
      messageOf(() => alone(user)),
      pattern,
    )
  }
})

t.test('a mistake is named with its line', async (t) => {
  const text = encodeUsers(parse({ users: { ann: { hash: HASH, publish: ['x', 'y'] }, bob: { hash: HASH } } }))
  for (const [from, to, pattern] of [
    ['"y"', '"y#"', /^users\.json: line 7: users\.ann\.publish\[1\] is/],
    ['"publish"', '"publihs"', /^users\.json: line 5: users\.ann\.publihs is not known/],
    ['"bob"', '"b b"', /^users\.json: line 10: users\["b b"\] is no user name/],
    [`"hash": "${HASH}"\n    }\n`, '}\n', /^users\.json: line 10: users\.bob\.hash is missing/],
    ['"y"\n', '"y",\n', /^users\.json: line 8, column 7: not JSON/],
    [/$/, 'x', /^users\.json: line 15, column 1: not JSON/],
    ['"bob"', '"ann"', /^users\.json: line 10: users\.ann stands there twice: keep one/],
    ['"publish": [', `"hash": "${HASH}", "publish": [`, /^users\.json: line 5: users\.ann\.hash stands there twice/],
  ] as const) {
    t.match(
      messageOf(() => parse(text.replace(from, to))),
      pattern,
    )
  }
})

t.test('a light must be named as lights are', async (t) => {
  const user = { roles: [{ role: 'light', crossing: 'demo' }] }
  t.match(
    messageOf(() => alone(user, 'a.b')),
    /users\.a\.b has the role light/,
  )
  t.equal(alone({}, 'a.b@c').size, 1)
})

t.test('no message shows a hash, or what stands in its place', async (t) => {
  for (const file of [
    { users: { a: { hash: 'hunter2' } } },
    { users: { a: { hash: HASH.replace('$04$', '$31$') } } },
    { users: { a: 'hunter2' } },
    { users: 'hunter2' },
    { users: [{ hash: HASH }] },
    { users: { a: [HASH] } },
  ]) {
    const message = messageOf(() => parse(file))
    t.notMatch(message, /hunter2|\$2b|no error/)
  }
})

t.test('the users file in the repository holds demo accounts alone, with the passwords of the README', async (t) => {
  const users = parseUsers(readFileSync(join(ROOT, 'users.json'), 'utf8'), 'users.json')
  t.strictSame([...users.keys()], ['light1', 'light2', 'controller', 'viewer', 'admin'])
  for (const [name, user] of users) {
    t.ok(user.demo, name)
    t.ok(bcrypt.compareSync(`${name}-demo`, user.hash), name)
    t.match(user.hash, /^\$2b\$10\$/)
  }
  t.strictSame(
    users.get('light1')?.roles.map(({ role }) => role),
    ['light', 'controller'],
  )
})
