import fc from 'fast-check'
import t from 'tap'
import { covers, isFilter, isTopic, levelsOf } from '../../../src/broker/filter.ts'

const level = fc.constantFrom('a', 'b', '', '+')
const filter = fc
  .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
  .filter(isFilter)
const topic = fc
  .array(fc.constantFrom('a', 'b', ''), { minLength: 1, maxLength: 5 })
  .map((levels) => levels.join('/'))
  .filter(isTopic)

/** Matching as MQTT 3.1.1, 4.7 tells it, by a regular expression: another way than the code's. */
function matches(wide: string, name: string): boolean {
  const pattern = wide.replace(/\+/g, '[^/]*').replace(/\/#$/, '(/.*)?').replace(/^#$/, '.*')
  return new RegExp(`^${pattern}$`).test(name)
}

t.test('a filter covers the topics that MQTT says it matches', async (t) => {
  fc.assert(fc.property(filter, topic, (wide, name) => covers(levelsOf(wide), levelsOf(name)) === matches(wide, name)))
  t.pass()
})

t.test('a filter that covers another matches each topic that the other matches', async (t) => {
  fc.assert(
    fc.property(filter, filter, topic, (wide, narrow, name) => {
      fc.pre(covers(levelsOf(wide), levelsOf(narrow)) && matches(narrow, name))
      return matches(wide, name)
    }),
    { maxSkipsPerRun: 1000 },
  )
  t.pass()
})

t.test('a filter is covered by itself and by #, and by nothing narrower', async (t) => {
  const isCovered = (wide: string, narrow: string): boolean => covers(levelsOf(wide), levelsOf(narrow))
  for (const text of ['a', 'a/b', '+/b', 'a/#', '#', '+', '/a', 'a/']) {
    t.ok(isCovered(text, text), text)
    t.ok(isCovered('#', text), text)
  }
  t.ok(isCovered('a/#', 'a'), 'the parent belongs to it')
  t.ok(isCovered('a/#', 'a/+/b/#'))
  t.ok(isCovered('+/b', 'a/b'))
  t.notOk(isCovered('a', 'a/b'))
  t.notOk(isCovered('a/b', 'a'))
  t.notOk(isCovered('a/b', 'a/+'))
  t.notOk(isCovered('a/+', 'a/#'))
  t.notOk(isCovered('a/+', 'a'))
  t.notOk(isCovered('+', '#'))
  t.notOk(isCovered('a/#', '+/b'))
  t.notOk(isCovered('a/#', 'ab'))
})

t.test('only well-formed filters are filters, and none of the topics of the broker', async (t) => {
  for (const text of ['a', 'a/b', '+', '#', 'a/+/b', 'a/#', '/', 'a//b']) t.ok(isFilter(text), text)
  const wrong = ['', 'a+', '+a', 'a/b#', '#/a', 'a/#/b', '##', '++', '$SYS/#', '$share/x/a', 'a\0', 'a\uFFFDb']
  for (const text of [...wrong, 'x'.repeat(513), 'a/'.repeat(32)]) t.notOk(isFilter(text), text)
})

t.test('a topic has no wildcards, no NUL, no ill-formed text and is not empty', async (t) => {
  for (const text of ['a', 'a/b', '/', 'ä/ß']) t.ok(isTopic(text), text)
  for (const text of ['', 'a/+', '#', 'a+b', 'a\0', '\uFFFD', '$SYS/a', 'x'.repeat(513), 'a/'.repeat(32)]) {
    t.notOk(isTopic(text), text)
  }
})
