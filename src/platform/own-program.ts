/** Starts programs of this package as processes, the way this one was started: compiled or not. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface OwnProgram {
  /** The module that names `path`: its `import.meta.url`. */
  readonly from: string
  /** The program's module as seen from there, without its extension: `./lamp-process`. */
  readonly path: string
  /** Options of Node's own, beside those of this process. Default: none. */
  readonly nodeOptions?: readonly string[]
  readonly args: readonly string[]
  readonly stdio: StdioOptions
  readonly env: NodeJS.ProcessEnv
}

/** Starts it in a session of its own: what a terminal sends with Ctrl-C and Ctrl-Z reaches only this process. */
export function startOwnProgram({ from, path, nodeOptions = [], args, stdio, env }: OwnProgram): ChildProcess {
  const program = fileURLToPath(new URL(`${path}${extname(from)}`, from))
  const argv = [...process.execArgv, ...nodeOptions, program, ...args]
  return spawn(process.execPath, argv, { stdio, env, detached: true })
}

/** The environment of this process without its secrets: for a process that needs none. */
export function environmentWithoutSecrets(): NodeJS.ProcessEnv {
  const { MQTT_PASSWORD: _password, CROSSING_ACCOUNTS: _accounts, ...environment } = process.env
  return environment
}

/** The number of this process, as its children may tell it to others. */
export const ownPid = (): number => process.pid
