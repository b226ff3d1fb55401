import t from 'tap'
import { type Frame, frameOf, meanOfLit, type Rgb } from '../../../../src/clients/display/frame.ts'
import {
  finished,
  type PanelStyle,
  PLAIN_STYLE,
  parseStyle,
  ROTATIONS,
  styledPixels,
} from '../../../../src/clients/display/panel-style.ts'
import { ASPECTS } from '../../../../src/protocol/aspect.ts'

const pixelsOf = (frame: Frame, style: Partial<PanelStyle>): readonly Rgb[] =>
  styledPixels(frame, { ...PLAIN_STYLE, ...style })

/** A letter for each pixel, row by row. */
const drawn = (pixels: readonly Rgb[]): string[] => {
  const letters = pixels.map(([red, green]) => (red + green === 0 ? '.' : red === 0 ? 'G' : green === 0 ? 'R' : 'A'))
  return Array.from({ length: 8 }, (_, row) => letters.slice(row * 8, row * 8 + 8).join(''))
}

t.test('by default the whole panel has the colour', async (t) => {
  for (const aspect of ASPECTS) t.same(pixelsOf(frameOf(aspect, true), {}), frameOf(aspect, true).pixels)
})

t.test('a lamp head has red at the top, amber in the middle, green at the bottom, and nothing else lit', async (t) => {
  const head = (aspect: (typeof ASPECTS)[number], lit = true) => drawn(pixelsOf(frameOf(aspect, lit), { face: 'lamp' }))
  const dark = '........'
  const [red, amber, green] = [
    ['..RRRR..', '.RRRRRR.', '.RRRRRR.'],
    ['AAAAAAAA', 'AAAAAAAA'],
    ['.GGGGGG.', '.GGGGGG.', '..GGGG..'],
  ]
  t.same(head('red'), [...red, dark, dark, dark, dark, dark])
  t.same(head('flashing-red'), head('red'))
  t.same(head('flashing-red', false), Array(8).fill(dark))
  t.same(head('red-amber'), [...red, ...amber, dark, dark, dark])
  t.same(head('amber'), [dark, dark, dark, ...amber, dark, dark, dark])
  t.same(head('green'), [dark, dark, dark, dark, dark, ...green])
})

t.test('the mean colour of what is lit names the aspect on every face, and however it is turned', async (t) => {
  for (const aspect of ASPECTS) {
    const frame = frameOf(aspect, true)
    for (const rotate of ROTATIONS) {
      const pixels = pixelsOf(frame, { face: 'lamp', rotate })
      t.same(meanOfLit({ ...frame, pixels }), meanOfLit(frame), `${aspect} turned by ${rotate}`)
    }
  }
})

t.test('a picture is turned clockwise', async (t) => {
  const corner = Array.from({ length: 64 }, (_, pixel): Rgb => (pixel === 1 ? [255, 0, 0] : [0, 0, 0]))
  const at = (rotate: PanelStyle['rotate']): number =>
    finished(corner, { ...PLAIN_STYLE, rotate }).findIndex(([red]) => red > 0)
  // Second in the first row; second in the last column; and so on.
  t.same(ROTATIONS.map(at), [1, 15, 62, 48])
})

t.test('what is lit stays lit and keeps its colour, however dim', async (t) => {
  const one = (aspect: 'red' | 'amber' | 'green', dim: number): Rgb | undefined =>
    pixelsOf(frameOf(aspect, true), { dim })[0]
  t.same(one('amber', 100), [255, 140, 0])
  t.same(one('red', 50), [128, 0, 0])
  t.same(one('amber', 50), [128, 70, 0])
  for (let dim = 1; dim <= 100; dim++) {
    for (const aspect of ['red', 'amber', 'green'] as const) {
      const [full, dimmed] = [one(aspect, 100) ?? [], one(aspect, dim) ?? []]
      t.ok(
        dimmed.every((channel, index) => (full[index] === 0 ? channel === 0 : channel >= 48)),
        `${aspect} at ${dim} %`,
      )
      t.ok(dimmed.every(Number.isInteger))
    }
    const [red = 0, green = 0] = one('amber', dim) ?? []
    t.ok(Math.abs(green / red - 140 / 255) < 0.02, `amber at ${dim} %`)
  }
})

t.test('a style is read as it was given', async (t) => {
  const nothing = { face: undefined, rotate: undefined, dim: undefined }
  t.same(parseStyle(nothing), PLAIN_STYLE)
  t.same(parseStyle({ face: 'lamp', rotate: '270', dim: '1' }), { face: 'lamp', rotate: 270, dim: 1 })
  for (const wrong of [
    { face: 'Lamp' },
    { rotate: '45' },
    { rotate: '-90' },
    { dim: '0' },
    { dim: '101' },
    { dim: '5.5' },
  ]) {
    t.throws(() => parseStyle({ ...nothing, ...wrong }), { code: 'usage' }, JSON.stringify(wrong))
  }
})
