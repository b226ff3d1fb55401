import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { CrossingError } from '../../../src/platform/errors.ts'
import { DEMO_CROSSING, parseCrossing } from '../../../src/protocol/crossing.ts'

const DEMO = DEMO_CROSSING.file
const [ONE, TWO] = DEMO.stages

/** The message with which `value` is refused. */
function refusal(t: Test, value: unknown): string {
  try {
    parseCrossing(value, 'broken.json')
  } catch (error) {
    if (error instanceof CrossingError && error.code === 'configuration') return error.message
    throw error
  }
  t.fail('this must be refused', { value })
  return ''
}

const without = (field: keyof typeof DEMO) => Object.fromEntries(Object.entries(DEMO).filter(([key]) => key !== field))
const stage = (change: object) => ({ ...DEMO, stages: [{ ...ONE, ...change }, TWO] })
const names = (count: number) => Array.from({ length: count }, (_, index) => `l${index}`)

/** What is broken, and what the message must hold besides the file's name. */
const BROKEN: readonly (readonly [string, unknown, ...string[]])[] = [
  ['nothing', undefined, 'the content is missing', 'object'],
  ['null', null, 'the content is null', 'object'],
  ['a number', 7, 'the content is 7', 'object'],
  ['a string', 'demo', 'the content is "demo"', 'object'],
  ['a list', [DEMO], 'the content is a list of 1', 'object'],
  ['an empty object', {}, 'crossing is missing', 'lights is missing', 'stages is missing', 'amberSeconds is missing'],

  ['a missing name', without('crossing'), 'crossing is missing', 'letters, digits'],
  ['a missing amber', without('amberSeconds'), 'amberSeconds is missing', '0.5 to 60'],
  ['a missing all-red', without('allRedSeconds'), 'allRedSeconds is missing', '0 to 60'],
  ['an unknown key', { ...DEMO, amberSecond: 1 }, 'amberSecond is 1', 'no such field', 'amberSeconds'],
  ['a key __proto__', JSON.parse('{"__proto__": {"a": 1}}'), '__proto__ is an object', 'no such field'],
  ['a $schema that is no string', { ...DEMO, $schema: 1 }, '$schema is 1'],

  ['a name with a space', { ...DEMO, crossing: 'my crossing' }, 'crossing is "my crossing"', 'letters, digits'],
  ['an empty name', { ...DEMO, crossing: '' }, 'crossing is ""', 'letters, digits'],
  ['a name with a level', { ...DEMO, crossing: 'a/b' }, 'crossing is "a/b"'],
  ['a name with a wildcard', { ...DEMO, crossing: '+' }, 'crossing is "+"'],
  ['a name with a line end', { ...DEMO, crossing: 'demo\n' }, 'crossing is "demo\\u000a"'],
  ['a name of 65 letters', { ...DEMO, crossing: 'a'.repeat(65) }, 'crossing is "aaa', '1 to 64'],
  ['a name that is a number', { ...DEMO, crossing: 1 }, 'crossing is 1'],

  ['one light', { ...DEMO, lights: ['light1'] }, 'lights is a list of 1', '2 to 16'],
  ['seventeen lights', { ...DEMO, lights: names(17) }, 'lights is a list of 17', '2 to 16'],
  ['lights that are no list', { ...DEMO, lights: 'light1' }, 'lights is "light1"', '2 to 16'],
  ['a light with a wildcard', { ...DEMO, lights: ['light1', '#'] }, 'lights[1] is "#"', 'letters, digits'],
  ['a light that is null', { ...DEMO, lights: ['light1', null] }, 'lights[1] is null'],

  ['no stages', { ...DEMO, stages: [] }, 'stages is a list of 0', 'at least one'],
  ['a stage that is a string', { ...DEMO, stages: ['one'] }, 'stages[0] is "one"', 'a stage'],
  ['a stage without a name', stage({ name: '' }), 'stages[0].name is ""', '1 to 64'],
  ['a stage with a control character', stage({ name: '\u001b[2J' }), 'stages[0].name is "\\u001b[2J"', 'printable'],
  ['a stage with a long name', stage({ name: 'x'.repeat(65) }), 'stages[0].name is "xx'],
  ['a stage with no lights', stage({ green: [] }), 'stages[0].green is a list of 0', 'at least one'],
  ['a stage with an unknown key', stage({ amber: 3 }), 'stages[0].amber is 3', 'no such field', 'name, green, seconds'],
  ['a green of 0.999 s', stage({ seconds: 0.999 }), 'stages[0].seconds is 0.999', '1 to 3600'],
  ['a green of over an hour', stage({ seconds: 3600.1 }), 'stages[0].seconds is 3600.1', '1 to 3600'],
  ['a negative green', stage({ seconds: -5 }), 'stages[0].seconds is -5'],
  ['a green without end', stage({ seconds: Number.POSITIVE_INFINITY }), 'stages[0].seconds is Infinity'],
  ['a green that is no number', stage({ seconds: Number.NaN }), 'stages[0].seconds is NaN'],
  ['a green that is text', stage({ seconds: '5' }), 'stages[0].seconds is "5"', 'a number'],

  ['compatible that is no list', { ...DEMO, compatible: {} }, 'compatible is an object', 'a list'],
  ['a pair of one', { ...DEMO, compatible: [['light1']] }, 'compatible[0] is a list of 1', '["a", "b"]'],
  ['a pair of three', { ...DEMO, compatible: [['a', 'b', 'c']] }, 'compatible[0] is a list of 3', '["a", "b"]'],
  ['a pair of numbers', { ...DEMO, compatible: [[1, 'light1']] }, 'compatible[0][0] is 1'],

  ['an amber of 0', { ...DEMO, amberSeconds: 0 }, 'amberSeconds is 0', '0.5 to 60'],
  ['an amber of 0.4 s', { ...DEMO, amberSeconds: 0.4 }, 'amberSeconds is 0.4', '0.5 to 60'],
  ['an amber of 61 s', { ...DEMO, amberSeconds: 61 }, 'amberSeconds is 61', '0.5 to 60'],
  ['a negative red-amber', { ...DEMO, redAmberSeconds: -1 }, 'redAmberSeconds is -1', '0 to 10'],
  ['a red-amber of 11 s', { ...DEMO, redAmberSeconds: 11 }, 'redAmberSeconds is 11', '0 to 10'],
  ['a red-amber that is null', { ...DEMO, redAmberSeconds: null }, 'redAmberSeconds is null'],
  ['an all-red of 61 s', { ...DEMO, allRedSeconds: 61 }, 'allRedSeconds is 61', '0 to 60'],
  ['an all-red of 0', { ...DEMO, allRedSeconds: 0 }, 'allRedSeconds is 0', 'make it longer'],
  ['an all-red within lateMs', { ...DEMO, allRedSeconds: 0.2 }, 'allRedSeconds is 0.2', '0.2004'],

  ['unknown constants', { ...DEMO, constants: 'fast' }, 'constants is "fast"', '"demo"'],
  ['constants that are null', { ...DEMO, constants: null }, 'constants is null', '"demo"'],
  ['constants that are a list', { ...DEMO, constants: [] }, 'constants is a list of 0', '"demo"'],
  ['an unknown constant', { ...DEMO, constants: { heartbeat: 1 } }, 'constants.heartbeat is 1', 'heartbeatMs'],
  [
    'a constant named as objects have it',
    { ...DEMO, constants: { constructor: 1 } },
    'constants.constructor is 1',
    'no such field',
  ],
  ['amberMs in constants', { ...DEMO, constants: { amberMs: 3 } }, 'constants.amberMs is 3', 'amberSeconds'],
  [
    'redAmberMs in constants',
    { ...DEMO, constants: { redAmberMs: 2 } },
    'constants.redAmberMs is 2',
    'redAmberSeconds',
  ],
  ['allRedMs in constants', { ...DEMO, constants: { allRedMs: 1 } }, 'constants.allRedMs is 1', 'allRedSeconds'],
  ['amberMs beside constants', { ...DEMO, amberMs: 3 }, 'amberMs is 3', 'no such field', 'amberSeconds'],
  ['a heartbeat of 19 ms', { ...DEMO, constants: { heartbeatMs: 19 } }, 'constants.heartbeatMs is 19', '20 to 60000'],
  ['a heartbeat that is text', { ...DEMO, constants: { heartbeatMs: '1' } }, 'constants.heartbeatMs is "1"'],
  ['a stale of over an hour', { ...DEMO, constants: { staleMs: 3.7e6 } }, 'constants.staleMs is 3700000', '3600000'],
  [
    'a horizon of over an hour',
    { ...DEMO, constants: { horizonMs: 3.7e6 } },
    'constants.horizonMs is 3700000',
    '3600000',
  ],
  ['a rho of 0', { ...DEMO, constants: { rho: 0 } }, 'constants.rho is 0', 'above 0 and below 0.1'],
  ['a rho of 0.1', { ...DEMO, constants: { rho: 0.1 } }, 'constants.rho is 0.1', 'above 0 and below 0.1'],
  ['a negative rho', { ...DEMO, constants: { rho: -0.002 } }, 'constants.rho is -0.002'],
  ['a lateMs of 199', { ...DEMO, constants: { lateMs: 199 } }, 'lateMs is 199', 'at least 200'],
  ['a startRedMs of 0', { ...DEMO, constants: { startRedMs: 0 } }, 'constants.startRedMs is 0'],
  ['an aheadMs of 0', { ...DEMO, constants: { aheadMs: 0 } }, 'constants.aheadMs is 0'],
  ['a stale of 3 heartbeats', { ...DEMO, constants: { staleMs: 1500 } }, 'staleMs is 1500', '3 x heartbeatMs'],
  [
    'a horizon too near',
    { ...DEMO, amberSeconds: 8, allRedSeconds: 1, constants: 'default' },
    'horizonMs is 10000',
    'aheadMs + red-amber + amber',
    '10500',
  ],
]

