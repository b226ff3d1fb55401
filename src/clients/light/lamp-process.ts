/**
 * The lamp's own process: a child of the light's MQTT process, in a session of its own. It loads neither MQTT nor
 * parsers, so that it starts fast and has little to die of. Whatever happens to its parent, it ends the interval that
 * it holds on time; no pipe that fails, stderr included, ends it.
 */
import { Socket } from 'node:net'
import { constants as osConstants, setPriority } from 'node:os'
import { systemClock } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { randomId, systemRandom } from '../../platform/random.ts'
import type { Display } from '../display/display.ts'
import { lineSplitter } from '../display/lines.ts'
import { LAMP_RULES } from './lamp.ts'
import {
  BACKLOG_BYTES_MAX,
  BEAT_MS,
  CHANNEL_FD,
  decode,
  encode,
  type FromLamp,
  type LampConfiguration,
  LINE_CHARACTERS_MAX,
  type ToLamp,
} from './lamp-channel.ts'
import { openLampDisplay } from './lamp-display.ts'
import { lampFacts } from './lamp-facts.ts'
import { holdDisplay } from './lamp-lock.ts'
import { type RunningLamp, runLamp } from './lamp-runner.ts'

const clock = systemClock
const channel = new Socket({ fd: CHANNEL_FD, readable: true, writable: true })
const ending = new AbortController()
let lamp: RunningLamp | null = null
let display: Display | null = null

function tell(message: FromLamp): void {
  // Dropped rather than queued: a report that waited is only noise.
  if (channel.writable && channel.writableLength < BACKLOG_BYTES_MAX) channel.write(encode(message))
}

/** The log is the parent's affair; an orphan has none. */
const log: Pick<Logger, 'info' | 'warn'> = {
  info: (fields, event) => tell({ kind: 'fact', level: 'info', fields, event }),
  warn: (fields, event) => tell({ kind: 'fact', level: 'warn', fields, event }),
}

/** On a busy machine the lamp comes first, where its user may ask for that; elsewhere it is one among others. */
function preferSelf(): void {
  try {
    setPriority(osConstants.priority.PRIORITY_HIGH)
  } catch {
    // Only root, or who has CAP_SYS_NICE, may.
  }
}

function beat(): void {
  tell({ kind: 'beat' })
  clock.after(BEAT_MS, beat)
}

/** Ends this process once its light is red: asked to, or an orphan whose successor waits for the display. */
async function endWhenRed(): Promise<void> {
  ending.abort()
  await lamp?.untilRed()
  lamp?.close()
  display?.close()
  process.exit(0)
}

async function start(configuration: LampConfiguration): Promise<void> {
  const { light, constants, file } = configuration
  await holdDisplay({
    name: configuration.lock,
    clock,
    orphanMs: constants.horizonMs + 1000,
    onWaiting: (pid) => tell({ kind: 'waits', pid }),
    signal: ending.signal,
  })
  const onFault = (error: unknown): void => log.warn({ light, reason: reasonOf(error) }, 'display_fault')
  display = openLampDisplay(configuration, { clock, onFault, successor: configuration.successor })
  tell({ kind: 'holds' })
  lamp = runLamp({
    settings: { file, constants, drawBoot: () => randomId(systemRandom), rules: LAMP_RULES },
    clock,
    display,
    onReport: (report) => tell({ kind: 'report', report }),
    onFact: lampFacts(light, clock, log),
  })
}

function obey(message: ToLamp): void {
  switch (message.kind) {
    case 'configure':
      start(message.configuration).catch((error: unknown) => {
        if (!ending.signal.aborted) throw error
      })
      return
    case 'command':
      return lamp?.command(message.command)
    case 'hint':
      return lamp?.hint(message.redEndsAtMs)
    case 'stop':
      void endWhenRed()
      return
    default:
      message satisfies never
  }
}

const split = lineSplitter((line) => {
  const message = decode<ToLamp>(line)
  if (message !== null) obey(message)
}, LINE_CHARACTERS_MAX)

channel.on('data', split)
channel.on('error', () => {})
channel.on('close', () => void endWhenRed())
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
// A terminal's signals are for the parent; a SIGTERM to everybody must not turn green into red without amber.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => {})
preferSelf()
beat()
