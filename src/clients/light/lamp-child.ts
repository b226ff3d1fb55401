/** The lamp's process as its guard has it: started, spoken to over its channel, heard, and ended. */
import type { ChildProcess } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { reasonOf } from '../../platform/errors.ts'
import { environmentWithoutSecrets, ownPid, startOwnProgram } from '../../platform/own-program.ts'
import { lineSplitter } from '../display/lines.ts'
import { parseDisplay } from '../display/open.ts'
import {
  BACKLOG_BYTES_MAX,
  CHANNEL_OPTION,
  decode,
  encode,
  type FromLamp,
  LINE_CHARACTERS_MAX,
  type ToLamp,
} from './lamp-channel.ts'
import { PARENT_OPTION } from './lamp-lock.ts'

export interface LampChild {
  /** Dropped where the lamp does not read. */
  send(message: ToLamp): void
  /** Ends it, also where it is stopped. */
  kill(): void
}

export interface LampChildListener {
  heard(message: FromLamp): void
  /** It is gone, or was never there; told once. */
  ended(reason: string): void
}

/** How a lamp that ends because it was asked to has ended. */
export const ENDED_WELL = 'it ended with 0'

/** Starts a lamp in a process of its own, which is told what it is by its first message. */
export function startLampChild(display: string, listener: LampChildListener): LampChild {
  const channelFd = channelBeside(display)
  const child = spawnLamp(display, channelFd)
  const channel = channelOf(child, channelFd)
  const end = (reason: string): void => {
    channel?.destroy()
    listener.ended(reason)
  }
  child.once('exit', (code, signal) => end(signal === null ? `it ended with ${code}` : `it was ended by ${signal}`))
  child.once('error', (error) => {
    // Without a process there will be no 'exit'.
    if (child.pid === undefined) end(`it could not be started: ${reasonOf(error)}`)
  })
  const split = lineSplitter((line) => {
    const message = decode<FromLamp>(line)
    if (message !== null) listener.heard(message)
  }, LINE_CHARACTERS_MAX)
  channel?.on('data', split)
  channel?.on('error', () => {})
  return {
    send(message) {
      if (channel?.writable === true && channel.writableLength < BACKLOG_BYTES_MAX) channel.write(encode(message))
    },
    // The only signal that also ends a process that is stopped.
    kill: () => child.kill('SIGKILL'),
  }
}

/**
 * V8 collects garbage with threads beside the lamp's, which do not have its priority: on a busy machine it waited over
 * 100 ms for them, with nothing to do. Alone, with a heap as small as a lamp's, it takes a millisecond or two.
 */
const LAMP_NODE_OPTIONS = ['--single-threaded-gc']

/** The first descriptor that is neither a standard one nor what the lamp paints on. */
function channelBeside(displayName: string): number {
  const choice = parseDisplay(displayName)
  return choice.kind === 'frames' && choice.fd === STDIO.length ? STDIO.length + 1 : STDIO.length
}

const STDIO = ['ignore', 'inherit', 'inherit'] as const

function spawnLamp(displayName: string, channelFd: number): ChildProcess {
  const choice = parseDisplay(displayName)
  const framesFd = choice.kind === 'frames' ? choice.fd : -1
  const stdio: ('ignore' | 'inherit' | 'pipe' | number)[] = [...STDIO]
  for (let fd = stdio.length; fd <= Math.max(channelFd, framesFd); fd++) {
    if (fd === channelFd) stdio.push('pipe')
    else stdio.push(fd === framesFd ? fd : 'ignore')
  }
  return startOwnProgram({
    module: 'clients/light/lamp-process',
    nodeOptions: LAMP_NODE_OPTIONS,
    args: [`${PARENT_OPTION}${ownPid()}`, `${CHANNEL_OPTION}${channelFd}`],
    stdio,
    env: environmentWithoutSecrets(),
  })
}

function channelOf(child: ChildProcess, channelFd: number): Duplex | null {
  const stream = [...child.stdio][channelFd]
  // Node gives a stream that reads and writes for every pipe beyond stderr.
  return stream !== undefined && stream !== null && 'write' in stream && 'read' in stream ? (stream as Duplex) : null
}
