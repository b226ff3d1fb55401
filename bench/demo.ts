/** A whole crossing in real processes: the compiled program's demo, with a folder, a port and accounts of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { familyOf, type Process } from './processes.ts'
import { PROGRAM } from './program.ts'
import { readTrace, type Showing } from './trace.ts'

/** A stage as its controller planned it: the log's line `stage_granted`. */
export interface Grant {
  readonly stage: string
  /** CLOCK_MONOTONIC, ms. */
  readonly startsAtMs: number
  /** Why the plan had stopped since the stage before; null where it had not. */
  readonly interruption: string | null
}

export interface Demo extends AsyncDisposable {
  /** Just before its process was started, CLOCK_MONOTONIC, ms. */
  readonly bornAtMs: number
  /** What each light shows, by name, as the demo prints it. */
  readonly aspects: ReadonlyMap<string, string>
  /** All stages granted so far, oldest first. Empty unless the log is at level debug. */
  readonly grants: readonly Grant[]
  /** Lines of the log at level warn and above since the first of them. */
  readonly warnings: readonly string[]
  /** Resolves as soon as `holds`. Rejects after `msMax`, and where the demo ends first, with the end of its log. */
  until(holds: () => boolean, msMax: number): Promise<void>
  /** All frames painted so far. */
  trace(): readonly Showing[]
  /** Its processes now, itself first. */
  processes(): readonly Process[]
  /** Ends it and everything that it started. Calling it twice is fine. */
  stop(): Promise<void>
}

export interface DemoOptions {
  /** Made where missing; the trace goes there, and no users file is found there. */
  readonly folder: string
  readonly logLevel: 'debug' | 'info'
}

/** A demo that was asked to end waits for red, and for lights that still start; then it is killed, ms. */
const STOP_MS_MAX = 15_000

/** Lines of the log that an error shows. */
const LINES_SHOWN = 20

export async function startDemo({ folder, logLevel }: DemoOptions): Promise<Demo> {
  mkdirSync(folder, { recursive: true })
  const traceFile = join(folder, 'trace')
  const port = await freePort()
  // Nothing of the caller's shell may change what is measured.
  const env = { PATH: process.env['PATH'], LIGHT_TRACE: traceFile, LOG_LEVEL: logLevel }
  const bornAtMs = nowMs()
  const child = spawn(process.execPath, [PROGRAM, 'demo', '--port', String(port)], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C ends the bench, which then stops this in order.
    detached: true,
  })
  const heard = listen(child)
  let stopping: Promise<void> | null = null
  const stop = (): Promise<void> => {
    stopping ??= end(child)
    return stopping
  }
  return {
    bornAtMs,
    aspects: heard.aspects,
    grants: heard.grants,
    warnings: heard.warnings,
    until: heard.until,
    trace: () => readTrace(traceFile),
    processes: () => familyOf(pidOf(child)),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** CLOCK_MONOTONIC, ms: the clock of traces and of plans. */
export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6

function listen(child: ChildProcess): Pick<Demo, 'aspects' | 'grants' | 'warnings' | 'until'> {
  const aspects = new Map<string, string>()
  const grants: Grant[] = []
  const warnings: string[] = []
  const log: string[] = []
  const looks = new Set<() => void>()
  const told = (): void => {
    for (const look of looks) look()
  }
  eachLine(child.stdout, (line) => {
    const [light = '', aspect = ''] = line.split(' ')
    aspects.set(light, aspect)
    told()
  })
  let interruption: string | null = null
  eachLine(child.stderr, (line) => {
    log.push(line)
    if (log.length > LINES_SHOWN) log.shift()
    if (grants.length > 0 && /"level":[456]0/.test(line)) warnings.push(line)
    const fact = factIn(line)
    if (fact?.kind === 'stopped' && grants.length > 0) interruption ??= fact.why
    if (fact?.kind === 'granted') {
      grants.push({ ...fact.grant, interruption })
      interruption = null
    }
    told()
  })
  child.once('exit', told)
  return {
    aspects,
    grants,
    warnings,
    until(holds, msMax) {
      return new Promise((resolve, reject) => {
        const settle = (error: Error | null): void => {
          looks.delete(look)
          clearTimeout(timer)
          if (error === null) resolve()
          else reject(error)
        }
        const failed = (what: string): void => settle(new Error(`${what}; the end of its log:\n${log.join('\n')}`))
        const look = (): void => {
          if (holds()) settle(null)
          else if (hasEnded(child)) failed('the demo ended')
        }
        const timer = setTimeout(() => failed(`the demo was waited for in vain for ${msMax} ms`), msMax)
        looks.add(look)
        look()
      })
    },
  }
}

function eachLine(stream: Readable | null, take: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', take)
}

type Fact =
  | { readonly kind: 'granted'; readonly grant: Omit<Grant, 'interruption'> }
  | { readonly kind: 'stopped'; readonly why: string }

/** What a line of the log says of the plan; null where it says nothing. */
function factIn(line: string): Fact | null {
  if (!/"(?:stage_granted|waitingFor)"/.test(line)) return null
  const { stage, startsAtMs, waitingFor }: Readonly<Record<string, unknown>> = JSON.parse(line)
  if (typeof waitingFor === 'string') return { kind: 'stopped', why: waitingFor }
  if (typeof stage !== 'string' || typeof startsAtMs !== 'number') return null
  return { kind: 'granted', grant: { stage, startsAtMs } }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error(`${PROGRAM} could not be started: run npm run build first`)
  return pid
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const family = familyOf(pidOf(child))
  const exited = once(child, 'exit').then(() => true)
  child.kill('SIGTERM')
  if (await Promise.race([exited, sleep(STOP_MS_MAX, false, { ref: false })])) return
  for (const { pid } of family) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself.
    }
  }
  await exited
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port could be had')
  return address.port
}
