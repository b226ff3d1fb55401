/** What a lamp's process does between its channel and its display: takes its configuration, holds the display, runs the lamp. */
import type { Clock } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { type Random, randomId } from '../../platform/random.ts'
import type { Display } from '../display/display.ts'
import { deviceOf } from '../display/open.ts'
import type { LampRules, LampState } from './lamp.ts'
import type { FromLamp, LampConfiguration, ToLamp } from './lamp-channel.ts'
import type { openLampDisplay } from './lamp-display.ts'
import { type LampFact, lampFacts } from './lamp-facts.ts'
import type { LampLockOptions } from './lamp-lock.ts'
import { type RunningLamp, runLamp, TICK_MS } from './lamp-runner.ts'

export interface LampServiceMeans {
  readonly clock: Clock
  /** Of a lamp's runner. Default: the clock's `after`. */
  readonly afterPunctually?: Clock['after']
  readonly random: Random
  /** Always LAMP_RULES, but for a simulation. */
  readonly rules: LampRules
  /** Tells the parent; lost where nobody reads. */
  readonly tell: (message: FromLamp) => void
  /** Resolves when this process alone may paint. */
  readonly holdDisplay: (options: LampLockOptions) => Promise<unknown>
  readonly openDisplay: typeof openLampDisplay
  /** Ends the process. */
  readonly exit: () => void
}

export interface LampService {
  obey(message: ToLamp): void
  /** Ends the process once its light is red. */
  endWhenRed(): Promise<void>
  /**
   * Its parent is gone. It ends once its light is red, but on a panel only when a successor waits for it, and flashes
   * until then: the steady red that it would leave there looks like that of a crossing that works.
   */
  orphaned(): void
  /** Asked to end by a signal, which an orphan alone obeys. */
  signalled(): void
  /** Of the lamp; null until it holds the display. */
  readonly state: LampState | null
}

/** Begins to beat, and waits for its configuration. */
export function serveLamp(means: LampServiceMeans): LampService {
  const { clock, random, rules, tell } = means
  const ending = new AbortController()
  let lamp: RunningLamp | null = null
  let display: Display | null = null
  /** What its parent said last, for a lamp that waits for its display still. */
  let tripped = false
  let notes: readonly string[] = []
  /** Whether it paints a panel, which stays lit whatever becomes of its painters. */
  let hasPanel = false
  let isOrphan = false
  let hasSuccessor = false
  let cancelBeat = (): void => {}

  /** The log is the parent's affair; an orphan has none. */
  const log: Pick<Logger, 'info' | 'warn'> = {
    info: (fields, event) => tell({ kind: 'fact', level: 'info', fields, event }),
    warn: (fields, event) => tell({ kind: 'fact', level: 'warn', fields, event }),
  }

  const start = async (configuration: LampConfiguration): Promise<void> => {
    const { light, constants, file } = configuration
    tripped = configuration.tripped
    hasPanel = deviceOf(configuration.display) !== null
    await means.holdDisplay({
      name: configuration.lock,
      clock,
      orphanMs: constants.horizonMs + 1000,
      onWaiting: (pid) => tell({ kind: 'waits', pid }),
      onSuccessor() {
        hasSuccessor = true
        if (isOrphan) void endWhenRed()
      },
      signal: ending.signal,
    })
    const onFault = (error: unknown): void => log.warn({ light, reason: reasonOf(error) }, 'display_fault')
    const onNote = (note: string): void => log.warn({ light, note }, 'display_note')
    display = means.openDisplay(configuration, { clock, onFault, onNote, successor: configuration.successor })
    tell({ kind: 'holds' })
    const logFact = lampFacts(light, clock, log)
    cancelBeat()
    lamp = runLamp({
      settings: { file, constants, drawBoot: () => randomId(random), rules },
      tripped,
      clock,
      ...(means.afterPunctually !== undefined && { afterPunctually: means.afterPunctually }),
      display,
      onReport: (report) => tell({ kind: 'report', report }),
      onFact(fact: LampFact) {
        logFact(fact)
        if (fact.kind === 'display') tell({ kind: 'display', works: fact.works })
      },
      // One that paints says that it lives when it has painted, and wakes up once for both.
      onTick: () => tell({ kind: 'beat' }),
    })
    lamp.note(notes)
  }

  const endWhenRed = async (): Promise<void> => {
    ending.abort()
    await lamp?.untilRed()
    lamp?.close()
    display?.close()
    means.exit()
  }

  /** Until its lamp runs. */
  const beat = (): void => {
    tell({ kind: 'beat' })
    cancelBeat = clock.after(TICK_MS, beat)
  }

  beat()
  return {
    obey(message) {
      switch (message.kind) {
        case 'configure':
          start(message.configuration).catch((error: unknown) => {
            if (!ending.signal.aborted) throw error
          })
          return
        case 'command':
          return lamp?.command(message.command)
        case 'trip':
          tripped = message.tripped
          return lamp?.trip(tripped)
        case 'hint':
          return lamp?.hint(message.redEndsAtMs)
        case 'note':
          notes = message.notes
          return lamp?.note(notes)
        case 'stop':
          void endWhenRed()
          return
        default:
          message satisfies never
      }
    },
    endWhenRed,
    orphaned() {
      isOrphan = true
      if (lamp === null || !hasPanel || hasSuccessor) void endWhenRed()
    },
    signalled() {
      if (isOrphan) void endWhenRed()
    },
    get state() {
      return lamp?.state ?? null
    },
  }
}
