import { randomBytes } from 'node:crypto'

/** Chance, passed in like time. */
export interface Random {
  /** A whole number, 0 to 2^32 - 1. */
  uint32(): number
}

export const systemRandom: Random = { uint32: () => randomBytes(4).readUInt32LE(0) }

/** An id that does not repeat: 96 random bits in hexadecimal digits. */
export const randomId = (random: Random): string =>
  Array.from({ length: 3 }, () => random.uint32().toString(16).padStart(8, '0')).join('')

/** A number in [0, 1). */
export const unitInterval = (random: Random): number => random.uint32() / 2 ** 32
