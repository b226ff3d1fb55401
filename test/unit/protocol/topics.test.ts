import * as fc from 'fast-check'
import t from 'tap'
import {
  CROSSING_TOPICS,
  crossingTopic,
  everythingOf,
  LIGHT_TOPICS,
  lightTopic,
  NAME_PATTERN,
  parseTopic,
} from '../../../src/protocol/topics.ts'

const name = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/)

t.test('topics are those of the protocol', async (t) => {
  t.equal(lightTopic('demo', 'light1', 'report'), 'crossings/demo/lights/light1/report')
  t.equal(lightTopic('demo', '+', 'command'), 'crossings/demo/lights/+/command')
  t.equal(crossingTopic('demo', 'plan'), 'crossings/demo/plan')
  t.equal(everythingOf('demo'), 'crossings/demo/#')
})

t.test('a topic built is parsed to what it was built of', async (t) => {
  await fc.assert(
    fc.property(name, name, (crossing, light) => {
      for (const topic of CROSSING_TOPICS) t.strictSame(parseTopic(crossingTopic(crossing, topic)), { crossing, topic })
      for (const topic of LIGHT_TOPICS) {
        t.strictSame(parseTopic(lightTopic(crossing, light, topic)), { crossing, light, topic })
      }
    }),
    { numRuns: 20 },
  )
})

t.test('a topic that is parsed is spelled in one way only', async () => {
  const level = fc.oneof(
    name,
    fc.constantFrom('crossings', 'lights', ...CROSSING_TOPICS, ...LIGHT_TOPICS, '', '+', '#', 'a b'),
  )
  const topics = fc.oneof(
    fc.string(),
    fc.array(level, { maxLength: 6 }).map((levels) => levels.join('/')),
  )
  await fc.assert(
    fc.property(topics, (topic) => {
      const parsed = parseTopic(topic)
      if (parsed === null) return true
      const again =
        'light' in parsed
          ? lightTopic(parsed.crossing, parsed.light, parsed.topic)
          : crossingTopic(parsed.crossing, parsed.topic)
      return again === topic
    }),
    { numRuns: 1000 },
  )
})

const FOREIGN: readonly string[] = [
  '',
  '/',
  'light1',
  'crossings',
  'crossings/',
  'crossings/demo',
  'crossings/demo/',
  'crossings/demo/lights',
  'crossings/demo/lights/light1',
  'crossings/demo/lights/light1/',
  'crossings/demo/lights/light1/plan',
  'crossings/demo/lights/light1/report/',
  'crossings/demo/lights/light1/report/x',
  'crossings/demo/lights//report',
  'crossings/demo/lamps/light1/report',
  'crossings//plan',
  'crossings/demo/report',
  'crossings/demo/plan/',
  'crossings/demo/plan/x',
  '/crossings/demo/plan',
  'crossings/demo/PLAN',
  'Crossings/demo/plan',
  'crossings/demo/plan\n',
  'crossings/demo/constructor',
  '$SYS/crossings/demo/plan',
  'crossings/+/plan',
  'crossings/demo/lights/+/report',
  'crossings/demo/#',
  'crossings/de mo/plan',
  'crossings/d\u00e9mo/plan',
  'crossings/demo\u0000/plan',
  `crossings/${'a'.repeat(65)}/plan`,
  `crossings/demo/lights/${'a'.repeat(65)}/report`,
  `crossings/${'/'.repeat(60_000)}`,
]

for (const topic of FOREIGN) {
  t.test(`${JSON.stringify(topic).slice(0, 60)} is none of ours`, async (t) => {
    t.equal(parseTopic(topic), null)
  })
}

t.test('names are 1 to 64 letters, digits, - and _', async (t) => {
  for (const good of ['a', 'A-b_9', '-', '0', 'a'.repeat(64)]) t.match(good, NAME_PATTERN)
  for (const bad of ['', 'a'.repeat(65), 'a b', 'a/b', '+', '#', 'a.b', 'a\n', '\u00e9', '\uff41'])
    t.notMatch(bad, NAME_PATTERN)
})
