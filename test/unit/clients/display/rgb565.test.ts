import t from 'tap'
import type { Rgb } from '../../../../src/clients/display/frame.ts'
import { FRAME_BYTES, rgb565 } from '../../../../src/clients/display/rgb565.ts'

t.test('a pixel is two bytes, the lower first, five bits of red above six of green above five of blue', async (t) => {
  const pixels: Rgb[] = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [8, 4, 8],
    [7, 3, 7],
  ]
  const bytes = rgb565([...pixels, ...Array<Rgb>(59).fill([0, 0, 0])])
  t.equal(bytes.length, FRAME_BYTES)
  t.equal(bytes.subarray(0, 10).toString('hex'), '00f8e0071f0021080000')
})
