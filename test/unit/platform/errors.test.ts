import t from 'tap'
import {
  assert,
  CrossingError,
  configurationError,
  failure,
  reasonOf,
  systemCode,
  usageError,
} from '../../../src/platform/errors.ts'

t.test('each kind of error has its code and the exit code of its kind', async (t) => {
  const cause = new Error('deeper')
  for (const [error, code, exitCode] of [
    [usageError('words'), 'usage', 2],
    [configurationError('words', cause), 'configuration', 78],
    [failure('words', cause), 'failed', 1],
    [new CrossingError('internal', 'words'), 'internal', 1],
  ] as const) {
    t.match(error, { name: 'CrossingError', code, exitCode, message: 'words' })
  }
  t.equal(failure('words', cause).cause, cause)
})

t.test('a broken invariant is an internal error that says what should have held', async (t) => {
  t.doesNotThrow(() => assert(true, 'one is one'))
  t.throws(() => assert(false, 'one is two'), { code: 'internal', message: /one is two/ })
})

t.test('anything thrown has words', async (t) => {
  t.equal(reasonOf(new Error('words')), 'words')
  t.equal(reasonOf('words'), 'words')
  t.equal(reasonOf(undefined), 'undefined')
})

t.test('only the code of a system error is one', async (t) => {
  t.equal(systemCode(Object.assign(new Error(''), { code: 'ENOENT' })), 'ENOENT')
  for (const other of [{ code: 5 }, {}, null, undefined, 'ENOENT', new Error('')]) t.equal(systemCode(other), undefined)
})
