/** A connected pair in a process of its own, asked from time to time how late its messages were. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Login } from './raw-mqtt.ts'

const PROGRAM = fileURLToPath(new URL('./pair-process.js', import.meta.url))

export interface Pair extends AsyncDisposable {
  /** From sending to arrival of each message since the last call, ms. Rejects where the pair was cut. */
  delays(): Promise<readonly number[]>
}

/** Starts the pair; messages pass between its two clients from now on. */
export async function startPair({ port, user, password }: Login): Promise<Pair> {
  const child = fork(PROGRAM, [String(port), user, password], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await answerOf(child)
  return {
    async delays() {
      const answer = answerOf(child)
      child.send('delays')
      const delays = await answer
      if (!Array.isArray(delays)) throw new Error('the pair gave no delays')
      return delays.filter((delay) => typeof delay === 'number')
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('the pair ended'))
    child.once('exit', ended)
    child.once('message', (answer) => {
      child.off('exit', ended)
      resolve(answer)
    })
  })
}
