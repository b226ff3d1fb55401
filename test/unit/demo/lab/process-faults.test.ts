import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Child } from '../../../../src/demo/child.ts'
import type { Fault } from '../../../../src/demo/lab/fault.ts'
import { brokerFaults, controllerFaults, lightFaults } from '../../../../src/demo/lab/process-faults.ts'
import { childrenOf } from '../../../../src/platform/abstract-socket.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { untilTrue } from '../../../fixtures/waiting.ts'

const nothing = (): void => {}

function spawned(t: Test, program: string, ...argv: readonly string[]): ChildProcess {
  const one = spawn(program, argv, { stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => one.kill('SIGKILL'))
  return one
}

const sleeping = (t: Test): ChildProcess => spawned(t, 'sleep', '60')

/** A light whose lamp is a process that sleeps; its number is the first line that it writes. */
async function lightWithLamp(t: Test): Promise<{ readonly light: ChildProcess; readonly lamp: number }> {
  const light = spawned(
    t,
    'sh',
    '-c',
    'sh -c "echo \\$\\$; while :; do sleep 1; done" "--parent=$$" & wait; while :; do sleep 1; done',
  )
  if (light.stdout === null) throw new Error('no stdout')
  const [line]: Buffer[] = await once(light.stdout, 'data')
  const lamp = Number(line?.toString())
  t.teardown(() => {
    if (stateOf(lamp) !== null) process.kill(lamp, 'SIGKILL')
  })
  return { light, lamp }
}

/** Source: proc(5), /proc/pid/stat, field 3; null where there is none, or a zombie. */
function stateOf(pid: number | undefined): string | null {
  try {
    const state = /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? null
    return state === 'Z' ? null : state
  } catch {
    return null
  }
}

const isAwake = (pid: number | undefined): boolean => /[SRD]/.test(stateOf(pid) ?? '')
const stopped = (pid: number | undefined) => untilTrue('it to stand still', () => stateOf(pid) === 'T')
const goesOn = (pid: number | undefined) => untilTrue('it to go on', () => stateOf(pid) !== 'T')
const gone = (pid: number | undefined) => untilTrue('it to be gone', () => stateOf(pid) === null)

const childOf = (one: ChildProcess | null, stop = async (): Promise<void> => {}): Child => ({
  name: 'light1',
  process: () => one,
  stop,
  hurry: nothing,
})

function faultOf(faults: readonly Fault[], id: string): Fault {
  const found = faults.find((fault) => fault.id === id)
  if (found === undefined) throw new Error(`there is no ${id}`)
  return found
}

/** Strikes a lamp, and lets the time pass that its dead-man has. */
async function strike(fault: Fault, clock: ManualClock): Promise<void> {
  const striking = fault.make(nothing)
  await clock.untilTimer()
  clock.advance(400)
  await striking
}

t.test('a process is killed', async (t) => {
  const one = sleeping(t)
  t.equal(
    await faultOf(
      controllerFaults(childOf(one), () => childOf(null)),
      'kill-controller',
    ).make(nothing),
    null,
  )
  await gone(one.pid)
})

t.test('a process stands still until that is undone', async (t) => {
  const one = sleeping(t)
  const unmake = await faultOf(
    controllerFaults(childOf(one), () => childOf(null)),
    'freeze-controller',
  ).make(() => t.fail('it was undone'))
  await stopped(one.pid)
  await unmake?.()
  await goesOn(one.pid)
  one.kill('SIGKILL')
  await once(one, 'exit')
})

t.test('or until it is killed', async (t) => {
  const one = sleeping(t)
  const over = new Promise<void>((resolve) => {
    void faultOf(
      controllerFaults(childOf(one), () => childOf(null)),
      'freeze-controller',
    ).make(resolve)
  })
  await stopped(one.pid)
  one.kill('SIGKILL')
  await over
})

t.test('what is being started can be neither killed nor frozen', async (t) => {
  const clock = new ManualClock()
  for (const id of ['kill-light-light1', 'freeze-light-light1']) {
    await t.rejects(faultOf(lightFaults(childOf(null), clock), id).make(nothing), { message: /being started/ })
  }
  for (const id of ['kill-lamp-light1', 'freeze-lamp-light1']) {
    await t.rejects(faultOf(lightFaults(childOf(null), clock), id).make(nothing), { message: /being started/ })
    const alone = childOf(sleeping(t))
    await t.rejects(faultOf(lightFaults(alone, clock), id).make(nothing), { message: /being started/ })
  }
})

t.test('the second controller is started, and ended', async (t) => {
  const facts: string[] = []
  const start = (): Child => {
    facts.push('started')
    return childOf(null, async () => void facts.push('stopped'))
  }
  const unmake = await faultOf(controllerFaults(childOf(null), start), 'second-controller').make(nothing)
  t.strictSame(facts, ['started'])
  await unmake?.()
  t.strictSame(facts, ['started', 'stopped'])
})

t.test('the broker has time to carry the news first', async (t) => {
  const clock = new ManualClock()
  const one = sleeping(t)
  const faults = brokerFaults(childOf(one), clock)
  t.match(faultOf(faults, 'freeze-broker'), { lastsMs: 5000, undo: null })
  const freezing = faultOf(faults, 'freeze-broker').make(nothing)
  await clock.untilTimer()
  t.ok(isAwake(one.pid))
  clock.advance(250)
  const unmake = await freezing
  await stopped(one.pid)
  await unmake?.()
  await goesOn(one.pid)
  const killing = faultOf(faults, 'kill-broker').make(nothing)
  t.strictSame(clock.delays, [250])
  t.ok(isAwake(one.pid))
  clock.advance(250)
  await killing
  await gone(one.pid)
})

for (const [id, reached] of [
  ['kill-lamp-light1', gone],
  ['freeze-lamp-light1', stopped],
] as const) {
  t.test(`${id} strikes the lamp alone, and leaves its dead-man the time to act`, async (t) => {
    const clock = new ManualClock()
    const { light, lamp } = await lightWithLamp(t)
    const faults = lightFaults(childOf(light), clock)
    const striking = faultOf(faults, id).make(nothing)
    await reached(lamp)
    await clock.untilTimer()
    t.ok(isAwake(light.pid))
    const freezing = faultOf(faults, 'freeze-light-light1').make(nothing)
    // One that did not wait its turn has been made long before the whole list of processes was read.
    await childrenOf(process.pid)
    t.ok(isAwake(light.pid), 'its light is not struck meanwhile')
    clock.advance(400)
    await striking
    await freezing
    await stopped(light.pid)
  })
}

t.test('the lamp of a frozen light is left alone, until its light goes on', async (t) => {
  const clock = new ManualClock()
  const { light, lamp } = await lightWithLamp(t)
  const faults = lightFaults(childOf(light), clock)
  const unmake = await faultOf(faults, 'freeze-light-light1').make(nothing)
  await stopped(light.pid)
  for (const id of ['kill-lamp-light1', 'freeze-lamp-light1']) {
    await t.rejects(faultOf(faults, id).make(nothing), { message: /its dead-man.* is frozen/ })
  }
  t.ok(isAwake(lamp))
  await unmake?.()
  await goesOn(light.pid)
  await strike(faultOf(faults, 'kill-lamp-light1'), clock)
  await gone(lamp)
})

t.test('a frozen light that is killed has a successor that is awake', async (t) => {
  const clock = new ManualClock()
  const { light } = await lightWithLamp(t)
  const successor = await lightWithLamp(t)
  let now = light
  const faults = lightFaults({ ...childOf(null), process: () => now }, clock)
  const over = new Promise<void>((resolve) => {
    void faultOf(faults, 'freeze-light-light1').make(resolve)
  })
  await stopped(light.pid)
  light.kill('SIGKILL')
  await over
  now = successor.light
  await strike(faultOf(faults, 'kill-lamp-light1'), clock)
  await gone(successor.lamp)
})
