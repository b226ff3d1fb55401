import t from 'tap'
import { type Layout, layoutFaults, pairOf } from '../../../src/protocol/crossing-layout.ts'

const SOUND: Layout = {
  lights: ['north', 'south', 'east'],
  stages: [
    { name: 'main', green: ['north', 'south'] },
    { name: 'side', green: ['east'] },
  ],
  compatible: [['south', 'north']],
}

const stages = (...greens: string[][]): Layout => ({
  ...SOUND,
  stages: greens.map((green, index) => ({ name: `s${index}`, green })),
})

/** What is wrong, where, and what the only sentence about it must hold. */
const BROKEN: readonly (readonly [string, Layout, ...string[]])[] = [
  ['a light named twice', { ...SOUND, lights: [...SOUND.lights, 'north'] }, 'lights[3] is "north" again', 'remove'],
  ['a light that no stage serves', { ...SOUND, lights: [...SOUND.lights, 'west'] }, '"west"', 'in no stage', 'add it'],
  [
    'a stage with an unknown light',
    stages(['north', 'up'], ['south'], ['east']),
    'stages[0].green[1] is "up"',
    'lights',
  ],
  [
    'a stage with a light twice',
    stages(['north', 'north'], ['south'], ['east']),
    'stages[0].green[1] is "north" again',
  ],
  [
    'a pair with an unknown light',
    {
      ...SOUND,
      compatible: [
        ['south', 'north'],
        ['east', 'up'],
      ],
    },
    'compatible[1][1] is "up"',
    'lights',
  ],
  ['an arm of an unknown light', { ...SOUND, arms: { up: 'north' } }, 'arms names "up"', 'lights'],
  [
    'a light paired with itself',
    {
      ...SOUND,
      compatible: [
        ['south', 'north'],
        ['east', 'east'],
      ],
    },
    'compatible[1] pairs "east" with itself',
  ],
  [
    'a pair named twice',
    {
      ...SOUND,
      compatible: [
        ['south', 'north'],
        ['north', 'south'],
      ],
    },
    'compatible[1] names north and south again',
  ],
  [
    'two stages of one name',
    { ...SOUND, stages: [...SOUND.stages, { name: 'side', green: ['north'] }] },
    'stages[2].name is "side" again',
    'a name of its own',
  ],
  [
    'a stage with two lights that conflict',
    stages(['north', 'south'], ['south', 'east']),
    'stages[1].green',
    '"s1"',
    '"south" and "east", which conflict',
    'another stage',
    'add ["south", "east"] to compatible',
  ],
]

t.test('a layout whose parts fit has no faults', async (t) => {
  t.same(layoutFaults(SOUND), [])
})

for (const [what, layout, ...words] of BROKEN) {
  t.test(`${what}: one sentence says where and what to change`, async (t) => {
    const faults = layoutFaults(layout)
    t.equal(faults.length, 1, { faults })
    for (const word of words) t.ok(faults[0]?.includes(word), word, { faults })
  })
}

t.test('every conflicting pair of a stage is told', async (t) => {
  const faults = layoutFaults({ ...SOUND, stages: [{ name: 'all', green: ['north', 'south', 'east'] }] })
  t.match(faults, [/"north" and "east"/, /"south" and "east"/])
})

t.test('the line to add to compatible mends the stage', async (t) => {
  const layout = stages(['north', 'south'], ['south', 'east'])
  const line = /add (\[.*\]) to/.exec(layoutFaults(layout)[0] ?? '')?.[1] ?? ''
  t.same(layoutFaults({ ...layout, compatible: [...layout.compatible, JSON.parse(line)] }), [])
})

t.test('a pair is the same either way round, and no other pair is', async (t) => {
  t.equal(pairOf(['a', 'b']), pairOf(['b', 'a']))
  t.not(pairOf(['a', 'b']), pairOf(['a', 'c']))
  t.not(pairOf(['ab', 'c']), pairOf(['a', 'bc']))
})
