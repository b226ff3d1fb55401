/** Pixels as the framebuffer of a Sense HAT holds them, and its emulator's screen file. */
import type { Rgb } from './frame.ts'

/** Of 64 pixels of 16 bits. */
export const FRAME_BYTES = 128

/** Five bits of red, six of green, five of blue; little-endian, row by row from the top left. */
export function rgb565(pixels: readonly Rgb[]): Buffer {
  const bytes = Buffer.alloc(FRAME_BYTES)
  for (const [index, [red, green, blue]] of pixels.entries()) {
    bytes.writeUInt16LE(((red >> 3) << 11) | ((green >> 2) << 5) | (blue >> 3), index * 2)
  }
  return bytes
}
