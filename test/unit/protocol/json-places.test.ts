import fc from 'fast-check'
import t from 'tap'
import { jsonPlaces, lineOf } from '../../../src/protocol/json-places.ts'

const TEXT = `{
  "users": {
    "ann": { "hash": "a, \\"b\\": [", "publish": [
      "x",
      "y" ] },

    "b\\u006fb": {}
  }, "last":
  [[], [1,
  {"deep":
    true}]]
}`

t.test('a member is on the line of its name, an element on that of its beginning', async (t) => {
  for (const [path, line] of [
    [[], 1],
    [['users'], 2],
    [['users', 'ann'], 3],
    [['users', 'ann', 'hash'], 3],
    [['users', 'ann', 'publish'], 3],
    [['users', 'ann', 'publish', 0], 4],
    [['users', 'ann', 'publish', 1], 5],
    [['users', 'bob'], 7],
    [['last'], 8],
    [['last', 0], 9],
    [['last', 1, 0], 9],
    [['last', 1, 1], 10],
    [['last', 1, 1, 'deep'], 10],
  ] as const) {
    t.equal(lineOf(TEXT, path), line, path.join('.'))
  }
})

t.test('what is missing would stand in what is there', async (t) => {
  t.equal(lineOf(TEXT, ['users', 'bob', 'hash']), 7)
  t.equal(lineOf(TEXT, ['users', 'eve']), 2)
  t.equal(lineOf(TEXT, ['nothing']), 1)
})

t.test('the last of a repeated name is the one that counts', async (t) => {
  t.equal(lineOf('{"a":1,\n"a":2}', ['a']), 2)
})

/** The paths of a value, in the order in which JSON.stringify writes them. */
function pathsIn(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return []
  const inner: [string | number, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return inner.flatMap(([key, one]) => [[...path, key], ...pathsIn(one, [...path, key])])
}

t.test('every part of any value has its place', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat({ max: 3 }), (value, indent) => {
      const parsed: unknown = JSON.parse(JSON.stringify(value))
      const places = [...jsonPlaces(JSON.stringify(parsed, null, indent))].map(({ path }) => path)
      return JSON.stringify(places) === JSON.stringify(pathsIn(parsed))
    }),
    { numRuns: 300 },
  )
})
