/** Bounds of an LRUCache. */

/**
 * At most `count` entries. As a size rather than as `max`, for which the cache would set aside memory for all of them at
 * once: ten milliseconds of a start, and most of a megabyte.
 */
export const atMost = (count: number): { readonly maxSize: number; readonly sizeCalculation: () => number } => ({
  maxSize: count,
  sizeCalculation: () => 1,
})
