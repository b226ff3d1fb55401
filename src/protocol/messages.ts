/** Report and command: their shapes, what is garbage, and how they are written. */
import * as z from 'zod'
import { ASPECTS, type Interval, lightTime } from './aspect.ts'
import { BOOT_CHARACTERS_MAX, MESSAGE_BYTES_MAX, N_MAX, RUN_MAX, TIME_MS_MAX } from './limits.ts'
import type { Command, Report } from './wire.ts'

const time = z.number().min(-TIME_MS_MAX).max(TIME_MS_MAX).transform(lightTime)
const run = z.int().min(0).max(RUN_MAX)
const n = z.int().min(0).max(N_MAX)
const boot = z.string().min(1).max(BOOT_CHARACTERS_MAX)
const digest = z.string().min(1).max(64)

// Unknown fields are let through and dropped, so that a later version may add one without deafening this one.
const reportShape = z.object({ file: digest, boot, now: time, aspect: z.enum(ASPECTS), run, n, at: time })

const interval = z.object({ from: time, until: time, red: time })

const commandShape = z.object({ boot, run: run.min(1), n: n.min(1), green: interval.optional() })

/** Reads a report; null where it is garbage. */
export const parseReport = (payload: Uint8Array): Report | null => parse(payload, reportShape)

/** Reads a command; null where it is garbage. Whether a lamp takes it is for the lamp's own rules. */
export function parseCommand(payload: Uint8Array): Command | null {
  const command = parse(payload, commandShape)
  if (command === null) return null
  const { green, ...rest } = command
  return green === undefined ? rest : { ...rest, green: green satisfies Interval }
}

export const encodeReport = (report: Report): string => JSON.stringify(report)
export const encodeCommand = (command: Command): string => JSON.stringify(command)

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads JSON of at most `bytesMax` bytes; undefined where it is none. Never throws. */
export function parseJson(payload: Uint8Array, bytesMax: number): unknown {
  if (payload.length > bytesMax) return undefined
  try {
    return JSON.parse(utf8.decode(payload))
  } catch {
    return undefined
  }
}

function parse<Shape extends z.ZodType>(payload: Uint8Array, shape: Shape): z.output<Shape> | null {
  const result = shape.safeParse(parseJson(payload, MESSAGE_BYTES_MAX))
  return result.success ? result.data : null
}
