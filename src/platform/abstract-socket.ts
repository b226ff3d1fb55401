/**
 * Linux's abstract sockets as locks: a name that one process listens on, freed by the kernel with that process,
 * however it ends. There is no file that could be left behind.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { systemCode } from './errors.ts'

/** Bytes of an abstract name after its leading NUL. Source: unix(7), `sun_path`. */
const NAME_BYTES = 107

/**
 * The address of a lock. Every name takes the whole 107 bytes, because Node 20 fills shorter ones up with NULs and later
 * versions do not; a hash stands for the name, since names may be longer.
 */
export function lockAddress(name: string): string {
  const readable = `crossing/${createHash('sha256').update(name).digest('hex').slice(0, 32)}/`
  const tail = name.replace(/[^A-Za-z0-9_./:-]/g, '_').slice(-(NAME_BYTES - readable.length))
  return `\0${(readable + tail).padEnd(NAME_BYTES, '.')}`
}

/** Listens on a lock's address; null where somebody does already. Throws what the system says otherwise. */
export async function tryLock(address: string, onConnection: (socket: Socket) => void): Promise<Server | null> {
  const server = createServer(onConnection)
  try {
    server.listen({ path: address })
    await once(server, 'listening')
    return server
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') return null
    throw error
  }
}

/** A process, told from a later one with its number by when it was started. */
export interface ProcessIdentity {
  readonly pid: number
  readonly parent: number
  /** Clock ticks after the machine's start. Source: proc(5), /proc/pid/stat, field 22. */
  readonly startTime: string
  readonly argv: readonly string[]
}

/** Who listens on `address`, as the kernel tells it, asked nothing; null where that cannot be seen from here. */
export async function lockHolder(address: string): Promise<ProcessIdentity | null> {
  const path = `@${address.slice(1)}`
  const table = await readFile('/proc/net/unix', 'utf8').catch(() => '')
  // Fields: address, references, protocol, flags, type, state, inode, path. Flag 10000: it listens.
  const row = table.split('\n').find((line) => line.endsWith(` ${path}`) && line.split(/\s+/)[3] === '00010000')
  const inode = row?.trim().split(/\s+/)[6]
  if (inode === undefined) return null
  for (const pid of await processNumbers()) if (await hasSocket(pid, inode)) return processIdentity(pid)
  return null
}

const processNumbers = async (): Promise<readonly number[]> =>
  (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number)

/** Who process `pid` is; null where there is none. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | null> {
  try {
    const [stat, argv] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ])
    // The second field is the command's name in brackets, which may hold anything; fields are counted after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(fields[1]), startTime: fields[19] ?? '', argv: argv.split('\0') }
  } catch {
    return null
  }
}

/** The processes that `parent` started and that run now. */
export async function childrenOf(parent: number): Promise<readonly ProcessIdentity[]> {
  const all = await Promise.all((await processNumbers()).map(processIdentity))
  return all.filter((one) => one !== null).filter((one) => one.parent === parent)
}

/** Kills a process that will not end by itself, unless its number belongs to a later one by now. */
export const endProcess = (one: ProcessIdentity): Promise<void> => signalProcess(one, 'SIGKILL')

/** Sends a signal to a process, unless it is gone and its number belongs to a later one by now. */
export async function signalProcess({ pid, startTime }: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  const now = await processIdentity(pid)
  if (now?.startTime !== startTime) return
  try {
    process.kill(pid, signal)
  } catch {
    // It ended just now, or belongs to another user.
  }
}

async function hasSocket(pid: number, inode: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`
  const names = await readdir(folder).catch(() => [])
  const links = await Promise.all(names.map((name) => readlink(`${folder}/${name}`).catch(() => '')))
  return links.includes(`socket:[${inode}]`)
}
