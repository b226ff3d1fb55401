import fc from 'fast-check'
import t from 'tap'
import { LevelTree } from '../../../../src/broker/persistence/level-tree.ts'

/** Whether `filter` matches `topic`, told plainly. Source: MQTT 3.1.1, 4.7. */
function matches(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false
  const pattern = filter
    .split('/')
    .map((level, index) => {
      if (level === '#') return index === 0 ? '.*' : '(/.*)?'
      return (index === 0 ? '' : '/') + (level === '+' ? '[^/]*' : level.replaceAll('$', '\\$'))
    })
    .join('')
  return new RegExp(`^${pattern}$`).test(topic)
}

const level = fc.constantFrom('', 'a', 'b', '$SYS')
const topics = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'))
const filters = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))

const treeOf = (names: readonly string[]): LevelTree<string> => {
  const tree = new LevelTree<string>()
  for (const name of names) tree.set(name, name)
  return tree
}

t.test('a tree of filters finds exactly those that match a topic', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(filters), topics, (names, topic) => {
      const found = treeOf(names).ofFiltersMatching(topic)
      t.strictSame([...found].sort(), names.filter((filter) => matches(filter, topic)).sort(), topic)
    }),
  )
})

t.test('a tree of topics finds exactly those that a filter matches', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(topics), filters, (names, filter) => {
      const found = treeOf(names).ofTopicsMatching(filter)
      t.strictSame([...found].sort(), names.filter((topic) => matches(filter, topic)).sort(), filter)
    }),
  )
})

t.test('what is taken out is gone, and nothing else', async () => {
  fc.assert(
    fc.property(fc.uniqueArray(topics), fc.uniqueArray(topics), (kept, dropped) => {
      const tree = treeOf([...kept, ...dropped])
      for (const name of dropped) tree.delete(name)
      const left = kept.filter((name) => !dropped.includes(name))
      t.strictSame([...tree.values()].sort(), left.sort())
      for (const name of dropped) t.equal(tree.get(name), undefined)
    }),
  )
})
