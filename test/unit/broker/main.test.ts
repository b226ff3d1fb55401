import { join } from 'node:path'
import t, { type Test } from 'tap'
import { encodeUsers, type Users } from '../../../src/broker/auth/users.ts'
import { brokerCommand, command as realCommand } from '../../../src/broker/main.ts'
import { parseCall } from '../../../src/platform/command.ts'
import { PASSWORD, quickPasswords, RecordingLogger, usersOf } from '../../fixtures/broker-pair.ts'
import { writeCerts } from '../../fixtures/certs.ts'
import { connectAsync } from '../../fixtures/mqtt.ts'

const CROSSING = {
  crossing: 'main',
  lights: ['north', 'east'],
  stages: [
    { name: 'one', green: ['north'], seconds: 10 },
    { name: 'two', green: ['east'], seconds: 10 },
  ],
  compatible: [],
  amberSeconds: 3,
  redAmberSeconds: 0,
  allRedSeconds: 2,
  constants: 'default',
}

/** Runs `crossing broker` within this process; `stop` is what a signal does, `hangUp` what SIGHUP does. */
async function running(t: Test, argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const logger = new RecordingLogger()
  let stop = (): void => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  let hangUp = (): void => {}
  const command = brokerCommand({
    logger: async () => logger,
    stopped: (onHangup) => {
      hangUp = onHangup
      return stopped
    },
    passwords: () => quickPasswords,
  })
  const call = parseCall(command, argv, environment)
  const ended = call === 'help' ? Promise.resolve(0) : command.run(call)
  ended.catch(() => {})
  t.teardown(stop)
  const listening = async (): Promise<string> => {
    const [fields = {}] = await logger.waitFor('listening')
    return `mqtt://127.0.0.1:${String(Reflect.get(fields, 'port'))}`
  }
  return { logger, stop, hangUp: () => hangUp(), ended, listening }
}

const folderWith = (t: Test, users: Users | null): string =>
  t.testdir({
    ...(users !== null && { 'users.json': encodeUsers(users) }),
    'crossing.json': JSON.stringify(CROSSING),
  })

const dial = (url: string, username: string) =>
  connectAsync(url, { username, password: PASSWORD, reconnectPeriod: 0 }, false)

t.test('it serves until it is stopped, and ends with 0', async (t) => {
  const file = join(folderWith(t, usersOf({ ann: {} })), 'users.json')
  const { stop, ended, listening, logger } = await running(t, ['--port', '0', '--users', file])
  const client = await dial(await listening(), 'ann')
  stop()
  t.equal(await ended, 0)
  client.end(true)
  t.match(logger.of('listening'), [{ host: '127.0.0.1' }])
  t.strictSame(logger.of('user_missing'), [])
})

t.test('it listens on what the options name, and reads its certificate again when hung up', async (t) => {
  const folder = folderWith(t, usersOf({ ann: {} }))
  const { cert, key, renew } = await writeCerts(folder)
  const argv = ['--users', join(folder, 'users.json'), '--host', 'localhost', '--port', 'none']
  const tls = ['--tls-port', '0', '--tls-host', '127.0.0.2', '--tls-cert', cert, '--tls-key', key]
  const http = [
    '--http-port',
    '0',
    '--http-host',
    '127.0.0.3',
    '--http-origin',
    'https://a',
    '--http-origin',
    'https://b',
  ]
  const { logger, stop, ended, hangUp } = await running(t, [...argv, ...tls, ...http])
  t.match(await logger.waitFor('listening', 2), [
    { protocol: 'mqtts', host: '127.0.0.2' },
    { protocol: 'http', host: '127.0.0.3' },
  ])
  // It can be hung up as soon as it was started, which is a turn after it listens.
  await new Promise((resolve) => setImmediate(resolve))
  await renew({ hosts: ['renewed.example'] })
  hangUp()
  t.match((await logger.waitFor('certificate_read', 2))[1], { names: 'DNS:renewed.example' })
  stop()
  t.equal(await ended, 0)
})

t.test('a hangup makes it read the users file again, and ends nothing', async (t) => {
  const file = join(folderWith(t, usersOf({ ann: {} })), 'users.json')
  const { stop, hangUp, ended, listening, logger } = await running(t, ['--port', '0', '--users', file])
  hangUp()
  const client = await dial(await listening(), 'ann')
  hangUp()
  await logger.waitFor('users_file_read')
  t.ok(client.connected)
  client.end(true)
  stop()
  t.equal(await ended, 0)
})

t.test('accounts of this run come in the environment, and are taken out of it', async (t) => {
  const folder = folderWith(t, usersOf({ ann: {} }))
  const environment = { CROSSING_ACCOUNTS: encodeUsers(usersOf({ run: {} })) }
  const { listening, stop, ended } = await running(
    t,
    ['--port', '0', '--users', join(folder, 'users.json')],
    environment,
  )
  for (const name of ['ann', 'run']) (await dial(await listening(), name)).end(true)
  t.notOk('CROSSING_ACCOUNTS' in environment)
  stop()
  await ended
})

/** Does `task` where `folder` is the working directory. */
async function within<Result>(folder: string, task: () => Promise<Result>): Promise<Result> {
  const before = process.cwd()
  process.chdir(folder)
  try {
    return await task()
  } finally {
    process.chdir(before)
  }
}

