/** LIGHT_TRACE: each frame painted, with its time, for who wants to judge a crossing by what its displays showed. */
import fs from 'node:fs'
import { monotonicNs } from '../../platform/clock.ts'
import type { Display, OnFault } from './display.ts'
import { oncePerKind } from './faults.ts'
import { type Frame, meanOfLit } from './frame.ts'

export interface Trace {
  /** Appends a line for a frame that is being handed to a display. Neither waits nor throws. */
  record(frame: Frame): void
  /** Closing twice is fine. */
  close(): void
}

/**
 * Appends to the file `path`, which is made where missing and may be a FIFO or a device. A line is one JSON object:
 * `t_ns`, CLOCK_MONOTONIC in whole nanoseconds; `light`; `rgb`, the mean colour of the lit pixels.
 *
 * Several processes may append to one file: a line is one write. A line that cannot be written is lost, and told to
 * `onFault`; the light is not disturbed.
 */
export function openTrace(path: string, light: string, onFault: OnFault): Trace {
  const faults = oncePerKind(onFault)
  const name = JSON.stringify(light)
  let fd: number | null = null
  let closed = false
  return {
    record(frame) {
      if (closed) return
      const timeNs = monotonicNs()
      try {
        fd ??= fs.openSync(path, APPEND_WITHOUT_WAITING, 0o644)
        fs.writeSync(fd, `{"t_ns": ${timeNs}, "light": ${name}, "rgb": ${JSON.stringify(meanOfLit(frame))}}\n`)
        faults.over()
      } catch (error) {
        faults.raise(error)
      }
    },
    close() {
      closed = true
      if (fd !== null) fs.closeSync(fd)
      fd = null
    },
  }
}

const { O_WRONLY, O_CREAT, O_APPEND, O_NONBLOCK, O_NOCTTY } = fs.constants
/** As 'a', but a FIFO that nobody reads fails at once instead of holding up the light. */
const APPEND_WITHOUT_WAITING = O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY

/** `display`, with each frame that it is handed recorded first; closing it closes `trace` too. */
export function traced(display: Display, trace: Trace): Display {
  return {
    kind: display.kind,
    show(frame, caption) {
      trace.record(frame)
      display.show(frame, caption)
    },
    works: () => display.works?.() ?? true,
    close() {
      display.close()
      trace.close()
    },
  }
}
