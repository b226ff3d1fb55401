/** Topic filters. Source: MQTT 3.1.1, 4.7. */

/** Levels of a topic or filter. The broker's matcher gives up above 100. */
const LEVELS_MAX = 32
/** Length of a topic or filter, characters. */
const CHARACTERS_MAX = 512

/** What a filter that users.json may hold looks like, in words. */
export const FILTER_RULE =
  "an MQTT topic filter: + and # only as whole levels, # last, not beginning with '$' (the role admin reads $SYS)"

/**
 * Whether text can be a topic or a filter here: not empty, of bounded size, without NUL or U+FFFD (which is what
 * ill-formed UTF-8 was decoded to), and not of the broker's own topics, which begin with `$`.
 */
const isPlain = (text: string): boolean =>
  text !== '' && text.length <= CHARACTERS_MAX && !text.startsWith('$') && !/[\0\uFFFD]/.test(text)

/** Whether `topic` is one that a client may name in a PUBLISH or a will. */
export const isTopic = (topic: string): boolean =>
  isPlain(topic) && !/[+#]/.test(topic) && levelCount(topic) <= LEVELS_MAX

/** Whether `filter` is well formed, and none for the broker's own topics. */
export function isFilter(filter: string): boolean {
  const levels = filter.split('/')
  return isPlain(filter) && levels.length <= LEVELS_MAX && levels.every(isLevel)
}

const isLevel = (level: string, index: number, levels: readonly string[]): boolean =>
  level === '+' || (level === '#' ? index === levels.length - 1 : !/[+#]/.test(level))

/** A filter taken apart once, for who compares it often. */
export type Levels = readonly string[]
export const levelsOf = (filter: string): Levels => filter.split('/')

/** How many levels a topic or filter has. */
export function levelCount(filter: string): number {
  let count = 1
  for (let at = filter.indexOf('/'); at >= 0; at = filter.indexOf('/', at + 1)) count += 1
  return count
}

/**
 * Whether `wide` matches every topic that `narrow` matches; a topic is a filter that matches itself alone.
 * Both are well formed. Nothing here begins with `$`, so the rule that wildcards never match such topics needs no case.
 */
export function covers(wide: Levels, narrow: Levels): boolean {
  for (const [index, level] of wide.entries()) {
    // Also where `narrow` has ended: `a/#` matches `a`, the parent of the levels that it stands for.
    if (level === '#') return true
    const other = narrow[index]
    if (other === undefined || other === '#') return false
    if (level !== '+' && level !== other) return false
  }
  return wide.length === narrow.length
}
