import t from 'tap'
import type { Fault, Unmake } from '../../../../src/demo/lab/fault.ts'
import { type FaultState, Lab } from '../../../../src/demo/lab/lab.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

/** A lab with one fault, which is made and undone by the test. */
function labWith(given: Partial<Fault> = {}) {
  const clock = new ManualClock()
  const logger = new RecordingLogger()
  const done: string[] = []
  const told: string[] = []
  const states: FaultState[] = []
  let end = (): void => {}
  const fault: Fault = {
    id: 'cut',
    label: 'cut it',
    group: 'light1',
    undo: 'join it',
    lastsMs: null,
    async make(over) {
      end = over
      done.push('made')
      return () => void done.push('unmade')
    },
    ...given,
  }
  const lab = new Lab(
    [fault],
    { clock, logger },
    {
      changed: (faults) => states.push(...faults),
      happened: (id, text) => told.push(`${id}: ${text}`),
    },
  )
  return { lab, clock, logger, done, told, states, end: () => end() }
}

const only = ({ lab }: { lab: Lab }): FaultState | undefined => lab.state[0]

t.test('what is offered says what it is, and that it does not last yet', (t) => {
  t.strictSame(labWith().lab.state, [
    { id: 'cut', label: 'cut it', group: 'light1', undo: 'join it', active: false, endsInMs: null },
  ])
  t.end()
})

t.test('a fault lasts until it is undone, and both are told', async (t) => {
  const scene = labWith()
  await scene.lab.make('cut')
  t.match(only(scene), { active: true, endsInMs: null })
  await scene.lab.make('cut')
  t.strictSame(scene.done, ['made'], 'one that lasts is left alone')
  await scene.lab.undo('cut')
  await scene.lab.undo('cut')
  t.match(only(scene), { active: false })
  t.strictSame(scene.done, ['made', 'unmade'])
  t.strictSame(scene.told, ['cut: cut it', 'cut: join it'])
  t.match(scene.states.at(-1), { active: false })
})

t.test('it is told before it is made: the fault may be of who carries the news', async (t) => {
  const scene = labWith({
    lastsMs: 5000,
    async make() {
      t.strictSame(scene.told, ['cut: cut it'])
      t.match(scene.states.at(-1), { active: true, endsInMs: 5000 })
      return () => {}
    },
  })
  await scene.lab.make('cut')
  t.equal(scene.told.length, 1)
})

t.test('one with a time undoes itself then, and says how long that is', async (t) => {
  const scene = labWith({ lastsMs: 5000, undo: null })
  await scene.lab.make('cut')
  scene.clock.advance(2000)
  t.match(only(scene), { active: true, endsInMs: 3000 })
  await scene.lab.undo('cut')
  t.match(only(scene), { active: true }, 'nobody undoes it before its time')
  scene.clock.advance(3000)
  t.match(only(scene), { active: false, endsInMs: null })
  t.strictSame(scene.done, ['made', 'unmade'])
})

t.test('one that is undone before its time is not undone again', async (t) => {
  const scene = labWith({ lastsMs: 5000 })
  await scene.lab.make('cut')
  await scene.lab.undo('cut')
  t.strictSame(scene.clock.delays, [])
})

t.test('one that is over at once lasts no longer than its making', async (t) => {
  let made = (_: null): void => {}
  const scene = labWith({
    undo: null,
    make: () =>
      new Promise((resolve) => {
        made = resolve
      }),
  })
  const making = scene.lab.make('cut')
  t.match(only(scene), { active: true })
  made(null)
  await making
  t.match(only(scene), { active: false })
  t.match(scene.states.at(-1), { active: false })
})

t.test('one that ends by itself may be made again', async (t) => {
  const scene = labWith()
  await scene.lab.make('cut')
  scene.end()
  t.match(only(scene), { active: false })
  scene.end()
  await scene.lab.make('cut')
  t.strictSame(scene.done, ['made', 'made'])
})

t.test('one that cannot be made says why', async (t) => {
  const scene = labWith({ make: () => Promise.reject(new Error('it is being started')) })
  await scene.lab.make('cut')
  t.match(only(scene), { active: false })
  t.strictSame(scene.told, ['cut: cut it', 'cut: cut it: it is being started'])
  t.match(scene.logger.of('fault_failed'), [{ fault: 'cut', reason: 'it is being started' }])
})

t.test('an unknown id is logged, not at any length nor any number of times, and does nothing', async (t) => {
  const scene = labWith()
  for (let times = 0; times < 1000; times++) await scene.lab.make('x'.repeat(1000))
  await scene.lab.undo('')
  t.strictSame(scene.done, [])
  t.strictSame(scene.told, [])
  t.strictSame(scene.logger.of('unknown_fault'), [{ id: 'x'.repeat(100) }])
})

t.test('closing undoes all, that which is still being made too, and makes nothing more', async (t) => {
  const scene = labWith({ lastsMs: 5000 })
  await scene.lab.make('cut')
  await scene.lab.close()
  await scene.lab.close()
  t.strictSame(scene.done, ['made', 'unmade'])
  t.strictSame(scene.clock.delays, [])
  await scene.lab.make('cut')
  t.strictSame(scene.done, ['made', 'unmade'])

  let made = (_: Unmake): void => {}
  const late = labWith({
    make: () =>
      new Promise((resolve) => {
        made = resolve
      }),
  })
  const making = late.lab.make('cut')
  await late.lab.close()
  made(() => void late.done.push('unmade'))
  await making
  t.strictSame(late.done, ['unmade'])
  t.match(only(late), { active: false })
})
