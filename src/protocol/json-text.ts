/**
 * Where a text that a person wrote stops being JSON. The engine's own message has no position for some mistakes and
 * some versions, and never a line.
 */

/** Line and column count from 1. */
export interface JsonMistake {
  readonly line: number
  readonly column: number
  /** What may stand there, in words. */
  readonly expected: string
}

/** Space, then a bracket, comma or colon, a string, a number or a word. Source: RFC 8259. */
const TOKEN =
  /[ \t\n\r]*(?:[{}[\],:]|"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/gy

type Bracket = '{' | '['
type Expectation = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'what follows a value'

/** Finds the first mistake in `text`; null where it is JSON. */
export function findJsonMistake(text: string): JsonMistake | null {
  const open: Bracket[] = []
  let expectation: Expectation = 'value'
  let end = 0
  for (const [match] of text.matchAll(TOKEN)) {
    const next = after(match.trimStart(), expectation, open)
    if (next === null) break
    expectation = next
    end += match.length
  }
  const at = text.length - text.slice(end).replace(/^[ \t\n\r]+/, '').length
  if (at === text.length && expectation === 'what follows a value' && open.length === 0) return null
  const before = text.slice(0, at)
  const words = text[at] === '"' ? STRING_RULE : ''
  return {
    line: before.split('\n').length,
    column: at - before.lastIndexOf('\n'),
    expected: inWords(expectation, open) + words,
  }
}

const STRING_RULE = ' (a string ends on its own line, and \\ stands only before one of "\\/bfnrtu)'

/** What is expected after `token`, with `open` brought up to date; null where `token` may not stand here. */
function after(token: string, expectation: Expectation, open: Bracket[]): Expectation | null {
  const isString = token.startsWith('"')
  const closed = (): Expectation => {
    open.pop()
    return 'what follows a value'
  }
  switch (expectation) {
    case 'key or }':
      if (token === '}') return closed()
      return isString ? 'colon' : null
    case 'key':
      return isString ? 'colon' : null
    case 'colon':
      return token === ':' ? 'value' : null
    case 'what follows a value':
      if (token === ',' && open.length > 0) return open.at(-1) === '{' ? 'key' : 'value'
      return (token === '}' && open.at(-1) === '{') || (token === ']' && open.at(-1) === '[') ? closed() : null
    case 'value or ]':
    case 'value':
      if (token === ']' && expectation === 'value or ]') return closed()
      if (token === '{' || token === '[') {
        open.push(token)
        return token === '{' ? 'key or }' : 'value or ]'
      }
      return '}],:'.includes(token) ? null : 'what follows a value'
  }
}

function inWords(expectation: Expectation, open: readonly Bracket[]): string {
  switch (expectation) {
    case 'value':
      return 'a value'
    case 'value or ]':
      return 'a value or ]'
    case 'key':
      return 'a name in double quotes (no comma before a closing bracket)'
    case 'key or }':
      return 'a name in double quotes or }'
    case 'colon':
      return 'a colon'
    case 'what follows a value':
      if (open.length === 0) return 'nothing more'
      return open.at(-1) === '{' ? 'a comma or }' : 'a comma or ]'
  }
}
