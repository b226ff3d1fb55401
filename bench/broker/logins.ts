/** What log-ins do to those who are connected, and how soon all are back; beside mosquitto in the same run. */
import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import { markdownOf, rowOf, written } from '../figures.ts'
import type { Workbench } from '../workbench.ts'
import { type BenchUser, type RunningBroker, type Setting, startCrossing, startMosquitto } from './brokers.ts'
import { type Pair, startPair } from './pair.ts'
import { ACCEPTED, BAD_USER_NAME_OR_PASSWORD, login, type Session } from './raw-mqtt.ts'

export const LOGINS_MEANING = `A pair of clients with 200 messages a second of QoS 0 between them: from sending to arrival, ms, while others log in. *New*
users cost a check of their password (bcrypt at cost 10 here; PBKDF2 with 101 rounds at mosquitto), *known* ones have
logged in before. All clients connect at once; who is told that the server is busy tries again.`

const PASSWORD = 'correct horse'
const PAIR = 'pair'
const KNOWN = 3000
const NEW = [200, 1000]

/** Attempts a second, and for how long, s; each with another password. */
const GUESSES = { perSecond: 500, seconds: 10, users: 20 }

/** Messages before anything is measured, ms: a program in JavaScript is compiled while it is new, 3 ms at a time. */
const WARM_UP_MS = 10_000

/** The pair alone, before anything else, ms. */
const QUIET_MS = 5000

/** Until a client tries again who was told that the server is busy, ms. */
const RETRY_MS = 1000

/** Aims: of the pair's p99 that of mosquitto at most so often, and at most so long, ms; of known users, ms. */
const TIMES_MAX = 2
const P99_MS_MAX = 10
const BACK_MS_MAX = 1000

interface Finding {
  readonly what: string
  readonly delays: readonly number[]
  /** From the first attempt to the last one let in, ms; null where nobody was to be let in. */
  readonly allInMs: number | null
}

/** Runs everything against both brokers, one after the other. */
export async function measureLogins(bench: Workbench): Promise<{ readonly table: string; readonly met: boolean }> {
  const setting = { folder: bench.makeFolder(), users: usersOf(), password: PASSWORD, pairUser: PAIR }
  const theirs = await measureOne(bench, setting, startMosquitto)
  const ours = await measureOne(bench, setting, startCrossing)
  const rows = ours.map((finding, index) => compared(finding, theirs[index]))
  const head = ['', 'n', 'p50', 'p99', 'mosquitto p50', 'p99', 'p99 ratio', 'all in', 'mosquitto all in', 'aim']
  return {
    table: markdownOf(
      head,
      rows.map(({ cells }) => cells),
    ),
    met: rows.every(({ met }) => met),
  }
}

/** New users have hashes of cost 10. Known ones are not measured while they are checked, and cost less for that. */
function usersOf(): readonly BenchUser[] {
  const [hash, cheapHash] = [bcrypt.hashSync(PASSWORD, 10), bcrypt.hashSync(PASSWORD, 4)]
  const fresh = NEW.flatMap((count) => namesOf(`new${count}-`, count)).map((name) => ({ name, hash }))
  const guessed = namesOf('guessed', GUESSES.users).map((name) => ({ name, hash }))
  const known = [PAIR, ...namesOf('known', KNOWN)].map((name) => ({ name, hash: cheapHash }))
  return [...fresh, ...guessed, ...known]
}

const namesOf = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`)

async function measureOne(
  bench: Workbench,
  setting: Setting,
  start: (setting: Setting) => Promise<RunningBroker>,
): Promise<readonly Finding[]> {
  const broker = bench.takeOver(await start(setting))
  const pair = bench.takeOver(await startPair({ port: broker.port, user: PAIR, password: PASSWORD }))
  const findings: Finding[] = []
  const measure = async (what: string, task: () => Promise<number | null>): Promise<void> => {
    bench.say(`broker-logins: ${broker.name}: ${what}`)
    await pair.delays()
    const allInMs = await task()
    findings.push({ what, delays: await pair.delays(), allInMs })
  }
  await sleep(WARM_UP_MS)
  await measure('nobody logs in', () => sleep(QUIET_MS, null))
  await measure(`${GUESSES.perSecond} wrong passwords a second`, () => guess(broker))
  for (const count of NEW) {
    await measure(`${count} new users`, () => comeIn(broker, namesOf(`new${count}-`, count)))
  }
  bench.say(`broker-logins: ${broker.name}: ${KNOWN} users become known`)
  await comeIn(broker, namesOf('known', KNOWN))
  await measure(`${KNOWN} known users`, () => comeIn(broker, namesOf('known', KNOWN)))
  await end(pair, broker)
  return findings
}

async function end(pair: Pair, broker: RunningBroker): Promise<void> {
  await pair[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
}

/** All of them at once; gives how long it took until the last one was in, ms. They leave again. */
async function comeIn({ port }: RunningBroker, names: readonly string[]): Promise<number> {
  const startMs = performance.now()
  const sessions = await Promise.all(names.map((user) => untilIn(port, user)))
  const allInMs = performance.now() - startMs
  for (const { socket } of sessions) socket.destroy()
  await sleep(RETRY_MS)
  return allInMs
}

async function untilIn(port: number, user: string): Promise<Session> {
  for (;;) {
    const session = await login({ port, user, password: PASSWORD })
    if (session.code === ACCEPTED) return session
    session.socket.destroy()
    if (session.code === BAD_USER_NAME_OR_PASSWORD) throw new Error(`${user} was refused`)
    await sleep(RETRY_MS)
  }
}

/** Throws where a guess is let in. */
async function guess({ port }: RunningBroker): Promise<null> {
  const answers: Promise<void>[] = []
  const count = GUESSES.perSecond * GUESSES.seconds
  const startMs = performance.now()
  for (let index = 0; index < count; index++) {
    const dueMs = startMs + (index * 1000) / GUESSES.perSecond
    if (performance.now() < dueMs) await sleep(dueMs - performance.now())
    const answer = login({ port, user: `guessed${index % GUESSES.users}`, password: `guess ${index}` })
    answers.push(
      answer.then(({ socket, code }) => {
        socket.destroy()
        if (code === ACCEPTED) throw new Error('a wrong password was let in')
      }),
    )
  }
  await Promise.all(answers)
  return null
}

function compared(ours: Finding, theirs: Finding | undefined): { readonly cells: readonly string[]; met: boolean } {
  if (theirs === undefined) throw new Error(`mosquitto was not measured: ${ours.what}`)
  const [own, other] = [rowOf(ours.what, ours.delays).figures, rowOf(theirs.what, theirs.delays).figures]
  const isInTime = ours.allInMs === null || !ours.what.includes(' known') || ours.allInMs <= BACK_MS_MAX
  const met = own.p99 <= other.p99 * TIMES_MAX && own.p99 <= P99_MS_MAX && isInTime
  const inTime = ({ allInMs }: Finding): string => (allInMs === null ? '' : `${written(allInMs / 1000)} s`)
  const figures = [own.count, own.p50, own.p99, other.p50, other.p99, own.p99 / other.p99]
  const [count = '', ...rest] = figures.map((figure, index) => (index === 0 ? String(figure) : written(figure)))
  const cells = [ours.what, count, ...rest, inTime(ours), inTime(theirs), met ? 'met' : 'MISSED']
  return { cells, met }
}
