import * as fc from 'fast-check'
import t from 'tap'
import { findJsonMistake } from '../../../src/protocol/json-text.ts'

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Text, line, column and a word of what is expected there. */
const BROKEN: readonly (readonly [string, number, number, string])[] = [
  ['', 1, 1, 'a value'],
  ['  \n ', 2, 2, 'a value'],
  ['x', 1, 1, 'a value'],
  ['{', 1, 2, 'a name in double quotes or }'],
  ['{"a"', 1, 5, 'a colon'],
  ['{"a" 1}', 1, 6, 'a colon'],
  ['{"a":}', 1, 6, 'a value'],
  ['{"a": 1', 1, 8, 'a comma or }'],
  ['{"a": 1\n "b": 2}', 2, 2, 'a comma or }'],
  ['{"a": 1,\n}', 2, 1, 'no comma before a closing bracket'],
  ["{'a': 1}", 1, 2, 'double quotes'],
  ['{a: 1}', 1, 2, 'double quotes'],
  ['{"a": 1]', 1, 8, 'a comma or }'],
  ['[1, 2}', 1, 6, 'a comma or ]'],
  ['[1, 2,]', 1, 7, 'a value'],
  ['[', 1, 2, 'a value or ]'],
  ['[,]', 1, 2, 'a value or ]'],
  ['[:]', 1, 2, 'a value or ]'],
  ['[1 2]', 1, 4, 'a comma or ]'],
  ['{} {}', 1, 4, 'nothing more'],
  ['1,', 1, 2, 'nothing more'],
  [']', 1, 1, 'a value'],
  ['[01]', 1, 3, 'a comma or ]'],
  ['[1.]', 1, 3, 'a comma or ]'],
  ['[.5]', 1, 2, 'a value'],
  ['[NaN]', 1, 2, 'a value'],
  ['["a\nb"]', 1, 2, 'a string ends on its own line'],
  ['["\\x"]', 1, 2, 'stands only before one of'],
  ['["a]', 1, 2, 'a string ends on its own line'],
  ['{\n  "a": [1,\r\n    // why\n  ]}', 3, 5, 'a value'],
  ['[\u00a01]', 1, 2, 'a value'],
]

for (const [text, line, column, words] of BROKEN) {
  t.test(`${JSON.stringify(text)} is told at line ${line}, column ${column}`, async (t) => {
    const mistake = findJsonMistake(text)
    t.match(mistake, { line, column })
    t.ok(mistake?.expected.includes(words), { mistake })
  })
}

t.test('what is JSON has no mistake', async () => {
  const spaced = fc
    .tuple(fc.jsonValue(), fc.constantFrom(undefined, '\t', 1, ' \n'))
    .map(([value, space]) => JSON.stringify(value, null, space))
  await fc.assert(fc.property(spaced, (text) => findJsonMistake(text) === null))
})

t.test('it finds a mistake exactly where the engine does not parse', async () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"',
    '\\',
    '1',
    '-',
    '0',
    '.',
    'e+',
    'true',
    'nul',
    ' ',
    '\n',
    '\u2028',
    '\u0000',
  ]
  const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(''))
  const cut = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ...pieces)).map(([text, at, piece]) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + piece + text.slice(place + 1)
  })
  await fc.assert(
    fc.property(fc.oneof(soup, cut), (text) => (findJsonMistake(text) === null) === isJson(text)),
    { numRuns: 3000 },
  )
})

t.test('a text of 64 KB, nested deep or one long string, is no trouble', async (t) => {
  t.equal(findJsonMistake(`"${'x'.repeat(65_000)}"`), null)
  t.equal(findJsonMistake(`${'['.repeat(32_000)}${']'.repeat(32_000)}`), null)
  t.match(findJsonMistake('['.repeat(65_000)), { line: 1, column: 65_001 })
  t.match(findJsonMistake(' '.repeat(65_000)), { line: 1, column: 65_001 })
  t.match(findJsonMistake(`"${'\\'.repeat(65_001)}`), { line: 1, column: 1 })
})
