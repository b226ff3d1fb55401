/** Starts programs of this package as processes, the way this one was started: compiled or not. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { ownModule } from './own-package.ts'

export interface OwnProgram {
  /** The program's module, as `ownModule` names it. */
  readonly module: string
  /** Options of Node's own, beside those of this process. Default: none. */
  readonly nodeOptions?: readonly string[]
  readonly args: readonly string[]
  readonly stdio: StdioOptions
  readonly env: NodeJS.ProcessEnv
}

/** Starts it in a session of its own: what a terminal sends with Ctrl-C and Ctrl-Z reaches only this process. */
export function startOwnProgram({ module, nodeOptions = [], args, stdio, env }: OwnProgram): ChildProcess {
  const argv = [...process.execArgv, ...nodeOptions, ownModule(module), ...args]
  return spawn(process.execPath, argv, { stdio, env, detached: true })
}

/** The environment of this process without its secrets: for a process that needs none. */
export function environmentWithoutSecrets(): NodeJS.ProcessEnv {
  const { MQTT_PASSWORD: _password, CROSSING_ACCOUNTS: _accounts, ...environment } = process.env
  return environment
}

/** The number of this process, as its children may tell it to others. */
export const ownPid = (): number => process.pid
