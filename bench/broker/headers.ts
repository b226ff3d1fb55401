/** What packets cost that announce 100 MB each; beside mosquitto in the same run. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcryptjs'
import { markdownOf, written } from '../figures.ts'
import { pssBytes } from '../processes.ts'
import type { Workbench } from '../workbench.ts'
import { type RunningBroker, type Setting, startCrossing, startMosquitto } from './brokers.ts'
import { ACCEPTED, header, login } from './raw-mqtt.ts'

export const HEADERS_MEANING = `20 connections at once that begin a packet of 100 MB and send its first 20 MB: how much more memory (PSS) the broker takes
at most, and how many of the connections it has ended.`

const PASSWORD = 'correct horse'
const USER = 'pair'
const CONNECTIONS = 20
const ANNOUNCED_BYTES = 100_000_000

const MIB = 1024 * 1024

/** What is sent of each packet, in pieces of 1 MiB. */
const SENT_MIB = 20

/** How long the broker is looked at, and how often, ms. */
const WATCH_MS = 4000
const LOOK_MS = 20

/** The broker after its start and after log-ins, ms: until the threads that checked passwords have ended. */
const SETTLE_MS = 8000

/** Aim, bytes. */
const GROWTH_BYTES_MAX = 10 * MIB

interface Finding {
  readonly growthBytes: number
  readonly ended: number
}

export async function measureHeaders(bench: Workbench): Promise<{ readonly table: string; readonly met: boolean }> {
  const users = [{ name: USER, hash: bcrypt.hashSync(PASSWORD, 4) }]
  const setting = { folder: bench.makeFolder(), users, password: PASSWORD, pairUser: USER }
  const theirs = await findingsAt(bench, await startMosquitto(setting), setting)
  const ours = await findingsAt(bench, await startCrossing(setting), setting)
  const row = (what: string, own: Finding, other: Finding): readonly string[] => [
    what,
    written(own.growthBytes / MIB),
    `${own.ended} of ${CONNECTIONS}`,
    written(other.growthBytes / MIB),
    `${other.ended} of ${CONNECTIONS}`,
    `at most ${GROWTH_BYTES_MAX / MIB}: ${own.growthBytes <= GROWTH_BYTES_MAX ? 'met' : 'MISSED'}`,
  ]
  return {
    table: markdownOf(
      ['', 'crossing', 'ended', 'mosquitto', 'ended', 'aim'],
      [row('before log-in, MB', ours.before, theirs.before), row('after log-in, MB', ours.after, theirs.after)],
    ),
    met: [ours.before, ours.after].every(({ growthBytes }) => growthBytes <= GROWTH_BYTES_MAX),
  }
}

async function findingsAt(
  bench: Workbench,
  broker: RunningBroker,
  { password }: Setting,
): Promise<{ readonly before: Finding; readonly after: Finding }> {
  bench.takeOver(broker)
  bench.say(`broker-headers: ${broker.name}`)
  const { port } = broker
  const stranger = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' })
    await once(socket, 'connect')
    return socket
  }
  const known = async (): Promise<Socket> => {
    const { socket, code } = await login({ port, user: USER, password })
    if (code !== ACCEPTED) throw new Error(`refused with code ${code}`)
    return socket
  }
  await sleep(SETTLE_MS)
  const before = await attack(broker, 0x10, await several(stranger))
  const users = await several(known)
  await sleep(SETTLE_MS)
  const after = await attack(broker, 0x30, users)
  await broker[Symbol.asyncDispose]()
  return { before, after }
}

const several = (open: () => Promise<Socket>): Promise<readonly Socket[]> =>
  Promise.all(Array.from({ length: CONNECTIONS }, open))

async function attack({ pid }: RunningBroker, firstByte: number, sockets: readonly Socket[]): Promise<Finding> {
  const startBytes = pssBytes(pid)
  let ended = 0
  const piece = Buffer.alloc(MIB)
  for (const socket of sockets) {
    socket.on('error', () => {}).once('close', () => ended++)
    socket.write(header(firstByte, ANNOUNCED_BYTES))
    for (let sent = 0; sent < SENT_MIB; sent++) socket.write(piece)
  }
  let mostBytes = startBytes
  const endMs = performance.now() + WATCH_MS
  while (performance.now() < endMs) {
    mostBytes = Math.max(mostBytes, pssBytes(pid))
    await sleep(LOOK_MS)
  }
  const finding = { growthBytes: mostBytes - startBytes, ended }
  for (const socket of sockets) socket.destroy()
  return finding
}
