/** What a connection costs that does nothing; beside mosquitto in the same run. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import bcrypt from 'bcryptjs'
import { markdownOf, written } from '../figures.ts'
import { pssBytes } from '../processes.ts'
import type { Workbench } from '../workbench.ts'
import { type RunningBroker, type Setting, startCrossing, startMosquitto } from './brokers.ts'

export const IDLE_MEANING = `Memory (PSS) of the broker for each connection that has logged in and does nothing, from 500 connections on: so much
stands ready at first, whoever comes. Measured when the threads that checked the passwords have ended.`

const CLIENT = fileURLToPath(new URL('./idle-process.js', import.meta.url))

const PASSWORD = 'correct horse'
const USER = 'pair'

/** Connections that come first and are not counted. */
const FIRST = 500

/** Connections of one process: the usual limit on open files is some more. */
const PER_PROCESS = 5000

/** From the last log-in to the measurement, ms: the threads for passwords end after 5 s. */
const SETTLE_MS = 12_000

/** Aim for a connection, bytes. */
const BYTES_MAX = 15 * 1024

interface Counts {
  readonly connections: number
}

export async function measureIdle(
  bench: Workbench,
  { connections }: Counts,
): Promise<{ readonly table: string; readonly met: boolean }> {
  const users = [{ name: USER, hash: bcrypt.hashSync(PASSWORD, 4) }]
  const setting = { folder: bench.makeFolder(), users, password: PASSWORD, pairUser: USER }
  const theirs = await bytesEach(bench, await startMosquitto(setting), { setting, connections })
  const ours = await bytesEach(bench, await startCrossing(setting), { setting, connections })
  const met = ours <= BYTES_MAX
  const row = [
    'an idle connection, KB',
    String(connections),
    written(ours / 1024),
    written(theirs / 1024),
    `at most ${BYTES_MAX / 1024}: ${met ? 'met' : 'MISSED'}`,
  ]
  return { table: markdownOf(['', 'n', 'crossing', 'mosquitto', 'aim'], [row]), met }
}

async function bytesEach(
  bench: Workbench,
  broker: RunningBroker,
  { setting, connections }: { readonly setting: Setting; readonly connections: number },
): Promise<number> {
  bench.takeOver(broker)
  bench.say(`broker-idle: ${broker.name}: ${connections} connections`)
  const connect = async (count: number): Promise<void> => {
    for (let left = count; left > 0; left -= PER_PROCESS) {
      bench.takeOver(await startClients(broker, setting, Math.min(PER_PROCESS, left)))
    }
    await sleep(SETTLE_MS)
  }
  await connect(FIRST)
  const before = pssBytes(broker.pid)
  await connect(connections)
  const after = pssBytes(broker.pid)
  await broker[Symbol.asyncDispose]()
  return (after - before) / connections
}

async function startClients({ port }: RunningBroker, { password }: Setting, count: number): Promise<AsyncDisposable> {
  const argv = [String(port), USER, password, String(count)]
  const child = fork(CLIENT, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit').then(() => 'ended')
  const [answer] = await Promise.race([once(child, 'message'), ended.then((word) => [word])])
  if (answer !== 'ready') throw new Error('the clients could not connect: raise the limit on open files (ulimit -n)')
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
