/** A process of the demo that is started again whenever it ends, until it is asked to stop. */
import type { ChildProcess } from 'node:child_process'
import type { Clock } from '../platform/clock.ts'
import { startOwnProgram } from '../platform/own-program.ts'

export interface ChildPlan {
  /** As the log names it. */
  readonly name: string
  /** Arguments of `crossing`. */
  readonly argv: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

export interface ChildListener {
  /** A new process runs; its pipes are the caller's to read. */
  started(child: ChildProcess): void
  /** It ended unasked and is started again after `afterMs`. */
  died(name: string, how: string, afterMs: number): void
  /** Its command line or a file is wrong: starting it again would not help. */
  refused(name: string, exitCode: number): void
}

export interface Child {
  readonly name: string
  /** Its process now; null while none runs. */
  process(): ChildProcess | null
  /** SIGTERM, and SIGKILL where that is not enough; resolves when it is gone. Calling it twice is fine. */
  stop(): Promise<void>
  /** For who will not wait: another SIGTERM. */
  hurry(): void
}

/** Descriptors of a child: the channel whose end tells it that the demo is gone, and the pipe that frames come by. */
const CHANNEL_FD = 3
export const FRAMES_FD = 4

/** Exit codes of a command whose options or files are wrong; see docs of exit codes in the README. */
const REFUSALS = [2, 78]

const RESTART_MS = 300
const RESTART_MS_MAX = 3000
/** Who lived this long is not in a row of deaths: it waits as at first, ms. */
const LONG_LIFE_MS = 5000

export function keepRunning(
  { name, argv, environment }: ChildPlan,
  { clock, stopMsMax, inheritStderr }: { clock: Clock; stopMsMax: number; inheritStderr: boolean },
  listener: ChildListener,
): Child {
  let child: ChildProcess | null = null
  let stopping: Promise<void> | null = null
  let waitMs = RESTART_MS
  let cancelRestart = (): void => {}

  const start = (): void => {
    const bornAt = clock.monotonicMs()
    const started = spawnCrossing(argv, environment, inheritStderr)
    child = started
    listener.started(started)
    const ended = (how: string, code: number | null): void => {
      if (child !== started) return
      child = null
      if (stopping !== null) return
      if (code !== null && REFUSALS.includes(code)) return listener.refused(name, code)
      waitMs = clock.monotonicMs() - bornAt > LONG_LIFE_MS ? RESTART_MS : Math.min(waitMs * 2, RESTART_MS_MAX)
      listener.died(name, how, waitMs)
      cancelRestart = clock.after(waitMs, start)
    }
    started.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`, code))
    started.on('error', (error) => {
      // Without a process there will be no 'exit'.
      if (started.pid === undefined) ended(error.message, null)
    })
  }

  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      cancelRestart()
      const running = child
      if (running === null) return resolve()
      const cancel = clock.after(stopMsMax, () => running.kill('SIGKILL'))
      running.once('exit', () => {
        cancel()
        resolve()
      })
      running.kill('SIGTERM')
    })

  start()
  return {
    name,
    process: () => child,
    stop() {
      stopping ??= stop()
      return stopping
    },
    hurry: () => void child?.kill('SIGTERM'),
  }
}

function spawnCrossing(args: readonly string[], env: NodeJS.ProcessEnv, inheritStderr: boolean): ChildProcess {
  const stdio: ('ignore' | 'inherit' | 'pipe' | 'ipc')[] = ['ignore', 'ignore', inheritStderr ? 'inherit' : 'pipe']
  stdio[CHANNEL_FD] = 'ipc'
  stdio[FRAMES_FD] = 'pipe'
  // The demo alone hears Ctrl-C, and stops its processes in order.
  return startOwnProgram({ module: 'cli', args, stdio, env })
}
