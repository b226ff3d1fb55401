import t from 'tap'
import { Turn } from '../../../src/broker/turn.ts'

const nextTurn = (): Promise<void> => new Promise(setImmediate)

/** More than fits into any turn. */
const MANY = 10_000

t.test('who comes when a turn is full waits for the next, first come first served, and is called once', async (t) => {
  const turn = new Turn()
  const called: string[] = []
  const [first, second] = [() => void called.push('first'), () => void called.push('second')]
  t.ok(turn.admits(first))
  turn.took(MANY)
  for (const again of [first, second, first]) t.notOk(turn.admits(again))
  t.strictSame(called, [])
  await nextTurn()
  t.strictSame(called, ['first', 'second'])
  t.ok(turn.admits(second))
  await nextTurn()
  t.equal(called.length, 2)
})

t.test('one who fills the next turn alone leaves the others to the one after that', async (t) => {
  const turn = new Turn()
  const called: string[] = []
  turn.took(MANY)
  const greedy = (): void => {
    called.push('greedy')
    turn.took(MANY)
  }
  turn.admits(greedy)
  turn.admits(() => called.push('modest'))
  await nextTurn()
  t.strictSame(called, ['greedy'])
  await nextTurn()
  t.strictSame(called, ['greedy', 'modest'])
})

t.test('portions without a message fill it too', async (t) => {
  const turn = new Turn()
  let portions = 0
  while (turn.admits(() => {})) {
    turn.took(0)
    portions += 1
  }
  t.ok(portions > 0 && portions <= 1000, `${portions}`)
})

t.test('who is gone is not called', async (t) => {
  const turn = new Turn()
  const again = (): void => void t.fail('called')
  turn.took(MANY)
  turn.admits(again)
  turn.forget(again)
  await nextTurn()
})
