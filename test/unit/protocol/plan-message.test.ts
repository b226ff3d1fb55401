import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import t from 'tap'
import { ASPECTS } from '../../../src/protocol/aspect.ts'
import { LIGHTS_MAX, PLAN_BYTES_MAX } from '../../../src/protocol/limits.ts'
import { MODES } from '../../../src/protocol/mode.ts'
import { encodePlan, type PlanLight, type PlanMessage, parsePlan } from '../../../src/protocol/plan-message.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** As a controller rounds them. */
const number = fc.integer({ min: -1e9, max: 1e9 }).map((thousandths) => thousandths / 1000)
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { nil: null })
const digest = fc.stringMatching(/^[0-9a-f]{64}$/)
const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)

const known = {
  aspect: maybe(fc.constantFrom(...ASPECTS)),
  state: fc.constantFrom(...(['fresh', 'adopting', 'missing', 'differing'] as const)),
  heardSecondsAgo: maybe(number),
  clockBoundsMs: maybe(number),
  roundTripMs: maybe(number),
  changeSeconds: maybe(number),
}
const light: fc.Arbitrary<PlanLight> = fc.oneof(
  fc.record(known, { noNullPrototype: true }),
  fc.record({ ...known, file: digest }, { noNullPrototype: true }),
)
const plan: fc.Arbitrary<PlanMessage> = fc.record(
  {
    run: maybe(fc.maxSafeInteger()),
    file: digest,
    mode: fc.constantFrom(...MODES),
    state: fc.constantFrom(...(['waiting', 'stopped', 'held', 'running'] as const)),
    stage: maybe(fc.string({ maxLength: 64 })),
    changeSeconds: maybe(number),
    waitingFor: maybe(fc.string({ maxLength: 200 })),
    lights: fc.dictionary(name, light, { maxKeys: LIGHTS_MAX, noNullPrototype: true }),
  },
  { noNullPrototype: true },
)

t.test('a plan that is encoded is parsed to the same', async () => {
  await fc.assert(
    fc.property(
      // No object of JSON has an own field of this name.
      plan.filter(({ lights }) => !Object.hasOwn(lights, '__proto__')),
      // Not compared by tap, to which a light that is called "constructor" is a class.
      (one) => isDeepStrictEqual(parsePlan(bytes(encodePlan(one))), one),
    ),
    { numRuns: 500 },
  )
})

const SOUND: PlanMessage = {
  run: 7,
  file: 'f'.repeat(64),
  mode: 'auto',
  state: 'running',
  stage: 'main',
  changeSeconds: 1.5,
  waitingFor: null,
  lights: {
    light1: {
      aspect: 'green',
      state: 'fresh',
      heardSecondsAgo: 0.1,
      clockBoundsMs: 3,
      roundTripMs: 7.5,
      changeSeconds: null,
    },
  },
}

t.test('a plan with a field missing or of another type is garbage', async (t) => {
  for (const field of Object.keys(SOUND)) {
    const { [field]: _, ...rest } = Object.fromEntries(Object.entries(SOUND))
    t.equal(parsePlan(bytes(JSON.stringify(rest))), null, `without ${field}`)
    t.equal(parsePlan(bytes(JSON.stringify({ ...rest, [field]: true }))), null, `${field} is true`)
  }
  t.same(parsePlan(bytes(JSON.stringify({ ...SOUND, later: 1 }))), SOUND, 'a field of a later version is dropped')
})

t.test('a plan of the greatest length is read, one byte more is not', async (t) => {
  t.ok(parsePlan(bytes(encodePlan(SOUND).padEnd(PLAN_BYTES_MAX))))
  t.equal(parsePlan(bytes(encodePlan(SOUND).padEnd(PLAN_BYTES_MAX + 1))), null)
})
