import { chmodSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import bcrypt from 'bcryptjs'
import t, { type Test } from 'tap'
import { command, userCommand } from '../../../../src/broker/auth/user-command.ts'
import { encodeUsers, parseUsers, type User } from '../../../../src/broker/auth/users.ts'
import { parseCall } from '../../../../src/platform/command.ts'
import type { StandardIo } from '../../../../src/platform/standard-io.ts'
import { quickPasswords, usersOf } from '../../../fixtures/broker-pair.ts'

/** A user at a terminal, or a pipe, that gives these answers and then no more. */
function typing(isInteractive: boolean, ...answers: (string | null)[]) {
  const printed: string[] = []
  const noted: string[] = []
  const asked: string[] = []
  const io: StandardIo = {
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    isInteractive,
    async askSecret(question) {
      asked.push(question)
      return answers.shift() ?? null
    },
  }
  return { io, printed, noted, asked }
}

interface Situation {
  readonly file: string
  /** Runs `crossing user` with these arguments; what is piped to it comes last. */
  readonly run: (argv: string, typed?: ReturnType<typeof typing>) => Promise<number>
  readonly users: () => Map<string, User>
}

function situation(t: Test, users: Readonly<Record<string, Partial<User>>>): Situation {
  const file = join(t.testdir({ 'users.json': encodeUsers(usersOf(users)) }), 'users.json')
  return {
    file,
    users: () => new Map(parseUsers(readFileSync(file, 'utf8'), file)),
    async run(argv, typed = typing(false, 'secret')) {
      const tested = userCommand({ io: () => typed.io, passwords: () => quickPasswords })
      const call = parseCall(tested, [...argv.split(' '), '--users', file], {})
      return call === 'help' ? 0 : await tested.run(call)
    },
  }
}

t.test('add makes a user with roles, filters and a hash of the password', async (t) => {
  const { run, users, file } = situation(t, { ann: {} })
  const typed = typing(false, 'secret')
  t.equal(
    await run('add bob --role viewer --role admin --crossing main --publish a/+ --subscribe b/# --cost 4', typed),
    0,
  )
  const bob = users().get('bob')
  t.match(bob, {
    roles: [
      { role: 'viewer', crossing: 'main' },
      { role: 'admin', crossing: 'main' },
    ],
    publish: ['a/+'],
    subscribe: ['b/#'],
    demo: false,
    hash: /^\$2b\$04\$/,
  })
  t.ok(bcrypt.compareSync('secret', bob?.hash ?? ''))
  t.ok(users().has('ann'))
  t.strictSame(typed.printed, [`${file}: bob was added, viewer of main, admin of main, publishes a/+, reads b/#`])
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('add of a light says what comes next; of nothing, that nothing is allowed', async (t) => {
  const { run } = situation(t, {})
  const light = typing(false, 'secret')
  await run('add light1 --role light --role light --cost 4', light)
  t.match(light.printed[0], /light1 was added, light of demo$/)
  t.match(
    light.printed[1],
    /install -m 600 \/dev\/stdin light1\.password\n.*crossing light light1 --url .* --password-file light1\.password$/,
  )
  const other = typing(false, 'secret')
  await run('add north --role light --crossing main --cost 4', other)
  t.match(other.printed[1], /--crossing FILE$/)
  const nobody = typing(false, 'secret')
  await run('add nobody --cost 4', nobody)
  t.match(nobody.printed, [/who may log in and nothing else/])
})

t.test('add makes the file where it is missing', async (t) => {
  const typed = typing(false, 'secret')
  const tested = userCommand({ io: () => typed.io, passwords: () => quickPasswords })
  const file = join(t.testdir(), 'users.json')
  const call = parseCall(tested, ['add', 'ann', '--cost', '4', '--users', file], {})
  t.equal(call === 'help' ? 1 : await tested.run(call), 0)
  t.ok(parseUsers(readFileSync(file, 'utf8'), file).has('ann'))
})

t.test('at a terminal the password is asked for twice', async (t) => {
  const { run, users } = situation(t, {})
  const typed = typing(true, 'secret', 'secret')
  t.equal(await run('add ann --cost 4', typed), 0)
  t.strictSame(typed.asked, ['Password for ann: ', 'The same again: '])
  await t.rejects(run('add bob --cost 4', typing(true, 'secret', 'Secret')), { code: 'failed', message: /differ/ })
  t.equal(await run('add bob --cost 4', typing(true, null)), 130)
  t.equal(await run('add bob --cost 4', typing(true, 'secret', null)), 130)
  t.equal(await run('passwd ann --cost 4', typing(true, null)), 130)
  t.strictSame([...users().keys()], ['ann'])
})

t.test('a password that cannot be used is refused', async (t) => {
  const { run, users } = situation(t, {})
  await t.rejects(run('add ann', typing(false)), { code: 'usage', message: /standard input is empty/ })
  await t.rejects(run('add ann', typing(false, '')), { code: 'failed', message: /empty/ })
  await t.rejects(run('add ann', typing(false, 'x'.repeat(73))), { code: 'failed', message: /73 bytes/ })
  t.equal(users().size, 0)
})

t.test('what is mistyped is named before a password is asked for', async (t) => {
  const { run, users } = situation(t, { ann: {} })
  for (const [argv, code, message] of [
    ['ad ann', 'usage', /unknown command 'ad'/],
    ['add', 'usage', /NAME is missing/],
    ['passwd', 'usage', /NAME is missing/],
    ['list ann', 'usage', /unexpected argument 'ann'/],
    ['remove ann --role light', 'usage', /--role does not belong here/],
    ['list --cost 4', 'usage', /--cost does not belong here/],
    ['add a/b', 'usage', /NAME is 'a\/b': expected letters/],
    ['add a.b --role light', 'usage', /named like its user/],
    ['add bob --role ligth', 'usage', /--role is 'ligth': expected light, controller/],
    ['add bob --crossing a/b', 'usage', /--crossing is 'a\/b'/],
    ['add bob --publish a/#/b', 'usage', /--publish is 'a\/#\/b'/],
    ['add bob --subscribe a+', 'usage', /--subscribe is 'a\+'/],
    ['add bob --cost 3', 'usage', /--cost is '3'/],
    ['add bob --cost 16', 'usage', /--cost is '16'/],
    ['add ann', 'failed', /a user 'ann' already: 'crossing user passwd ann'/],
    ['passwd bob', 'failed', /no user 'bob'/],
    ['remove bob', 'failed', /no user 'bob'/],
  ] as const) {
    const typed = typing(true, 'secret', 'secret')
    await t.rejects(run(argv, typed), { code, message }, argv)
    t.strictSame(typed.asked, [], argv)
  }
  t.strictSame([...users().keys()], ['ann'])
})

t.test('passwd replaces the password alone, and drops the mark of a demo account', async (t) => {
  const { run, users } = situation(t, { light1: { demo: true, publish: ['a'] } })
  const typed = typing(false, 'new secret')
  t.equal(await run('passwd light1 --cost 4', typed), 0)
  t.match(users().get('light1'), { demo: false, publish: ['a'] })
  t.ok(bcrypt.compareSync('new secret', users().get('light1')?.hash ?? ''))
  t.match(typed.printed, [/light1 has a new password/])
})

t.test('remove takes one user away', async (t) => {
  const { run, users } = situation(t, { ann: {}, bob: {} })
  const typed = typing(false)
  t.equal(await run('remove ann', typed), 0)
  t.strictSame([...users().keys()], ['bob'])
  t.match(typed.printed, [/ann was removed/])
})

t.test('list is a table of everybody', async (t) => {
  const { run } = situation(t, {
    light1: { roles: [{ role: 'light', crossing: 'demo' }], demo: true },
    python: { publish: ['light1', 'light2'], subscribe: ['light1'] },
  })
  const typed = typing(false)
  t.equal(await run('list', typed), 0)
  t.strictSame(typed.printed, [
    'USER    ROLES          PUBLISH         SUBSCRIBE  DEMO',
    'light1  light of demo  -               -          demo',
    'python  -              light1, light2  light1     -',
  ])
})

t.test('check warns of demo accounts and of a file that others can read', async (t) => {
  const { run, file } = situation(t, { light1: { demo: true } })
  chmodSync(file, 0o644)
  const warned = typing(false)
  t.equal(await run('check', warned), 0)
  t.match(warned.noted, [/demo accounts .*crossing user passwd light1/, new RegExp(`chmod 600 ${file}`)])
  t.match(warned.printed, [/1 users, no mistakes/])
  await run('passwd light1 --cost 4')
  const sound = typing(false)
  t.equal(await run('check', sound), 0)
  t.strictSame(sound.noted, [])
})

t.test('a file with a mistake is a configuration error for every subcommand', async (t) => {
  const folder = t.testdir({ 'bad.json': '{"users":{"a":{}}}' })
  for (const argv of ['add b', 'passwd a', 'remove a', 'list', 'check']) {
    for (const name of ['bad.json', '.']) {
      const tested = userCommand({ io: () => typing(false, 'secret').io, passwords: () => quickPasswords })
      const call = parseCall(tested, [...argv.split(' '), '--users', join(folder, name)], {})
      await t.rejects(
        call === 'help' ? Promise.resolve(0) : tested.run(call),
        { code: 'configuration' },
        `${argv} ${name}`,
      )
    }
  }
})

t.test('a user who is added by another while the password is typed is not overwritten', async (t) => {
  const { run, users } = situation(t, {})
  const slow = typing(false)
  const io: StandardIo = {
    ...slow.io,
    async askSecret() {
      await run('add ann --publish first --cost 4')
      return 'secret'
    },
  }
  await t.rejects(run('add ann --publish second --cost 4', { ...slow, io }), { code: 'failed', message: /already/ })
  t.strictSame(users().get('ann')?.publish, ['first'])
})

t.test('the help names every option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, `--${option}`)
  for (const verb of ['add', 'passwd', 'remove', 'list', 'check']) t.match(command.help, `crossing user ${verb}`)
})

t.test('the command of the program speaks through standard input and output', async (t) => {
  await t.rejects(
    command.run({ option: () => undefined, options: () => [], flag: () => false, positionals: ['x'], environment: {} }),
  )
  const file = join(t.testdir(), 'users.json')
  for (const [argv, code] of [
    [['list', '--users', file], 'configuration'],
    [['passwd', 'ann', '--users', file], 'configuration'],
  ] as const) {
    const call = parseCall(command, argv, {})
    await t.rejects(call === 'help' ? Promise.resolve(0) : command.run(call), { code })
  }
})
