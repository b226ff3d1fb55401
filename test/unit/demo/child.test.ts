import type { ChildProcess } from 'node:child_process'
import t, { type Test } from 'tap'
import { type ChildListener, type ChildPlan, keepRunning } from '../../../src/demo/child.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'

type Fact = 'started' | readonly ['died', string, number] | readonly ['refused', number]

/** A child whose restarts wait for the clock of the test. */
function kept(t: Test, argv: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
  const clock = new ManualClock()
  const facts: Fact[] = []
  const processes: ChildProcess[] = []
  const waiting: (() => void)[] = []
  const add = (fact: Fact): void => {
    facts.push(fact)
    for (const resolve of waiting.splice(0)) resolve()
  }
  const listener: ChildListener = {
    started(child) {
      processes.push(child)
      child.stderr?.resume()
      add('started')
    },
    died: (_name, how, afterMs) => add(['died', how, afterMs]),
    refused: (_name, exitCode) => add(['refused', exitCode]),
  }
  const plan: ChildPlan = { name: 'child', argv, environment }
  const child = keepRunning(plan, { clock, stopMsMax: 1000, inheritStderr: false }, listener)
  t.teardown(() => {
    for (const one of processes) one.kill('SIGKILL')
    return child.stop()
  })
  return {
    child,
    clock,
    facts,
    processes,
    async fact(index: number): Promise<Fact> {
      while (facts.length <= index) await new Promise<void>((resolve) => waiting.push(resolve))
      return facts[index] ?? 'started'
    },
  }
}

const nowhere = ['controller', '--url', 'mqtt://127.0.0.1:9']
const environment = { ...process.env, MQTT_PASSWORD: 'p' }

/** Resolves once the process has written to its log, which is when it listens for signals. */
const runs = (child: ChildProcess | undefined): Promise<void> =>
  new Promise((resolve) => child?.stderr?.once('data', () => resolve()))

t.test('what ends is started again, later and later while it lives for no time', async (t) => {
  const { fact, clock, child } = kept(t, ['--version'])
  t.strictSame(await fact(1), ['died', 'exit code 0', 600])
  clock.advance(599)
  t.strictSame(clock.delays, [1])
  clock.advance(1)
  t.equal(await fact(2), 'started')
  t.strictSame(await fact(3), ['died', 'exit code 0', 1200])
  await child.stop()
  t.strictSame(clock.delays, [], 'a stop while it waits leaves no timer')
})

t.test('what lived for long starts again soon, whatever ended it', async (t) => {
  const { fact, clock, processes } = kept(t, nowhere, environment)
  clock.advance(5001)
  processes[0]?.kill('SIGKILL')
  t.strictSame(await fact(1), ['died', 'SIGKILL', 300])
})

t.test('what cannot run is not started again', async (t) => {
  const { fact, clock } = kept(t, ['unknown'])
  t.strictSame(await fact(1), ['refused', 2])
  t.strictSame(clock.delays, [])
})

t.test('a stop asks first, and calling it twice is fine', async (t) => {
  const { child, facts, processes } = kept(t, nowhere, environment)
  await runs(processes[0])
  await Promise.all([child.stop(), child.stop()])
  await child.stop()
  t.match(processes[0], { exitCode: 0, signalCode: null })
  t.strictSame(facts, ['started'], 'an end that was asked for is no news')
})

t.test('what does not end when it is asked to is ended', async (t) => {
  const { child, processes, clock } = kept(t, nowhere, environment)
  await runs(processes[0])
  processes[0]?.kill('SIGSTOP')
  const stopped = child.stop()
  clock.advance(1000)
  await stopped
  t.equal(processes[0]?.signalCode, 'SIGKILL')
  t.strictSame(clock.delays, [])
})

t.test('a child ends with the demo: its channel closes', async (t) => {
  const { processes, fact } = kept(t, nowhere, environment)
  await runs(processes[0])
  processes[0]?.disconnect()
  t.match(await fact(1), ['died', 'exit code 0'])
})

t.test('who will not wait asks again', async (t) => {
  const { child, processes, fact } = kept(t, nowhere, environment)
  await runs(processes[0])
  child.hurry()
  t.match(await fact(1), ['died', 'exit code 0'])
  child.hurry()
})

t.test('what cannot even be started is tried again', async (t) => {
  t.intercept(process, 'execPath', { value: '/no/such/node' })
  const { fact } = kept(t, nowhere)
  t.match(await fact(1), ['died', /ENOENT/, 600])
})
