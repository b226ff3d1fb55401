/** What crossings that run cost the broker, and how late their messages are; beside mosquitto in the same run. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import bcrypt from 'bcryptjs'
import { type Figures, markdownOf, rowOf, written } from '../figures.ts'
import { cpuSeconds, pssBytes } from '../processes.ts'
import type { Workbench } from '../workbench.ts'
import { type RunningBroker, type Setting, startCrossing, startMosquitto } from './brokers.ts'

export const CROSSINGS_MEANING = `Crossings of two lights and a controller with the constants \`demo\`: each light reports and is commanded every 200 ms,
20 messages a second and crossing, QoS 0, once all are connected. Delays are from sending to arrival; CPU is in per cent
of one core; memory is PSS; cut is how many clients lost their connection. The clients share the cores with the broker:
where they come too late, or it does not read, they send less, as real ones do.`

const CLIENTS = fileURLToPath(new URL('./crossings-process.js', import.meta.url))

const PASSWORD = 'correct horse'
const USER = 'crossings'

/** Crossings at once. */
const SIZES = [100, 1000, 3000]

/** Crossings of one process of clients. */
const PER_PROCESS = 250

/** The first messages, which are not counted, ms. */
const WARM_UP_MS = 3000

/** Aim for the delays' p99 with 1000 crossings, ms. */
const AIM = { size: 1000, p99Ms: 5 }

interface Finding {
  readonly delays: Figures
  /** Messages a second. */
  readonly sent: number
  readonly arrived: number
  readonly cut: number
  readonly cpuPercent: number
  readonly bytes: number
}

/** `largest`: sizes above it are left out. */
export async function measureCrossings(
  bench: Workbench,
  { largest, seconds }: { readonly largest: number; readonly seconds: number },
): Promise<{ readonly table: string; readonly met: boolean }> {
  const users = [{ name: USER, hash: bcrypt.hashSync(PASSWORD, 4) }]
  const setting = { folder: bench.makeFolder(), users, password: PASSWORD, pairUser: USER, filter: 'crossings/#' }
  const rows: string[][] = []
  let met = true
  for (const size of SIZES.filter((one) => one <= largest)) {
    const theirs = await measureOne(bench, await startMosquitto(setting), { setting, size, seconds })
    const ours = await measureOne(bench, await startCrossing(setting), { setting, size, seconds })
    const isMet = size !== AIM.size || ours.delays.p99 <= AIM.p99Ms
    met &&= isMet
    const aim = size === AIM.size ? `p99 at most ${AIM.p99Ms}: ${isMet ? 'met' : 'MISSED'}` : ''
    rows.push([`${size} crossings`, 'crossing', ...cellsOf(ours), aim])
    rows.push(['', 'mosquitto', ...cellsOf(theirs), ''])
    rows.push(['', 'ratio', ...ratiosOf(ours, theirs), ''])
  }
  const head = ['', '', 'sent, 1/s', 'arrived, 1/s', 'cut', 'p50, ms', 'p99, ms', 'CPU, %', 'memory, MB', 'aim']
  return { table: markdownOf(head, rows), met }
}

const figuresOf = ({ delays, cpuPercent, bytes }: Finding): readonly number[] => [
  delays.p50,
  delays.p99,
  cpuPercent,
  bytes / 1e6,
]

const cellsOf = (finding: Finding): readonly string[] => [
  String(Math.round(finding.sent)),
  String(Math.round(finding.arrived)),
  String(finding.cut),
  ...figuresOf(finding).map(written),
]

function ratiosOf(ours: Finding, theirs: Finding): readonly string[] {
  const others = figuresOf(theirs)
  return ['', '', '', ...figuresOf(ours).map((own, index) => written(own / (others[index] ?? Number.NaN)))]
}

async function measureOne(
  bench: Workbench,
  broker: RunningBroker,
  { setting, size, seconds }: { readonly setting: Setting; readonly size: number; readonly seconds: number },
): Promise<Finding> {
  bench.takeOver(broker)
  bench.say(`broker-crossings: ${broker.name}: ${size} crossings`)
  const clients: Clients[] = []
  for (let first = 0; first < size; first += PER_PROCESS) {
    const argv = [broker.port, USER, setting.password, first, Math.min(PER_PROCESS, size - first)].map(String)
    clients.push(bench.takeOver(await startClients(argv)))
  }
  await Promise.all(clients.map((one) => one.ask()))
  await sleep(WARM_UP_MS)
  await Promise.all(clients.map((one) => one.ask()))
  const sinceMs = performance.now()
  const before = cpuSeconds(broker.pid)
  await sleep(seconds * 1000)
  const cpuPercent = ((cpuSeconds(broker.pid) - before) / seconds) * 100
  const bytes = pssBytes(broker.pid)
  const answers = await Promise.all(clients.map((one) => one.ask()))
  const tookSeconds = (performance.now() - sinceMs) / 1000
  for (const one of clients) await one[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
  if (answers.every((answer) => answer.delays.length === 0))
    throw new Error(`nothing that was sent to ${broker.name} arrived within ${seconds} s: give it longer (--seconds)`)
  const delays = rowOf(
    '',
    answers.flatMap((answer) => answer.delays),
  ).figures
  const sumOf = (count: (answer: Answer) => number): number => answers.reduce((sum, answer) => sum + count(answer), 0)
  return {
    delays,
    sent: sumOf(({ sent }) => sent) / tookSeconds,
    arrived: delays.count / tookSeconds,
    cut: sumOf(({ cut }) => cut),
    cpuPercent,
    bytes,
  }
}

interface Answer {
  readonly delays: readonly number[]
  readonly sent: number
  /** Since its start. */
  readonly cut: number
}

interface Clients extends AsyncDisposable {
  /** What came and was sent since the last call. */
  ask(): Promise<Answer>
}

async function startClients(argv: readonly string[]): Promise<Clients> {
  const child = fork(CLIENTS, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  await answerOf(child, ended)
  return {
    async ask() {
      child.send('ask')
      const answer = await answerOf(child, ended)
      if (!isAnswer(answer)) throw new Error('a process of clients answered something else')
      return answer
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function answerOf(child: ChildProcess, ended: Promise<unknown>): Promise<unknown> {
  const [answer] = await Promise.race([once(child, 'message'), ended.then(() => [null])])
  if (answer === null) throw new Error('a client could not connect: raise the limit on open files (ulimit -n)')
  return answer
}

const isAnswer = (value: unknown): value is Answer =>
  typeof value === 'object' &&
  value !== null &&
  'delays' in value &&
  Array.isArray(value.delays) &&
  'sent' in value &&
  'cut' in value
