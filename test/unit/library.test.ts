import { hashSync } from 'bcryptjs'
import t, { type Test } from 'tap'
import { parseUsers, startBroker, startController, startLight, type Users } from '../../src/index.ts'
import { recorder } from '../fixtures/recording-display.ts'

const user = (name: string, role: 'light' | 'controller') => [
  name,
  { hash: hashSync(`${name}-password`, 4), roles: [{ role, crossing: 'demo' }] },
]

const USERS = Object.fromEntries([user('light1', 'light'), user('light2', 'light'), user('controller', 'controller')])

const users: Users = parseUsers(JSON.stringify({ users: USERS }), 'users of the test')

async function runs(t: Test, over: 'in-memory streams' | 'TCP'): Promise<void> {
  const record = recorder(() => performance.now())
  await using broker = await startBroker({ users, port: over === 'TCP' ? 0 : false })
  const url = broker.url ?? 'mqtt://in-memory'
  const network = over === 'TCP' ? {} : { network: () => broker.connect() }
  const light = (name: string) =>
    startLight({ name, url, password: `${name}-password`, display: record.display(name) }, network)
  await using _light1 = await light('light1')
  await using _light2 = await light('light2')
  await using controller = await startController(
    { url, username: 'controller', password: 'controller-password' },
    network,
  )
  const first = await record.until('light1', 'green')
  const second = await record.until('light2', 'green')
  t.type(controller.run, 'number')
  t.ok(second.atMs > first.atMs)
  t.equal(record.nonRedMax, 1, 'never both non-red')
}

t.test('a whole crossing runs in one process', { jobs: 2 }, (t) => {
  for (const over of ['in-memory streams', 'TCP'] as const)
    void t.test(`over ${over}`, { buffered: true }, (t) => runs(t, over))
  t.end()
})
