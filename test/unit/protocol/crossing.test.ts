import * as fc from 'fast-check'
import t from 'tap'
import { type Constants, DEFAULT_CONSTANTS, DEMO_CONSTANTS } from '../../../src/protocol/constants.ts'
import { DEMO_CROSSING, digestOf, parseCrossing } from '../../../src/protocol/crossing.ts'

const FOUR_ARM = {
  crossing: 'four-arm',
  lights: ['north', 'east', 'south', 'west'],
  stages: [
    { name: 'north and south', green: ['north', 'south'], seconds: 25 },
    { name: 'south alone', green: ['south'], seconds: 5 },
    { name: 'east and west', green: ['east', 'west'], seconds: 18 },
  ],
  compatible: [
    ['south', 'north'],
    ['east', 'west'],
  ],
  amberSeconds: 3,
  allRedSeconds: 2,
}

const parse = (value: unknown) => parseCrossing(value, 'x.json')

t.test('a file gives its name, lights, stages and times', async (t) => {
  const crossing = parse(FOUR_ARM)
  t.equal(crossing.name, 'four-arm')
  t.same(crossing.lights, ['north', 'east', 'south', 'west'])
  t.same(crossing.stages[0], { name: 'north and south', green: ['north', 'south'], greenMs: 25_000 })
  t.match(crossing.constants, { amberMs: 3000, allRedMs: 2000 })
})

t.test('a light may be green in several stages', async (t) => {
  t.same(
    parse(FOUR_ARM)
      .stages.filter(({ green }) => green.includes('south'))
      .map(({ name }) => name),
    ['north and south', 'south alone'],
  )
})

t.test('all lights conflict unless the pair is named, either way round', async (t) => {
  t.same(Object.fromEntries(parse(FOUR_ARM).conflicting), {
    north: ['east', 'west'],
    east: ['north', 'south'],
    south: ['east', 'west'],
    west: ['north', 'south'],
  })
  t.same(Object.fromEntries(DEMO_CROSSING.conflicting), { light1: ['light2'], light2: ['light1'] })
})

t.test('without compatible, redAmberSeconds and constants: none, 0 and the defaults', async (t) => {
  const { compatible, redAmberSeconds, constants, ...least } = DEMO_CROSSING.file
  const crossing = parse(least)
  t.match(crossing.constants, { ...DEFAULT_CONSTANTS, redAmberMs: 0 })
  t.match(crossing.file, { compatible: [], redAmberSeconds: 0, constants: 'default' })
})

t.test('"demo" gives the constants of the demo', async (t) => {
  t.same(DEMO_CROSSING.constants, { ...DEMO_CONSTANTS, amberMs: 1000, redAmberMs: 0, allRedMs: 500 })
})

t.test('an object of constants changes the defaults where it names them, and nothing else', async (t) => {
  const { constants } = parse({ ...FOUR_ARM, constants: { heartbeatMs: 400, rho: 0.001 } })
  t.match(constants, { ...DEFAULT_CONSTANTS, heartbeatMs: 400, rho: 0.001 })
})

t.test('seconds become whole milliseconds', async (t) => {
  const { constants } = parse({ ...FOUR_ARM, amberSeconds: 3.3, redAmberSeconds: 1.1, allRedSeconds: 1.001 })
  t.match(constants, { amberMs: 3300, redAmberMs: 1100, allRedMs: 1001 })
  t.equal(
    parse({ ...FOUR_ARM, stages: FOUR_ARM.stages.map((stage) => ({ ...stage, seconds: 4.35 })) }).stages[0]?.greenMs,
    4350,
  )
})

t.test('what viewers are given is the file without its $schema, and gives the same crossing again', async (t) => {
  const crossing = parse({ $schema: './crossing.schema.json', ...FOUR_ARM })
  t.notOk('$schema' in crossing.file)
  t.same(parse(JSON.parse(JSON.stringify(crossing.file))), crossing)
})

t.test('the demo changes each light every 3 s', async (t) => {
  const { amberMs, redAmberMs, allRedMs } = DEMO_CROSSING.constants
  for (const { greenMs } of DEMO_CROSSING.stages) t.equal(redAmberMs + greenMs + amberMs + allRedMs, 3000)
})

