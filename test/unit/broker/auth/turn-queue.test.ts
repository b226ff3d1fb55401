import fc from 'fast-check'
import t from 'tap'
import { type Ticket, TurnQueue } from '../../../../src/broker/auth/turn-queue.ts'

/** Works that last until they are told to end, in the order in which they were begun. */
function workshop(bounds: { runningMax: number; waitingMax: number }) {
  const queue = new TurnQueue(bounds)
  const begun: string[] = []
  const ends: (() => void)[] = []
  const add = (source: string, name: string): Ticket<string> =>
    queue.add(source, () => {
      begun.push(name)
      return new Promise((resolve) => ends.push(() => resolve(name)))
    })
  const endAll = async (): Promise<void> => {
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end()
      // The next one is begun within the promises of this one.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { queue, begun, add, endAll }
}

t.test('a few are at work at once, the others wait, oldest first', async (t) => {
  const { queue, begun, add, endAll } = workshop({ runningMax: 2, waitingMax: 10 })
  const tickets = ['1', '2', '3', '4'].map((name) => add('a', name))
  t.strictSame(begun, ['1', '2'])
  t.equal(queue.waiting, 2)
  await endAll()
  t.strictSame(await Promise.all(tickets.map(({ result }) => result)), ['1', '2', '3', '4'])
  t.strictSame(begun, ['1', '2', '3', '4'])
  t.equal(queue.waiting, 0)
})

t.test('sources take turns, whatever each has waiting', async (t) => {
  const { begun, add, endAll } = workshop({ runningMax: 1, waitingMax: 10 })
  for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1']) add(name.slice(0, 1), name)
  await endAll()
  t.strictSame(begun, ['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4'])
})

t.test('where no more may wait, the newest of the source with most gives way', async (t) => {
  const { queue, begun, add, endAll } = workshop({ runningMax: 1, waitingMax: 4 })
  add('z', 'busy')
  const flood = ['a1', 'a2', 'a3', 'a4'].map((name) => add('a', name))
  t.equal(await add('a', 'a5').result, null, 'it does not push itself out')
  add('b', 'b1')
  t.equal(await flood[3]?.result, null)
  add('b', 'b2')
  t.equal(await flood[2]?.result, null)
  t.equal(await add('b', 'b3').result, null, 'nobody has more than b has with it')
  t.equal(queue.waiting, 4)
  await endAll()
  t.strictSame(begun, ['busy', 'a1', 'b1', 'a2', 'b2'])
})

t.test('who leaves while waiting is never begun, and makes room', async (t) => {
  const { begun, add, endAll } = workshop({ runningMax: 1, waitingMax: 2 })
  const busy = add('a', 'busy')
  const first = add('a', 'first')
  add('a', 'second')
  t.equal(busy.cancel(), false, 'it has begun')
  t.equal(first.cancel(), true)
  t.equal(first.cancel(), false)
  t.equal(await first.result, null)
  add('a', 'third')
  await endAll()
  t.strictSame(begun, ['busy', 'second', 'third'])
})

t.test('work that fails gives up its place', async (t) => {
  const queue = new TurnQueue({ runningMax: 1, waitingMax: 1 })
  const failing = queue.add('a', () => Promise.reject(new Error('defect')))
  const next = queue.add('a', async () => 'next')
  await t.rejects(failing.result, { message: 'defect' })
  t.equal(await next.result, 'next')
})

t.test('nothing is lost, and nobody waits more turns than there are sources before him', async () => {
  const arrivals = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(arrivals, async (sources) => {
      const { begun, add, endAll } = workshop({ runningMax: 1, waitingMax: 100 })
      const names = sources.map((source, index) => `${source}/${index}`)
      for (const name of names) add(name.slice(0, 1), name)
      await endAll()
      if (begun.length !== names.length || new Set(begun).size !== names.length) return false
      // The first one did not wait. Of all others, those of one source keep their order, and have no gap over a round.
      const [, ...waited] = begun
      const all = new Set(waited.map((name) => name.slice(0, 1)))
      return [...all].every((source) => {
        const turns = waited.flatMap((name, turn) => (name.startsWith(source) ? [turn] : []))
        const gaps = turns.map((turn, index) => turn - (turns[index - 1] ?? -1))
        return gaps.every((gap) => gap <= all.size)
      })
    }),
    { numRuns: 60 },
  )
})
