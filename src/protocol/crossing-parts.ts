/** What the fields of a crossing file come to: its stages, its constants, who conflicts with whom. */
import type * as z from 'zod'
import { type Constants, DEFAULT_CONSTANTS, DEMO_CONSTANTS } from './constants.ts'
import { pairOf } from './crossing-layout.ts'
import { crossingShape } from './crossing-shape.ts'

/** A crossing file with its defaults filled in. */
export type CrossingFile = Omit<z.output<typeof crossingShape>, '$schema'>

/** Lights that are green together. */
export interface Stage {
  readonly name: string
  readonly green: readonly string[]
  /** Length of the green without red-amber and amber, whole ms. */
  readonly greenMs: number
}

/** The fields that constants are made of. */
export const timesShape = crossingShape
  .pick({ amberSeconds: true, redAmberSeconds: true, allRedSeconds: true, constants: true })
  .strip()

/** Whole, so that 1.1 s is 1100 ms on every machine and not 1100.0000000000002. */
const wholeMs = (seconds: number): number => Math.round(seconds * 1000)

export const stagesOf = ({ stages }: Pick<CrossingFile, 'stages'>): readonly Stage[] =>
  stages.map(({ name, green, seconds }) => ({ name, green, greenMs: wholeMs(seconds) }))

export function constantsOf(file: z.output<typeof timesShape>): Constants {
  const { constants, amberSeconds, redAmberSeconds, allRedSeconds } = file
  const own = typeof constants === 'object' ? constants : {}
  return {
    ...(constants === 'demo' ? DEMO_CONSTANTS : DEFAULT_CONSTANTS),
    ...own,
    amberMs: wholeMs(amberSeconds),
    redAmberMs: wholeMs(redAmberSeconds),
    allRedMs: wholeMs(allRedSeconds),
  }
}

/** For each light those that must be red while it is not: all others but those it is compatible with. */
export function conflictsOf({
  lights,
  compatible,
}: Pick<CrossingFile, 'lights' | 'compatible'>): ReadonlyMap<string, readonly string[]> {
  const pairs = new Set(compatible.map(pairOf))
  return new Map(
    lights.map((light) => [light, lights.filter((other) => other !== light && !pairs.has(pairOf([light, other])))]),
  )
}
