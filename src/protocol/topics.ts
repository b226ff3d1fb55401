/** Topic names, built and parsed in one place. */

const ROOT = 'crossings'

/** Crossings and lights are named by letters, digits, `-` and `_`, up to 64. */
export const NAME_PATTERN = /^[A-Za-z0-9_-]{1,64}$/
export const NAME_RULE = 'letters, digits, - and _, 1 to 64 of them'

export const CROSSING_TOPICS = ['plan', 'file', 'mode', 'trip', 'reset'] as const
export type CrossingTopic = (typeof CROSSING_TOPICS)[number]

export const LIGHT_TOPICS = ['report', 'command', 'aspect'] as const
export type LightTopic = (typeof LIGHT_TOPICS)[number]

/** `crossings/<crossing>/<topic>` */
export const crossingTopic = (crossing: string, topic: CrossingTopic): string => `${ROOT}/${crossing}/${topic}`

/** `crossings/<crossing>/lights/<light>/<topic>`; `+` for `light` gives the filter for all lights. */
export const lightTopic = (crossing: string, light: string, topic: LightTopic): string =>
  `${ROOT}/${crossing}/lights/${light}/${topic}`

/** `crossings/<crossing>/#`: everything of a crossing. */
export const everythingOf = (crossing: string): string => `${ROOT}/${crossing}/#`

export type ParsedTopic =
  | { readonly crossing: string; readonly topic: CrossingTopic }
  | { readonly crossing: string; readonly light: string; readonly topic: LightTopic }

/** Takes a topic name apart, or gives null where it is none of ours. */
export function parseTopic(name: string): ParsedTopic | null {
  const levels = name.split('/')
  const [root, crossing, second, light, last] = levels
  if (root !== ROOT || crossing === undefined || !NAME_PATTERN.test(crossing)) return null
  if (levels.length === 3) {
    const topic = CROSSING_TOPICS.find((known) => known === second)
    return topic === undefined ? null : { crossing, topic }
  }
  if (levels.length !== 5 || second !== 'lights' || light === undefined || !NAME_PATTERN.test(light)) return null
  const topic = LIGHT_TOPICS.find((known) => known === last)
  return topic === undefined ? null : { crossing, light, topic }
}
