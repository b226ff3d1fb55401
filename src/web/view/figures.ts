/** The figures of each light, for who asks for them. Pure. */
import type { CrossingModel } from '../model/crossing-model.ts'
import { shownBy } from '../model/light-record.ts'
import { ASPECT_WORDS, seconds } from './words.ts'

export const FIGURES = [
  'shows',
  'link',
  'last report',
  'round trip',
  'clock known to',
  'last change late by',
  'boot',
] as const

const LINKS = {
  fresh: 'in step',
  adopting: 'answering',
  missing: 'not heard',
  differing: 'another crossing file',
} as const

const NONE = '–'
const BOOT_CHARACTERS = 8

/** One text for each of FIGURES. */
export function figuresOf({ lights, plan }: CrossingModel, name: string, nowMs: number): readonly string[] {
  const light = lights.get(name)
  if (light === undefined) return FIGURES.map(() => NONE)
  const told = plan?.message.lights[name]
  const ms = (value: number | null | undefined): string => (typeof value === 'number' ? `${value.toFixed(1)} ms` : NONE)
  return [
    ASPECT_WORDS[shownBy(light)],
    told === undefined ? NONE : LINKS[told.state],
    light.stampedMs === null ? NONE : `${seconds(nowMs - light.stampedMs)} ago`,
    ms(told?.roundTripMs),
    ms(told?.clockBoundsMs),
    ms(light.lateMs),
    light.report === null ? NONE : light.report.boot.slice(0, BOOT_CHARACTERS),
  ]
}
