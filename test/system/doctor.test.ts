/** `crossing doctor` as people and programs call it. */
import { closeSync, existsSync, openSync } from 'node:fs'
import t, { type Test } from 'tap'
import { PASSWORD, writeUsers } from '../fixtures/crossing-users.ts'
import { runCrossing, startCrossing } from '../fixtures/processes.ts'

interface Report {
  readonly ok: boolean
  readonly checks: readonly {
    readonly name: string
    readonly ok: boolean
    readonly state: string
    readonly fix?: string
  }[]
}

/** What a busy or odd machine may have wrong, whatever it is asked to be. */
const OF_THE_MACHINE = ['clock steps', 'chrony', 'event loop', 'disk']

const OF_A_LIGHT = ['Node.js', 'Sense HAT', 'rights', 'groups', 'native part', 'emulator']
const OF_THE_WAY = ['name resolution', 'TCP', 'TLS', 'log-in', 'rights on topics']

const doctor = async (t: Test, ...argv: string[]) => {
  const cwd = t.testdir({})
  writeUsers(`${cwd}/users.json`)
  return await runCrossing(['doctor', ...argv], { cwd, environment: { MQTT_PASSWORD: PASSWORD } })
}

t.test('with --json there is one object, and the exit code says the same', async (t) => {
  const { stdout, stderr, ending } = await doctor(t, 'broker', '--port', '0', '--json')
  const { ok, checks }: Report = JSON.parse(stdout)
  t.same(
    checks.map(({ name }) => name),
    ['Node.js', 'users', 'demo accounts', 'name resolution', 'TCP', ...OF_THE_MACHINE],
  )
  t.same(
    checks.filter(({ name, ok }) => !ok && !OF_THE_MACHINE.includes(name)),
    [],
  )
  t.equal(
    ok,
    checks.every(({ ok }) => ok),
  )
  t.equal(ending?.code, ok ? 0 : 1)
  t.equal(stderr, '')
})

t.test('what is wrong comes with its fix, and the exit code is 1', async (t) => {
  const { stdout, ending } = await doctor(t, '--url', 'mqtt://127.0.0.1:1')
  const names = stdout.split('\n').flatMap((line) => /^(?:ok|wrong|skipped) +(\S.*?) {2}/.exec(line)?.[1] ?? [])
  t.same(names, [...OF_A_LIGHT, ...OF_THE_WAY, ...OF_THE_MACHINE])
  t.match(
    stdout,
    /^wrong +TCP +127\.0\.0\.1 port 1: .*ECONNREFUSED.*\n +fix: +crossing broker --host 0\.0\.0\.0 --port 1 /m,
  )
  t.match(stdout, /^skipped +log-in +not before this is mended: TCP$/m)
  t.equal(ending?.code, 1)
})

t.test('an authority that cannot be read is found, and the rest is checked', async (t) => {
  const { stdout, ending } = await doctor(t, '--url', 'mqtts://127.0.0.1:1', '--ca', 'missing.crt', '--json')
  const { checks }: Report = JSON.parse(stdout)
  t.equal(checks.length, OF_A_LIGHT.length + OF_THE_WAY.length + OF_THE_MACHINE.length)
  t.equal(ending?.code, 1)
})

t.test('a reader that leaves early is no trouble', async (t) => {
  const cwd = t.testdir({})
  const running = startCrossing(['doctor', 'broker', '--port', '0'], { cwd })
  await running.prints(/Node\.js/)
  running.child.stdout?.destroy()
  t.match(await running.ended, { code: 1, signal: null })
  t.equal(running.stderr, '')
})

t.test('a result that cannot be written is told in one line', { skip: !existsSync('/dev/full') }, async (t) => {
  const full = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(full))
  const { ending, stderr } = await runCrossing(['doctor', 'broker', '--port', '0'], {
    cwd: t.testdir({}),
    stdio: ['ignore', full, 'pipe'],
  })
  t.match(stderr, /^crossing doctor: standard output cannot be written to: ENOSPC[^\n]*\n$/)
  t.equal(ending?.code, 1)
})
