import t from 'tap'
import { frameOf, meanOfLit } from '../../../../src/clients/display/frame.ts'
import { ASPECTS } from '../../../../src/protocol/aspect.ts'

t.test('a frame has 64 pixels and says what it shows', async (t) => {
  for (const aspect of ASPECTS) {
    for (const lit of [true, false]) {
      const frame = frameOf(aspect, lit)
      t.equal(frame.pixels.length, 64)
      t.equal(frame.aspect, aspect)
    }
  }
})

t.test('the whole panel is in the colour of the aspect', async (t) => {
  const colours = { red: [255, 0, 0], green: [0, 255, 0], amber: [255, 140, 0], 'flashing-red': [255, 0, 0] } as const
  for (const aspect of ['red', 'green', 'amber', 'flashing-red'] as const) {
    t.ok(frameOf(aspect, true).pixels.every((pixel) => `${pixel}` === `${colours[aspect]}`))
    t.same(meanOfLit(frameOf(aspect, true)), colours[aspect])
  }
})

t.test('red-amber is red above amber', async (t) => {
  const frame = frameOf('red-amber', true)
  t.ok(frame.pixels.slice(0, 32).every((pixel) => `${pixel}` === '255,0,0'))
  t.ok(frame.pixels.slice(32).every((pixel) => `${pixel}` === '255,140,0'))
  t.same(meanOfLit(frame), [255, 70, 0])
})

t.test('flashing red is black in its dark half, and no other aspect ever is', async (t) => {
  for (const aspect of ASPECTS) {
    const frame = frameOf(aspect, false)
    t.equal(frame.lit, aspect !== 'flashing-red')
    t.equal(`${meanOfLit(frame)}` === '0,0,0', aspect === 'flashing-red')
  }
})

t.test('only lit pixels count for the mean, which is in whole numbers', async (t) => {
  const pixels = [
    [0, 0, 0],
    [255, 0, 0],
    [0, 0, 0],
    [254, 255, 0],
  ] as const
  t.same(meanOfLit({ aspect: 'red', lit: true, pixels }), [255, 128, 0])
})

t.test('the frame of an aspect is one object', async (t) => {
  t.equal(frameOf('green', true), frameOf('green', true))
})
