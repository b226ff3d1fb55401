import t from 'tap'
import { DatabaseJournal, NO_JOURNAL } from '../../../../src/broker/persistence/journal.ts'
import type { Entry } from '../../../../src/broker/persistence/records.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'
import { FaultyDatabase } from '../../../fixtures/faulty-database.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const entry = (key: string, text = key): Entry => [key, Buffer.from(text)]

async function openJournal(everything: () => Iterable<Entry> = () => []) {
  const [database, logger, clock] = [new FaultyDatabase(), new RecordingLogger(), new ManualClock()]
  const journal = new DatabaseJournal({ openDatabase: database.open, everything, logger, clock })
  for await (const _ of journal.open()) t.fail('there is nothing yet')
  return { database, logger, clock, journal }
}

t.test('what was put before is in the database when it is written', async (t) => {
  const { journal, database } = await openJournal()
  journal.put(entry('a', 'old'))
  journal.put(entry('a', 'new'))
  journal.put(entry('b'))
  journal.delete('b')
  await journal.written()
  t.strictSame([...database.content], [['a', Buffer.from('new')]])
  t.equal(database.writes, 1, 'in one write')
})

t.test('what comes while a write is under way goes in the next one, together', async (t) => {
  const { journal, database } = await openJournal()
  journal.put(entry('a'))
  await Promise.resolve()
  await Promise.resolve()
  journal.put(entry('b'))
  journal.put(entry('c'))
  await journal.written()
  t.strictSame([...database.content.keys()], ['a', 'b', 'c'])
  t.equal(database.writes, 2)
})

t.test('a full disk is logged, nobody waits for it, and all is written once there is room', async (t) => {
  const all = new Map([['a', Buffer.from('a')]])
  const { journal, database, logger, clock } = await openJournal(() => all)
  database.content.set('stale', Buffer.from('x'))
  database.isFull = true
  journal.put(entry('a'))
  await journal.written()
  t.match(logger.of('store_failed'), [{ reason: 'no space left on device', remedy: /make room/ }])
  t.equal(journal.failures, 1)
  all.set('b', Buffer.from('b'))
  journal.put(entry('b'))
  await journal.written()
  clock.advance(10_000)
  await logger.waitFor('store_failed', 2)
  database.isFull = false
  clock.advance(10_000)
  await logger.waitFor('store_recovered')
  t.strictSame([...database.content.keys()].sort(), ['a', 'b'])
  journal.put(entry('c'))
  await journal.written()
  t.ok(database.content.has('c'), 'and it goes on')
})

t.test('the end writes what is left, and gives the database back', async (t) => {
  const { journal, database } = await openJournal()
  journal.put(entry('a'))
  await journal.close()
  t.ok(database.content.has('a'))
  t.notOk(database.isOpen)
  journal.put(entry('late'))
  await journal.written()
  t.notOk(database.content.has('late'))
})

t.test('the end of a broker whose disk is full tries once more', async (t) => {
  const { journal, database } = await openJournal(() => [entry('a')])
  database.isFull = true
  journal.put(entry('a'))
  await journal.written()
  database.isFull = false
  await journal.close()
  t.ok(database.content.has('a'))
  t.notOk(database.isOpen)
})

t.test('without a database nothing is kept, and nobody waits', async (t) => {
  for await (const _ of NO_JOURNAL.open()) t.fail('there is nothing')
  NO_JOURNAL.put(entry('a'))
  NO_JOURNAL.delete('a')
  await NO_JOURNAL.written()
  await NO_JOURNAL.close()
  t.equal(NO_JOURNAL.failures, 0)
})