for (const [what, value, ...words] of BROKEN) {
  t.test(`${what} is refused, and the message says where and why`, async (t) => {
    const message = refusal(t, value)
    for (const word of ['broken.json', ...words]) t.ok(message.includes(word), word, { message })
  })
}

t.test('a missing constant is not a mistake, one that is undefined is', async (t) => {
  t.doesNotThrow(() => parseCrossing({ ...DEMO, constants: {}, allRedSeconds: 1 }, 'x'))
  t.match(refusal(t, { ...DEMO, constants: { staleMs: undefined } }), 'constants.staleMs')
})

t.test('all mistakes are told at once, one on each line, of shape, layout and times together', async (t) => {
  const message = refusal(t, {
    ...DEMO,
    crossing: 'a b',
    lights: ['light1', 'light2', 'light3'],
    allRedSeconds: 0.1,
    constants: 'default',
    more: true,
  })
  t.same(
    message.split('\n').map((line) => line.trim().split(' ')[0]),
    ['broken.json:', 'crossing', 'more', 'lights', 'allRedSeconds'],
  )
  t.match(message, 'broken.json: 4 mistakes')
})

t.test('a single mistake is one line', async (t) => {
  t.notMatch(refusal(t, { ...DEMO, amberSeconds: 0 }), '\n')
})

