import t from 'tap'
import { tally } from '../../../src/platform/tally.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'

function started() {
  const clock = new ManualClock()
  const lines: object[] = []
  return { clock, lines, count: tally(clock, (fields, event) => lines.push({ ...fields, event })) }
}

t.test('the first of a kind is logged at once, without a count', async (t) => {
  const { lines, count } = started()
  count('garbage', { topic: 'x' }, 'dropped')
  t.strictSame(lines, [{ topic: 'x', event: 'dropped' }])
})

t.test('a flood is a line in 10 s, with how many there were since', async (t) => {
  const { clock, lines, count } = started()
  for (let ms = 0; ms < 20_000; ms += 10) {
    count('garbage', { ms }, 'dropped')
    clock.advance(10)
  }
  t.strictSame(lines, [
    { ms: 0, event: 'dropped' },
    { ms: 10_000, count: 1000, event: 'dropped' },
  ])
})

t.test('kinds are counted apart', async (t) => {
  const { clock, lines, count } = started()
  count('a', {}, 'a')
  count('b', {}, 'b')
  count('a', {}, 'a')
  clock.advance(10_000)
  count('b', {}, 'b')
  count('a', {}, 'a')
  t.strictSame(lines, [{ event: 'a' }, { event: 'b' }, { event: 'b' }, { count: 2, event: 'a' }])
})

t.test('who invents kinds fills neither memory nor log', async (t) => {
  const { clock, lines, count } = started()
  for (let kind = 0; kind < 10_000; kind++) count(`kind ${kind}`, {}, 'dropped')
  t.equal(lines.length, 256)
  clock.advance(10_000)
  count('kind 9999', {}, 'dropped')
  t.equal(lines.length, 257, 'once the old ones are quiet, new ones are logged')
  t.strictSame(lines.at(-1), { event: 'dropped' })
})