t.test('an arm is a point of the compass or a whole turn of degrees, and is no part of the digest', async (t) => {
  const crossing = parse({ ...FOUR_ARM, arms: { north: 'south-west', east: 12.5 } })
  t.strictSame(crossing.file.arms, { north: 'south-west', east: 12.5 })
  t.equal(crossing.digest, parse(FOUR_ARM).digest)
  for (const arm of ['up', 361, -1, null]) {
    t.throws(() => parse({ ...FOUR_ARM, arms: { north: arm } }), /arms\.north .*degrees clockwise/s, { arm })
  }
})

t.test('the digest', async (t) => {
  const constants: Constants = DEMO_CROSSING.constants
  const lights = ['a', 'b', 'c', 'd', 'e']
  const pairs: [string, string][] = [
    ['a', 'b'],
    ['b', 'c'],
    ['d', 'e'],
    ['a', 'e'],
  ]
  const reference = digestOf(lights, pairs, constants)

  t.test('is 64 hexadecimal digits that do not change from release to release', async (t) => {
    t.equal(DEMO_CROSSING.digest, '109f6263a809b3ca2336fd4c46f67d0704e058a97ed4bf9b55bfd877be316768')
    t.match(reference, /^[0-9a-f]{64}$/)
  })

  t.test('does not depend on the order of lights, pairs, the names in a pair or keys', async () => {
    const shuffled = fc.record({
      lights: fc.shuffledSubarray(lights, { minLength: lights.length }),
      pairs: fc.shuffledSubarray(pairs, { minLength: pairs.length }),
      turned: fc.array(fc.boolean(), { minLength: pairs.length, maxLength: pairs.length }),
      keys: fc.shuffledSubarray(Object.entries(constants), { minLength: Object.keys(constants).length }),
    })
    await fc.assert(
      fc.property(shuffled, (one) => {
        const turned = one.pairs.map(([a, b], index): [string, string] => (one.turned[index] ? [b, a] : [a, b]))
        const reordered = { ...constants, ...Object.fromEntries(one.keys) }
        const keysFirst = Object.assign(Object.fromEntries(one.keys), reordered)
        return digestOf(one.lights, turned, keysFirst) === reference
      }),
    )
  })

  t.test('does not change what it is given', async (t) => {
    const given = { lights: ['b', 'a'], pairs: [['b', 'a']] as const }
    digestOf(given.lights, given.pairs, constants)
    t.same(given, { lights: ['b', 'a'], pairs: [['b', 'a']] })
  })

  t.test('differs when a light, a pair or any constant does', async (t) => {
    const others = [
      digestOf([...lights, 'f'], pairs, constants),
      digestOf(lights, pairs.slice(1), constants),
      digestOf(lights, [...pairs, ['c', 'd']], constants),
      ...Object.entries(constants).map(([key, value]) =>
        digestOf(lights, pairs, { ...constants, [key]: value + 0.001 }),
      ),
    ]
    t.equal(others.length, 3 + Object.keys(constants).length)
    t.equal(new Set([reference, ...others]).size, others.length + 1)
  })

  t.test('does not depend on the name, the plan, or how constants and numbers are written', async (t) => {
    const { file, digest } = DEMO_CROSSING
    const same = [
      { ...file, $schema: 'any' },
      { ...file, crossing: 'other' },
      {
        ...file,
        stages: [...file.stages].reverse().map((stage) => ({ ...stage, name: `${stage.name}!`, seconds: 9 })),
      },
      { ...file, constants: { ...DEMO_CONSTANTS } },
      { ...file, constants: Object.fromEntries(Object.entries(DEMO_CONSTANTS).reverse()) },
      { ...file, lights: [...file.lights].reverse() },
      JSON.parse(JSON.stringify(file).replace('"amberSeconds":1,', '"amberSeconds":1.0,').replace(':0,', ':-0,')),
    ]
    for (const one of same) t.equal(parse(one).digest, digest)
    t.not(parse({ ...file, redAmberSeconds: 1 }).digest, digest)
    t.not(parse({ ...file, constants: { ...DEMO_CONSTANTS, aheadMs: 601 } }).digest, digest)
  })
})
