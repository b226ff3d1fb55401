import t from 'tap'
import {
  conflictMs,
  greensOf,
  parseTrace,
  recoveryMs,
  rhythmOffMs,
  spellsOf,
  type TracedFrame,
  wrongSteps,
} from '../fixtures/trace-judge.ts'

const RGB = { red: '[255,0,0]', dark: '[0,0,0]', green: '[0,255,0]', amber: '[255,140,0]', 'red-amber': '[255,70,0]' }

type Word = keyof typeof RGB

/** `show('light1', [0, 'red'], [5, 'green'])`: frames of one light, times in ms. */
const show = (light: string, ...frames: readonly (readonly [ms: number, word: Word])[]): TracedFrame[] =>
  parseTrace(frames.map(([ms, word]) => `{"t_ns": ${ms * 1e6}, "light": "${light}", "rgb": ${RGB[word]}}\n`).join(''))

/** A light that does right, green in [from, until), amber for a second. */
const cycle = (light: string, from: number): TracedFrame[] =>
  show(light, [0, 'red'], [from, 'green'], [from + 1500, 'amber'], [from + 2500, 'red'])

t.test('a crossing that does right has no conflict and no wrong step', async (t) => {
  const frames = [...cycle('light1', 1000), ...cycle('light2', 4000)]
  t.equal(conflictMs(frames), 0)
  t.same(wrongSteps(frames), [])
})

t.test('two lights that are non-red at once are a conflict for as long as they are', async (t) => {
  t.equal(conflictMs([...cycle('light1', 1000), ...cycle('light2', 3499)]), 1, 'amber and green')
  t.equal(conflictMs([...cycle('light1', 1000), ...cycle('light2', 3500)]), 0, 'red and green in one moment')
  t.equal(conflictMs([...cycle('light1', 1000), ...cycle('light2', 1000)]), 2500)
  t.equal(conflictMs([...show('a', [0, 'red-amber'], [2, 'red']), ...show('b', [1, 'amber'], [3, 'red'])]), 1)
})

t.test('a conflict is found whatever the order of the frames', async (t) => {
  const frames = [...cycle('light1', 1000), ...cycle('light2', 3000)]
  t.equal(conflictMs(frames.toReversed()), 500)
})

t.test('a display keeps its last colour for ever', async (t) => {
  const stuck = show('light1', [0, 'red'], [1000, 'green'])
  t.equal(conflictMs([...stuck, ...cycle('light2', 9000)]), 2500)
  t.equal(conflictMs([...stuck, ...show('light2', [5000, 'amber'])]), Number.POSITIVE_INFINITY)
})

t.test('a frame painted again does not end a green', async (t) => {
  const repeated = show('light1', [0, 'red'], [1000, 'green'], [1200, 'green'], [2500, 'amber'], [3500, 'red'])
  t.same(greensOf(repeated, 'light1'), [{ light: 'light1', colour: 'green', fromMs: 1000, toMs: 2500 }])
  t.equal(conflictMs([...repeated, ...cycle('light2', 3000)]), 500)
})

t.test('flashing red is red, dark or lit', async (t) => {
  const flashing = show('light1', [0, 'red'], [500, 'dark'], [1000, 'red'], [1500, 'dark'])
  t.equal(conflictMs([...flashing, ...cycle('light2', 100)]), 0)
  t.same(wrongSteps(flashing), [])
  t.same(
    spellsOf(flashing).map(({ colour, fromMs }) => [colour, fromMs]),
    [['red', 0]],
  )
})

t.test('a colour that nobody knows is not red', async (t) => {
  const blue = parseTrace('{"t_ns": 1000000, "light": "light1", "rgb": [0,0,255]}\n')
  t.equal(conflictMs([...blue, ...cycle('light2', 100)]), 2500)
  t.match(wrongSteps(blue), [{ to: 'unknown' }])
})

t.test('only the pairs asked about conflict', async (t) => {
  const frames = [...cycle('a', 1000), ...cycle('b', 1000), ...cycle('c', 4000)]
  t.equal(
    conflictMs(frames, [
      ['a', 'c'],
      ['b', 'c'],
    ]),
    0,
  )
  t.equal(conflictMs(frames), 2500)
})

t.test('finds every step that drivers must not see', async (t) => {
  const steps = (...words: readonly Word[]) =>
    wrongSteps(show('light1', ...words.map((word, index) => [index, word] as const))).map(({ from, to }) => [from, to])
  t.same(steps('red', 'green', 'amber', 'red', 'green'), [])
  t.same(steps('red', 'green', 'red'), [['green', 'red']], 'without amber')
  t.same(steps('red', 'green', 'dark'), [['green', 'red']], 'green and then flashing')
  t.same(steps('red', 'amber', 'red'), [['red', 'amber']], 'amber without green')
  t.same(steps('red', 'green', 'amber', 'green'), [['amber', 'green']], 'a green that comes back')
  t.same(
    steps('red', 'red-amber', 'green'),
    [
      ['red', 'red-amber'],
      ['red-amber', 'green'],
    ],
    'red-amber, where none is used',
  )
  t.same(steps('green'), [['red', 'green']], 'a lamp that starts green')
})

t.test('steps of one light are not mixed up with those of another', async (t) => {
  t.same(wrongSteps([...show('a', [0, 'red'], [1, 'green']), ...show('b', [2, 'red'], [3, 'green'])]), [])
})

t.test('normal again is when every light has begun a green', async (t) => {
  const frames = [...cycle('light1', 1000), ...cycle('light2', 4000)]
  const lights = ['light1', 'light2']
  t.same(recoveryMs(frames, lights, 0), { firstMs: 1000, lastMs: 4000 })
  t.equal(recoveryMs(frames, lights, 1000).lastMs, 3000)
  t.equal(
    recoveryMs(frames, lights, 1001).lastMs,
    Number.POSITIVE_INFINITY,
    'a green that was on already proves nothing',
  )
  t.equal(recoveryMs(frames, ['light1', 'light3'], 0).lastMs, Number.POSITIVE_INFINITY)
})

t.test('tells how far greens are off their rhythm', async (t) => {
  const lights = ['light1', 'light2']
  const frames = [
    ...cycle('light1', 1000),
    ...cycle('light2', 4000),
    ...cycle('light1', 7010),
    ...cycle('light2', 12_000),
  ]
  const off = (sinceMs: number) => rhythmOffMs(frames, lights, { stepMs: 3000, sinceMs })
  t.equal(off(0), 1990, 'the late one')
  t.equal(off(12_000), 1990)
  t.equal(off(12_001), 0, 'it was late before')
  t.equal(
    rhythmOffMs(
      frames.filter(({ atMs }) => atMs < 12_000),
      lights,
      { stepMs: 3000, sinceMs: 0 },
    ),
    10,
  )
  t.equal(
    rhythmOffMs([...cycle('light1', 0), ...cycle('light1', 6000)], lights, { stepMs: 3000, sinceMs: 1 }),
    3000,
    'one is left out',
  )
})

t.test('what is no trace is not judged', async (t) => {
  t.throws(() => parseTrace('{"t_ns": 1, "light": "light1", "rgb": [255,0,0]'), 'a torn line')
  t.throws(() => parseTrace('{"light": "light1", "rgb": [255,0,0]}'))
  t.throws(() => parseTrace('{"t_ns": 1.5, "light": "light1", "rgb": [255,0,0]}'))
  t.throws(() => parseTrace('{"t_ns": 1, "rgb": [255,0,0]}'))
  t.throws(() => parseTrace('{"t_ns": 1, "light": "light1", "rgb": "red"}'))
  t.same(parseTrace(''), [])
})
