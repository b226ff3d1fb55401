/** Whether a subscriber that does not read holds up others; beside mosquitto in the same run. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import bcrypt from 'bcryptjs'
import { markdownOf, rowOf, written } from '../figures.ts'
import type { Workbench } from '../workbench.ts'
import { type RunningBroker, type Setting, startCrossing, startMosquitto } from './brokers.ts'

export const FROZEN_MEANING = `50 pairs of clients with 20 messages a second of 1 KB each: from sending to arrival, ms, alone and while a subscriber to
all of it does not read. The broker cuts it when 1 MB waits for it.`

const CLIENTS = fileURLToPath(new URL('./busy-process.js', import.meta.url))

const PASSWORD = 'correct horse'
const USER = 'pair'
const PAIRS = 50

/** The first messages, which are not counted, and the pairs alone, ms. */
const WARM_UP_MS = 3000
const ALONE_MS = 5000

/** Aim for the pairs' p99, ms. */
const P99_MS_MAX = 5

interface Finding {
  readonly alone: readonly number[]
  readonly beside: readonly number[]
}

export async function measureFrozen(
  bench: Workbench,
  { seconds }: { readonly seconds: number },
): Promise<{ readonly table: string; readonly met: boolean }> {
  const users = [{ name: USER, hash: bcrypt.hashSync(PASSWORD, 4) }]
  const setting = { folder: bench.makeFolder(), users, password: PASSWORD, pairUser: USER }
  const theirs = await delaysAt(bench, await startMosquitto(setting), { setting, seconds })
  const ours = await delaysAt(bench, await startCrossing(setting), { setting, seconds })
  const rows = [
    comparison('50 pairs alone, ms', ours.alone, theirs.alone),
    comparison('beside a frozen subscriber, ms', ours.beside, theirs.beside),
  ]
  const head = ['', 'n', 'p50', 'p99', 'max', 'mosquitto p50', 'p99', 'max', 'aim']
  return {
    table: markdownOf(
      head,
      rows.map(({ cells }) => cells),
    ),
    met: rows.every(({ met }) => met),
  }
}

function comparison(what: string, ours: readonly number[], theirs: readonly number[]) {
  const [own, other] = [rowOf(what, ours).figures, rowOf(what, theirs).figures]
  const met = own.p99 <= P99_MS_MAX
  const figures = [own.p50, own.p99, own.max, other.p50, other.p99, other.max].map(written)
  return { cells: [what, String(own.count), ...figures, `p99 at most ${P99_MS_MAX}: ${met ? 'met' : 'MISSED'}`], met }
}

async function delaysAt(
  bench: Workbench,
  broker: RunningBroker,
  { setting, seconds }: { readonly setting: Setting; readonly seconds: number },
): Promise<Finding> {
  bench.takeOver(broker)
  bench.say(`broker-frozen: ${broker.name}`)
  const argv = [String(broker.port), USER, setting.password, String(PAIRS)]
  const child = fork(CLIENTS, argv, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const ended = once(child, 'exit')
  bench.takeOver({
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  })
  const answer = async (): Promise<readonly number[]> => {
    const [delays] = await Promise.race([once(child, 'message'), ended.then(() => [null])])
    if (!Array.isArray(delays)) throw new Error('a client was cut')
    return delays.filter((delay) => typeof delay === 'number')
  }
  const ask = (word: 'delays' | 'freeze'): Promise<readonly number[]> => {
    child.send(word)
    return answer()
  }
  await answer()
  await sleep(WARM_UP_MS)
  await ask('delays')
  await sleep(ALONE_MS)
  const alone = await ask('delays')
  await ask('freeze')
  await sleep(seconds * 1000)
  const beside = await ask('delays')
  child.kill('SIGKILL')
  await ended
  await broker[Symbol.asyncDispose]()
  return { alone, beside }
}
