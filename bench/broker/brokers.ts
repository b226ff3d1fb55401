/** The brokers that are compared, each a process of its own on loopback, with the same users. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../demo.ts'
import { PROGRAM } from '../program.ts'

export interface RunningBroker extends AsyncDisposable {
  readonly name: string
  readonly port: number
  readonly pid: number
}

/** A user of both brokers, with a hash for ours: as many as are measured would take minutes to hash. */
export interface BenchUser {
  readonly name: string
  readonly hash: string
}

export interface Setting {
  /** Exists, and is nobody else's. */
  readonly folder: string
  readonly users: readonly BenchUser[]
  /** Of all of them. */
  readonly password: string
  /** Publishes to and reads `pair` and what is below it, where the others have no rights. */
  readonly pairUser: string
  /** That user's rights, where they are others. */
  readonly filter?: string
}

/** A broker that does not listen by then has failed, ms. */
const START_MS_MAX = 10_000

/** Debian has mosquitto where only root looks; NODE_OPTIONS are for ours. */
const ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` }

/** Ours, as `crossing broker` is: its own limits, its log at the usual level. */
export async function startCrossing({ folder, users, pairUser, filter = 'pair/#' }: Setting): Promise<RunningBroker> {
  const file = join(folder, 'users.json')
  const rights = { publish: [filter], subscribe: [filter] }
  const entries = users.map(({ name, hash }) => [name, { hash, ...(name === pairUser && rights) }])
  writeFileSync(file, JSON.stringify({ users: Object.fromEntries(entries) }), { mode: 0o600 })
  const argv = [PROGRAM, 'broker', '--port', '0', '--users', file]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'], env: ENVIRONMENT })
  return runningBroker('crossing', child, await listeningPort(child))
}

/** Debian's. Throws where it is not installed. */
export async function startMosquitto({ folder, users, password }: Setting): Promise<RunningBroker> {
  const version = spawnSync('mosquitto_passwd', ['--help'], { env: ENVIRONMENT, stdio: 'ignore' })
  if (version.error !== undefined) throw new Error('mosquitto is not installed: apt-get install mosquitto')
  const passwords = join(folder, 'mosquitto.passwords')
  writeFileSync(passwords, users.map(({ name }) => `${name}:${password}\n`).join(''), { mode: 0o600 })
  execFileSync('mosquitto_passwd', ['-U', passwords], { env: ENVIRONMENT })
  const port = await freePort()
  const settings = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous false',
    `password_file ${passwords}`,
    // Ours does the same, and without it most of what is measured is a wait of TCP.
    'set_tcp_nodelay true',
    // It would read its files as a user who may not enter the folder.
    'user root',
  ]
  const file = join(folder, 'mosquitto.conf')
  writeFileSync(file, `${settings.join('\n')}\n`)
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore', env: ENVIRONMENT })
  await untilListening(child, port)
  return runningBroker('mosquitto', child, port)
}

function runningBroker(name: string, child: ChildProcess, port: number): RunningBroker {
  const { pid } = child
  if (pid === undefined) throw new Error(`${name} could not be started`)
  return {
    name,
    port,
    pid,
    async [Symbol.asyncDispose]() {
      if (hasEnded(child)) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** The port that our broker says it took; its further log is read and dropped. */
function listeningPort({ stderr }: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    if (stderr === null) return
    const lines = createInterface({ input: stderr })
    lines.on('line', (line) => {
      const port = /"port":(\d+),.*"msg":"listening"/.exec(line)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    lines.once('close', () => reject(new Error('the broker ended: see npm run broker')))
  })
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  const giveUpMs = performance.now() + START_MS_MAX
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' })
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    if (hasEnded(child) || performance.now() > giveUpMs) throw new Error('mosquitto did not start: try mosquitto -v')
    await sleep(20)
  }
}
