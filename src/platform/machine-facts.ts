/** What can be found out about the machine that this runs on. */
import { execFile } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { access, constants, readdir, readFile, stat, statfs } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { dirname } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { promisify } from 'node:util'
import type { Clock } from './clock.ts'
import { systemCode } from './errors.ts'

/** Without the leading v. */
export const nodeVersion = (): string => process.versions.node

/** The addresses of a host. Rejects where there are none. */
export async function addressesOf(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address)
}

/** A host that does not answer at all is given up after this, ms. */
const CONNECT_MS_MAX = 5000

/** Connects and ends it; gives the ms that it took. Rejects with the system's error, or one after 5 s. */
export function timeToConnect(clock: Clock, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const beganMs = clock.monotonicMs()
    const socket = connect({ host, port })
    const cancel = clock.after(CONNECT_MS_MAX, () =>
      socket.destroy(new Error(`no answer within ${CONNECT_MS_MAX / 1000} s`)),
    )
    socket.once('connect', () => {
      resolve(clock.monotonicMs() - beganMs)
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', cancel)
  })
}

/** Listens and ends it. Rejects with the system's error. */
export function tryToListen(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ host, port }, () => server.close(() => resolve()))
  })
}

/** Sends bytes on a new connection and gives the first that come back; empty where none do, or nobody is there. */
export function firstAnswer(clock: Clock, open: () => Socket, question: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = open()
    socket.write(question)
    const end = (answer: Buffer): void => {
      cancel()
      socket.destroy()
      resolve(answer)
    }
    const cancel = clock.after(CONNECT_MS_MAX, () => end(Buffer.alloc(0)))
    socket.once('data', end)
    socket.once('error', () => end(Buffer.alloc(0)))
    socket.once('end', () => end(Buffer.alloc(0)))
  })
}

/** The most that a timer of this process came late while `ms` passed, ms. */
export async function loopDelayMs(clock: Clock, ms: number): Promise<number> {
  const monitor = monitorEventLoopDelay({ resolution: 10 })
  monitor.enable()
  await new Promise<void>((resolve) => clock.after(ms, resolve))
  monitor.disable()
  return monitor.max / 1e6
}

/** Free for this user in the file system of `folder`, bytes. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** What is there of the path `folder`, in which the rest is to be made: all of it where it is there. */
export async function existingFolder(folder: string): Promise<string> {
  try {
    await stat(folder)
    return folder
  } catch (error) {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')
    if (!isMissing || dirname(folder) === folder) throw error
    return existingFolder(dirname(folder))
  }
}

/** Resolves where this user may make files in `folder`, or make it. Rejects with the system's error. */
export async function tryToKeepIn(folder: string): Promise<void> {
  const existing = await existingFolder(folder)
  // The slash: a file is no folder.
  await access(`${existing}/`, constants.R_OK | constants.W_OK | constants.X_OK)
}

/** Whether the wall clock is set from the network; false: that is still to come; null: nothing does, or it is not told. */
export async function isClockSynchronized(): Promise<boolean | null> {
  const said = (await outputOf('timedatectl', ['show'])) ?? ''
  if (/^NTPSynchronized=yes$/m.test(said)) return true
  return /^NTP=yes$/m.test(said) ? false : null
}

/** Whether a program of that name runs. */
export async function isRunning(name: string): Promise<boolean> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')))
  return names.some((found) => found.trim() === name)
}

/** Who runs this process: the name, or the number of one that has none. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? '')
  }
}

/** Whether this process has the rights of a group; root has those of all. */
export const isInGroup = (group: number): boolean =>
  process.getuid?.() === 0 || process.getgid?.() === group || (process.getgroups?.() ?? []).includes(group)

/** A group of /etc/group: its name, or its number where it has none, and who is listed in it. */
export async function groupOf(number: number): Promise<{ readonly name: string; readonly members: readonly string[] }> {
  const text = await readFile('/etc/group', 'utf8').catch(() => '')
  const fields = text.split('\n').map((line) => line.split(':'))
  const [name, , , members = ''] = fields.find(([, , id]) => id === String(number)) ?? []
  return { name: name ?? String(number), members: members.split(',') }
}

/** Whether a command of that name is there. */
export const isCommand = async (name: string): Promise<boolean> =>
  (await outputOf('sh', ['-c', 'command -v "$1"', 'sh', name])) !== null

async function outputOf(program: string, argv: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(program, [...argv], { timeout: CONNECT_MS_MAX })
    return stdout.trim()
  } catch {
    return null
  }
}
