/** Where the parts of a JSON text stand, for messages about what they hold. */

export interface JsonPlace {
  /** Names and indices from the outermost value inwards. */
  readonly path: readonly (string | number)[]
  /** Of a member's name, or of an element's first character; counts from 1. */
  readonly line: number
}

/** Space, then a bracket, comma or colon, a string, or anything else up to the next of them. */
const TOKEN = /([ \t\n\r]*)([{}[\],:]|"(?:[^"\\]|\\.)*"|[^{}[\],:" \t\n\r]+)/g

interface Container {
  readonly isList: boolean
  /** The member or element that is being read; null before the first member's name. */
  at: string | number | null
}

/** Every member and element of `text`, which is JSON, in the order in which they stand. */
export function* jsonPlaces(text: string): Generator<JsonPlace> {
  const open: Container[] = []
  let line = 1
  let isName = false
  for (const [, space = '', token = ''] of text.matchAll(TOKEN)) {
    line += linesIn(space)
    const inside = open.at(-1)
    const path = (): (string | number)[] => open.flatMap(({ at }) => (at === null ? [] : [at]))
    if (token === '}' || token === ']') {
      open.pop()
      isName = false
    } else if (token === ',' && inside !== undefined) {
      if (typeof inside.at === 'number') inside.at += 1
      else isName = true
    } else if (isName && inside !== undefined) {
      inside.at = nameOf(token)
      isName = false
      yield { path: path(), line }
    } else if (token !== ':') {
      if (inside?.isList === true) yield { path: path(), line }
      if (token === '{' || token === '[') open.push({ isList: token === '[', at: token === '[' ? 0 : null })
      isName = token === '{'
    }
  }
}

/** The line of what `path` names in `text`, which is JSON; of what it would stand in, where it is missing. */
export function lineOf(text: string, path: readonly PropertyKey[]): number {
  let found: JsonPlace = { path: [], line: 1 }
  for (const place of jsonPlaces(text)) {
    const isOnTheWay = place.path.every((key, depth) => key === path[depth])
    // The last one of a name counts, as it does for JSON.parse.
    if (isOnTheWay && place.path.length >= found.path.length) found = place
  }
  return found.line
}

const nameOf = (token: string): string => String(JSON.parse(token))

function linesIn(space: string): number {
  let count = 0
  for (const character of space) if (character === '\n') count += 1
  return count
}
