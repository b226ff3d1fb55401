/** Letters of three to five by five pixels, for the names of lights: letters, digits, `-` and `_`. */

/** Rows of a letter. */
export const GLYPH_ROWS = 5

/** Each letter, row by row. */
const GLYPHS: Readonly<Record<string, string>> = {
  A: '.#. #.# ### #.# #.#',
  B: '##. #.# ##. #.# ##.',
  C: '.## #.. #.. #.. .##',
  D: '##. #.# #.# #.# ##.',
  E: '### #.. ##. #.. ###',
  F: '### #.. ##. #.. #..',
  G: '.## #.. #.# #.# .##',
  H: '#.# #.# ### #.# #.#',
  I: '### .#. .#. .#. ###',
  J: '..# ..# ..# #.# .#.',
  K: '#.# #.# ##. #.# #.#',
  L: '#.. #.. #.. #.. ###',
  M: '#...# ##.## #.#.# #...# #...#',
  N: '#..# ##.# #.## #..# #..#',
  O: '### #.# #.# #.# ###',
  P: '##. #.# ##. #.. #..',
  Q: '### #.# #.# ### ..#',
  R: '##. #.# ##. #.# #.#',
  S: '.## #.. .#. ..# ##.',
  T: '### .#. .#. .#. .#.',
  U: '#.# #.# #.# #.# ###',
  V: '#.# #.# #.# #.# .#.',
  W: '#...# #...# #.#.# ##.## #...#',
  X: '#.# #.# .#. #.# #.#',
  Y: '#.# #.# .#. .#. .#.',
  Z: '### ..# .#. #.. ###',
  0: '.#. #.# #.# #.# .#.',
  1: '.#. ##. .#. .#. ###',
  2: '##. ..# .#. #.. ###',
  3: '##. ..# .#. ..# ##.',
  4: '#.# #.# ### ..# ..#',
  5: '### #.. ##. ..# ##.',
  6: '.## #.. ### #.# ###',
  7: '### ..# .#. .#. .#.',
  8: '### #.# ### #.# ###',
  9: '### #.# ### ..# ##.',
  '-': '... ... ### ... ...',
  _: '... ... ... ... ###',
}

/** A whole block stands for what no name may hold. */
const UNKNOWN = '### ### ### ### ###'

/**
 * The columns of a line of text, each as `GLYPH_ROWS` pixels from the top; a blank column follows each letter. Small
 * letters look like capital ones.
 */
export const columnsOf = (text: string): readonly (readonly boolean[])[] =>
  [...text.toUpperCase()].flatMap((character) => {
    const rows = (GLYPHS[character] ?? UNKNOWN).split(' ')
    const width = rows[0]?.length ?? 0
    return Array.from({ length: width + 1 }, (_, column) => rows.map((row) => row[column] === '#'))
  })
