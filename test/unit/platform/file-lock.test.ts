import { Server } from 'node:net'
import t from 'tap'
import { type Clock, systemClock } from '../../../src/platform/clock.ts'
import { withAbstractLock } from '../../../src/platform/file-lock.ts'

const name = `file-lock test ${process.pid}`

t.test('tasks with one lock run one after the other, and give what they give', async (t) => {
  const order: string[] = []
  const task = (label: string) => async (): Promise<string> => {
    order.push(`${label} begins`)
    await new Promise((resolve) => setImmediate(resolve))
    order.push(`${label} ends`)
    return label
  }
  const results = await Promise.all([withAbstractLock(name, task('a')), withAbstractLock(name, task('b'))])
  t.strictSame(results, ['a', 'b'])
  t.match(order[1], order[0]?.replace('begins', 'ends'))
  t.match(order[3], order[2]?.replace('begins', 'ends'))
})

t.test('locks with different names do not wait for each other', async (t) => {
  await withAbstractLock(name, () => withAbstractLock(`${name} too`, async () => t.pass()))
})

t.test('a task that fails frees the lock', async (t) => {
  const failing = withAbstractLock(name, async () => Promise.reject(new Error('task')))
  await t.rejects(failing, { message: 'task' })
  await withAbstractLock(name, async () => t.pass())
})

t.test('a lock that does not become free is given up after ten seconds', async (t) => {
  let nowMs = 0
  const clock: Clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    after(delayMs, task) {
      nowMs += delayMs
      setImmediate(task)
      return () => {}
    },
  }
  await withAbstractLock(name, async () => {
    await t.rejects(
      withAbstractLock(name, async () => {}, clock),
      { code: 'failed' },
    )
  })
  t.ok(nowMs >= 10_000 && nowMs < 10_100, `${nowMs} ms`)
})

t.test('a lock that cannot be taken at all is an error with the reason', async (t) => {
  t.intercept(Server.prototype, 'listen', {
    value: () => {
      throw new Error('no such sockets here')
    },
  })
  await t.rejects(
    withAbstractLock(name, async () => {}),
    { code: 'failed', message: /no such sockets here/ },
  )
})