t.test('of many mistakes twenty are told, and how many more there are', async (t) => {
  const garbage = Object.fromEntries(names(50).map((name) => [name, 1]))
  const lines = refusal(t, { ...DEMO, ...garbage }).split('\n')
  t.match(lines[0], '50 mistakes')
  t.match(lines.at(-1), 'and 30 more')
  t.equal(lines.length, 22)
})

t.test('what is shown of a value is short and cannot move the cursor of a terminal', async (t) => {
  const message = refusal(t, { ...DEMO, crossing: `\u001b]0;x\u0007\u009b\u202e${'y'.repeat(10_000)}`, '\u001b[2J': 1 })
  t.ok(message.length < 600)
  t.notMatch(message.replaceAll('\n', ''), /\p{C}/u)
})

t.test('a value nested deep is refused like any other', async (t) => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  t.match(refusal(t, { ...DEMO, lights: deep }), 'lights is a list of 1')
  t.match(refusal(t, { ...DEMO, constants: { rho: deep } }), 'constants.rho is a list of 1')
  t.match(refusal(t, { ...DEMO, deep }), 'deep is a list of 1')
})

t.test('whatever it is given, it parses or refuses with a configuration error', async () => {
  const keys = Object.keys(DEMO)
  const almost = fc
    .record({ key: fc.constantFrom(...keys), value: fc.jsonValue() })
    .map(({ key, value }) => ({ ...DEMO, [key]: value }))
  await fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.anything(), almost), (value) => {
      try {
        return typeof parseCrossing(value, 'x').digest === 'string'
      } catch (error) {
        return error instanceof CrossingError && error.code === 'configuration'
      }
    }),
    { numRuns: 500 },
  )
})
