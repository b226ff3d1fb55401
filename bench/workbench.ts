/** Where everything that a measurement starts is kept, so that all of it is ended whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Demo, startDemo } from './demo.ts'

export interface Workbench extends AsyncDisposable {
  /** `count` crossings side by side, all of which have shown a green. */
  startDemos(count: number, logLevel?: 'debug' | 'info'): Promise<readonly Demo[]>
  /** A crossing that has just been started. */
  startDemo(): Promise<Demo>
  /** Ends `resource` with the bench, before what was taken over earlier. */
  takeOver<Resource extends AsyncDisposable>(resource: Resource): Resource
  /** A new folder of its own. */
  makeFolder(): string
  /** Eight programs for each core that start program after program, all at normal priority, until the result is called. */
  loadMachine(): () => void
  /** Progress, for who waits; to stderr, so that the tables can be taken from stdout. */
  say(line: string): void
}

/** From its start to its first green, ms; far beyond the aim, for a machine that is busy otherwise. */
const FIRST_GREEN_MS_MAX = 30_000

/** For each core. */
const BUSY_PROGRAMS = 8

/** Programs that start weigh more than loops: each is new to the scheduler. Ends with whoever started it. */
const BUSY_PROGRAM = `
  const { spawnSync } = require('node:child_process')
  const loop = 'const end = Date.now() + 300; while (Date.now() < end);'
  const parent = process.ppid
  while (process.ppid === parent) spawnSync(process.execPath, ['-e', loop])`

export function openWorkbench(): Workbench {
  const folder = mkdtempSync(join(tmpdir(), 'crossing-bench-'))
  const demos: Demo[] = []
  const resources: AsyncDisposable[] = []
  const busy = new Set<ChildProcess>()
  let closed = false
  const start = async (logLevel: 'debug' | 'info'): Promise<Demo> => {
    if (closed) throw new Error('nothing more is started: the bench ends')
    const demo = await startDemo({ folder: join(folder, `demo-${demos.length + 1}`), logLevel })
    demos.push(demo)
    return demo
  }
  const unload = (): void => {
    for (const program of busy) program.kill('SIGKILL')
    busy.clear()
  }
  return {
    async startDemos(count, logLevel = 'info') {
      const started: Demo[] = []
      // One after the other, so that their changes do not fall together.
      for (let index = 0; index < count; index++) {
        const demo = await start(logLevel)
        await demo.until(() => greenLight(demo) !== null, FIRST_GREEN_MS_MAX)
        started.push(demo)
      }
      return started
    },
    startDemo: () => start('info'),
    takeOver(resource) {
      resources.push(resource)
      return resource
    },
    makeFolder: () => mkdtempSync(join(folder, 'part-')),
    loadMachine() {
      for (let index = 0; index < BUSY_PROGRAMS * availableParallelism(); index++) {
        busy.add(spawn(process.execPath, ['-e', BUSY_PROGRAM], { stdio: 'ignore' }))
      }
      return unload
    },
    say: (line) => void process.stderr.write(`${line}\n`),
    async [Symbol.asyncDispose]() {
      closed = true
      unload()
      await Promise.all(demos.map((demo) => demo.stop()))
      for (const resource of resources.toReversed()) await resource[Symbol.asyncDispose]()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The light that is green, or null. */
export const greenLight = ({ aspects }: Demo): string | null =>
  [...aspects].find(([, aspect]) => aspect === 'green')?.[0] ?? null
