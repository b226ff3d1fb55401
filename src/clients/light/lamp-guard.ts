/**
 * The dead-man, rule L6 of docs/protocol.md: starts the lamp's process, hears its beats, and when they cease makes sure
 * that it is gone, paints red in its place, and only then starts another. Red within `lateMs` in all.
 */
import type { Clock } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import type { Aspect } from '../../protocol/aspect.ts'
import { type Display, ENDLESS } from '../display/display.ts'
import { frameOf } from '../display/frame.ts'
import type { FromLamp, LampConfiguration, ToLamp } from './lamp-channel.ts'
import { ENDED_WELL, startLampChild } from './lamp-child.ts'
import { type LampDisplay, openLampDisplay } from './lamp-display.ts'
import type { LampListener, LampPort } from './lamp-port.ts'

/** After this long without a word of the lamp the guard looks at the clock, again and again, ms: three beats. */
const LOOK_MS = 60

/** Silence that means death, ms: six beats, two looks. A third of `lateMs` is left for the kill and the frame. */
const SILENCE_MS_MAX = 120

/** This long without a look means that this process itself was stopped, and the lamp may well have beaten, ms. */
const OWN_STOP_MS = 100

/** Until it paints it may be silent for this long, ms: a process has to start, and a busy machine takes its time. */
const START_MS_MAX = 10_000

/** Between the deaths of lamps that never lived long, ms. */
const RESTART_MS = 500
const LONG_LIFE_MS = 5000

export interface LampGuardOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly painted: LampDisplay
  /** The rest of what the lamp is told; awaited, so that its process can start before its file was read. */
  readonly rest: Promise<Pick<LampConfiguration, 'lock' | 'file' | 'constants'>>
}

/** What the guard acts with: processes and displays of this machine, but for a simulation of one. */
export interface LampGuardMeans {
  readonly startChild: typeof startLampChild
  readonly openDisplay: typeof openLampDisplay
}

const REAL_MEANS: LampGuardMeans = { startChild: startLampChild, openDisplay: openLampDisplay }

/** Starts a lamp in a process of its own and watches over it. */
export function guardLamp(options: LampGuardOptions, means: LampGuardMeans = REAL_MEANS): LampPort {
  const { clock, logger, painted, rest } = options
  let listener: LampListener | null = null
  let life: LampLife | null = null
  let failsafe: Display | null = null
  let stopping: Promise<void> | null = null
  let successor = false
  let tripped = false
  let notes: readonly string[] = []
  /** Whether a lamp of this guard had the display last, so that red is painted in no other's place. */
  let holdsDisplay = false
  /** What stands there, as far as its painters tell. */
  let shown: Aspect | null = null
  let cancelRestart = (): void => {}

  const paintRed = (): void => {
    if (!holdsDisplay) return
    failsafe ??= means.openDisplay(painted, {
      clock,
      onFault: (error) => logger.error({ light: painted.light, reason: reasonOf(error) }, 'display_fault'),
      successor: true,
      failsafe: true,
      standing: () => shown,
    })
    failsafe.show(frameOf('red', true), ENDLESS)
    shown = 'red'
  }

  const live = (): void => {
    const started = startLife(options, means, {
      heard(message) {
        if (message.kind === 'holds') holdsDisplay = true
        if (message.kind === 'waits') holdsDisplay = false
        if (message.kind === 'report') shown = message.report.aspect
        relay(message, listener, logger)
      },
      ended(reason, livedMs) {
        life = null
        if (stopping !== null && reason === ENDED_WELL) return
        paintRed()
        if (stopping !== null) return
        logger.warn({ reason, livedMs: Math.round(livedMs) }, 'lamp_died')
        // One that ended before it painted left nothing that the next could go on from.
        successor ||= holdsDisplay
        if (livedMs > LONG_LIFE_MS) live()
        else cancelRestart = clock.after(RESTART_MS, live)
      },
    })
    life = started
    rest.then(
      (known) => {
        started.send({ kind: 'configure', configuration: { ...painted, ...known, successor, tripped } })
        started.send({ kind: 'note', notes })
      },
      // Whoever made the promise tells of it.
      () => {},
    )
  }

  live()
  return {
    listen(added) {
      listener = added
    },
    command: (command) => life?.send({ kind: 'command', command }),
    trip(now) {
      tripped = now
      life?.send({ kind: 'trip', tripped })
    },
    hint: (redEndsAtMs) => life?.send({ kind: 'hint', redEndsAtMs }),
    note(said) {
      notes = said
      life?.send({ kind: 'note', notes })
    },
    stop() {
      cancelRestart()
      life?.send({ kind: 'stop' })
      stopping ??= life?.gone ?? Promise.resolve()
      return stopping.then(() => failsafe?.close())
    },
    async kill() {
      cancelRestart()
      stopping ??= life?.gone ?? Promise.resolve()
      life?.kill()
      await stopping
      paintRed()
      failsafe?.close()
    },
  }
}

function relay(message: FromLamp, listener: LampListener | null, logger: Logger): void {
  switch (message.kind) {
    case 'beat':
      return
    case 'holds':
      return listener?.holds()
    case 'waits':
      return listener?.waits(message.pid)
    case 'report':
      return listener?.report(message.report)
    case 'display':
      return listener?.display(message.works)
    case 'fact':
      return logger[message.level](message.fields, message.event)
    default:
      message satisfies never
  }
}

interface LampLife {
  send(message: ToLamp): void
  kill(): void
  readonly gone: Promise<void>
}

interface LifeListener {
  heard(message: FromLamp): void
  ended(reason: string, livedMs: number): void
}

function startLife(
  { clock, painted }: LampGuardOptions,
  { startChild }: LampGuardMeans,
  listener: LifeListener,
): LampLife {
  const bornAt = clock.monotonicMs()
  let paints = false
  let silentSince = bornAt
  /** When this process was last seen to run: it looked, or heard its lamp. */
  let awakeAt = bornAt
  let hasForgiven = false
  let reason: string | null = null
  let cancelLook = (): void => {}
  let resolveGone = (): void => {}
  const gone = new Promise<void>((resolve) => {
    resolveGone = resolve
  })

  const look = (): void => {
    const now = clock.monotonicMs()
    // Messages that came while this process was stopped are read after its timers: the wait begins anew, but only once
    // for a lamp of which nothing is heard, or one that died would never be noticed where looks are always late.
    if (now - awakeAt > OWN_STOP_MS && !hasForgiven) {
      silentSince = now
      hasForgiven = true
    }
    // Who has just heard the lamp was awake then, and need not wake up to look.
    if (now - awakeAt >= LOOK_MS) awakeAt = now
    cancelLook = clock.after(awakeAt + LOOK_MS - now, look)
    if (now - silentSince >= (paints ? SILENCE_MS_MAX : START_MS_MAX)) {
      reason ??= 'it was silent'
      child.kill()
    }
  }

  const child = startChild(painted.display, {
    heard(message) {
      if (message.kind === 'holds' || message.kind === 'report') paints = true
      silentSince = clock.monotonicMs()
      awakeAt = silentSince
      hasForgiven = false
      listener.heard(message)
    },
    ended(why) {
      cancelLook()
      resolveGone()
      listener.ended(reason ?? why, clock.monotonicMs() - bornAt)
    },
  })
  look()
  return { send: (message) => child.send(message), kill: () => child.kill(), gone }
}