t.test('a missing users file is an error, unless accounts of this run do without', async (t) => {
  const folder = folderWith(t, null)
  await within(folder, async () => {
    const missing = await running(t, ['--port', '0'])
    await t.rejects(missing.ended, {
      code: 'configuration',
      message: /users\.json: there is no such file: make it with 'crossing user add/,
    })
    const environment = () => ({ CROSSING_ACCOUNTS: encodeUsers(usersOf({ run: {} })) })
    const named = await running(t, ['--port', '0', '--users', 'users.json'], environment())
    await t.rejects(named.ended, { code: 'configuration' })
    const alone = await running(t, ['--port', '0'], environment())
    ;(await dial(await alone.listening(), 'run')).end(true)
    alone.stop()
    await alone.ended
  })
  await within(folderWith(t, usersOf({ ann: {} })), async () => {
    const both = await running(t, ['--port', '0'], { CROSSING_ACCOUNTS: encodeUsers(usersOf({ run: {} })) })
    for (const name of ['ann', 'run']) (await dial(await both.listening(), name)).end(true)
    both.stop()
    await both.ended
  })
})

t.test('with a crossing file it warns of who has no user, with the command that makes one', async (t) => {
  const folder = folderWith(t, usersOf({ north: { roles: [{ role: 'light', crossing: 'main' }] } }))
  const files = ['--users', join(folder, 'users.json'), '--crossing', join(folder, 'crossing.json')]
  const accounts = usersOf({ boss: { roles: [{ role: 'controller', crossing: 'main' }] } })
  const { logger, stop, ended, listening } = await running(t, ['--port', '0', ...files], {
    CROSSING_ACCOUNTS: encodeUsers(accounts),
  })
  await listening()
  stop()
  await ended
  t.strictSame(logger.of('user_missing'), [
    {
      crossing: 'main',
      missing: 'a user for the light east',
      remedy: 'crossing user add east --role light --crossing main',
    },
  ])
})

t.test('what cannot be used is an error before anything listens', async (t) => {
  const folder = folderWith(t, usersOf({}))
  const users = ['--users', join(folder, 'users.json')]
  const failing = async (argv: string[], code: string, environment = {}) => {
    const { ended, logger } = await running(t, argv, environment)
    await t.rejects(ended, { code })
    t.strictSame(logger.of('listening'), [])
  }
  await failing(['--port', '65536', ...users], 'usage')
  await failing(['--port', 'none', ...users], 'usage')
  await failing(['--port', '0', ...users, '--tls-cert', 'a', '--tls-key', 'b'], 'usage')
  await failing(['--port', '0', ...users, '--tls-port', '0', '--tls-cert', 'a'], 'usage')
  await failing(['--port', '0', ...users, '--tls-port', '0', '--tls-cert', 'a', '--tls-key', 'b'], 'configuration')
  await failing(['--port', '0', ...users, '--http-host', 'a'], 'usage')
  await failing(['--port', '0', ...users, '--http-origin', 'a'], 'usage')
  await failing(['--port', '0', ...users, '--http-port', '65536'], 'usage')
  await failing(['--port', '0', ...users, '--crossing', join(folder, 'none.json')], 'configuration')
  await failing(['--port', '0', ...users], 'configuration', { CROSSING_ACCOUNTS: '{' })
})

t.test('with accounts of this run alone the crossing is judged by them', async (t) => {
  const folder = folderWith(t, null)
  await within(folder, async () => {
    const environment = { CROSSING_ACCOUNTS: encodeUsers(usersOf({ run: {} })) }
    const { logger, stop, ended, listening } = await running(
      t,
      ['--port', '0', '--crossing', 'crossing.json'],
      environment,
    )
    await listening()
    stop()
    await ended
    t.equal(logger.of('user_missing').length, 3)
  })
})

t.test('the help names every option', async (t) => {
  for (const option of Object.keys(realCommand.options)) t.match(realCommand.help, `--${option}`)
})

t.test('the command of the program runs until a signal', async (t) => {
  const folder = folderWith(t, usersOf({ ann: {} }))
  const call = parseCall(realCommand, ['--port', '0', '--users', join(folder, 'users.json')], { LOG_LEVEL: 'fatal' })
  const before = process.listenerCount('SIGTERM')
  const ended = call === 'help' ? Promise.resolve(1) : realCommand.run(call)
  while (process.listenerCount('SIGTERM') === before) await new Promise((resolve) => setImmediate(resolve))
  process.emit('SIGTERM')
  t.equal(await ended, 0)
})

t.test('a limit can be changed by a flag', async (t) => {
  const file = join(folderWith(t, usersOf({ ann: { publish: ['a'] } })), 'users.json')
  const flags = ['--limit', 'packetBytesMax=1000', '--sys-interval', '0']
  const { stop, ended, listening, logger } = await running(t, ['--port', '0', '--users', file, ...flags])
  const client = await dial(await listening(), 'ann')
  client.on('error', () => {})
  client.publish('a', Buffer.alloc(1001))
  t.match(await logger.waitFor('client_cut'), [{ limit: 'packetBytesMax', value: 1000, user: 'ann' }])
  client.end(true)
  stop()
  await ended
})
