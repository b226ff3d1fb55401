/** The timing diagram as shapes in time: a row per light, and what stands across the rows. Pure. */
import type { CrossingModel } from '../model/crossing-model.ts'
import type { LightRecord, Shown } from '../model/light-record.ts'
import { ASPECT_WORDS, seconds } from './words.ts'

/** A shape of a row; its key is the same as long as it is the same thing. */
export interface Shape {
  readonly key: string
  readonly look: Shown | 'intended-green' | 'intended-amber' | 'intended-red-amber' | 'intergreen'
  readonly fromMs: number
  /** null: until now. */
  readonly toMs: number | null
  /** Written in it where there is room. */
  readonly label: string
}

/** What a lamp showed since `sinceMs`, and the intergreens that were measured before its greens. */
export function shownShapes(light: LightRecord, sinceMs: number): readonly Shape[] {
  const bars = light.bars.filter(({ toMs }) => toMs === null || toMs > sinceMs)
  const between = light.intergreens.filter(({ toMs }) => toMs > sinceMs)
  return [
    ...bars.map(({ shown, fromMs, toMs }) => ({ key: `b${fromMs}${shown}`, look: shown, fromMs, toMs, label: '' })),
    ...between.map(({ fromMs, toMs }) => ({
      key: `i${toMs}`,
      look: 'intergreen' as const,
      fromMs,
      toMs,
      label: ((toMs - fromMs) / 1000).toFixed(1),
    })),
  ]
}

/** What the controller asked of a light for times after `sinceMs`: outlines, into the future. */
export function intendedShapes(
  { intents }: LightRecord,
  { redAmberMs, sinceMs }: { readonly redAmberMs: number; readonly sinceMs: number },
): readonly Shape[] {
  const recent = intents.filter(({ redMs }) => redMs > sinceMs)
  return recent.flatMap(({ fromMs, untilMs, redMs }) => {
    const greenMs = Math.min(fromMs + redAmberMs, untilMs)
    const key = `${Math.round(fromMs / 1000)}`
    const shapes: readonly Shape[] = [
      { key: `r${key}`, look: 'intended-red-amber', fromMs, toMs: greenMs, label: '' },
      { key: `g${key}`, look: 'intended-green', fromMs: greenMs, toMs: untilMs, label: '' },
      { key: `a${key}`, look: 'intended-amber', fromMs: untilMs, toMs: redMs, label: '' },
    ]
    return shapes.filter((shape) => shape.toMs !== null && shape.toMs > shape.fromMs)
  })
}

/** What there is to read at a time: each light, and what happened just then. */
export function readingAt(model: CrossingModel, atMs: number, nowMs: number): readonly string[] {
  const rows = [...model.lights].map(([name, { bars }]) => {
    const bar = bars.findLast(({ fromMs }) => fromMs <= atMs)
    if (bar === undefined) return `${name}: no record`
    const lengthMs = (bar.toMs ?? nowMs) - bar.fromMs
    return `${name}: ${ASPECT_WORDS[bar.shown]}, ${bar.toMs === null ? 'so far ' : ''}${seconds(lengthMs)}`
  })
  const marks = model.marks.filter((mark) => Math.abs(mark.atMs - atMs) < NEAR_MS).map(({ text }) => text)
  return [...rows, ...marks]
}

/** An event this near to the cursor is read with it, ms. */
const NEAR_MS = 700
