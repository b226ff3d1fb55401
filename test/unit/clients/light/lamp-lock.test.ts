import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { holdDisplay, type LampLockOptions } from '../../../../src/clients/light/lamp-lock.ts'
import { lockAddress } from '../../../../src/platform/abstract-socket.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { type Program, startProgram } from '../../../fixtures/program.ts'

const ORPHAN_MS = 5000
const LOOK_MS = 1000

const nameOf = (t: Test): string => `${t.name} (lamp-lock.test ${process.pid})`

function optionsFor(t: Test, clock: LampLockOptions['clock'] = new ManualClock()) {
  const waits: (number | null)[] = []
  const successors: number[] = []
  const abort = new AbortController()
  const told = new Set<() => void>()
  t.teardown(() => abort.abort())
  const options: LampLockOptions = {
    name: nameOf(t),
    clock,
    orphanMs: ORPHAN_MS,
    onWaiting(pid) {
      waits.push(pid)
      for (const resolve of told) resolve()
    },
    onSuccessor: () => void successors.push(1),
    signal: abort.signal,
  }
  const firstWait = new Promise<void>((resolve) => told.add(resolve))
  return { options, waits, successors, abort, firstWait }
}

async function holderProcess(t: Test, parent: number | 'none named'): Promise<Program> {
  const named = parent === 'none named' ? [] : [`--parent=${parent}`]
  const program = startProgram(t, 'lock-holder.js', [nameOf(t), ...named])
  await program.says('held')
  return program
}

t.test('a free display is held at once, and nothing is said', async (t) => {
  const { options, waits } = optionsFor(t)
  const lock = await holdDisplay(options)
  t.strictSame(waits, [])
  lock.release()
})

t.test('the second lamp waits, says for which process, and holds it the moment it is freed', async (t) => {
  const first = await holdDisplay(optionsFor(t).options)
  // Its clock stands still: it cannot have looked again.
  const { options, waits, firstWait } = optionsFor(t)
  const second = holdDisplay(options)
  await firstWait
  t.strictSame(waits, [process.pid])
  first.release()
  const lock = await second
  t.strictSame(waits, [process.pid])
  lock.release()
})

t.test('a lamp that is killed frees its display at once', async (t) => {
  const holder = await holderProcess(t, process.pid)
  const { options, waits, firstWait } = optionsFor(t)
  const waiting = holdDisplay(options)
  await firstWait
  t.strictSame(waits, [holder.process.pid])
  holder.process.kill('SIGKILL')
  const lock = await waiting
  lock.release()
})

t.test('of three lamps one holds the display at any time', async (t) => {
  let holders = 0
  let holdersMax = 0
  const use = async (): Promise<void> => {
    const lock = await holdDisplay(optionsFor(t, systemClock).options)
    holdersMax = Math.max(holdersMax, ++holders)
    await new Promise((resolve) => setImmediate(resolve))
    holders--
    lock.release()
  }
  await Promise.all([use(), use(), use()])
  t.equal(holdersMax, 1)
})

/** Lets a lamp that waits look at the holder once more, `ms` later. */
async function lookAfter(clock: ManualClock, ms: number): Promise<void> {
  await clock.untilTimer()
  clock.advance(ms)
  await clock.untilTimer()
}

t.test('an orphan is left time to end by itself, and then killed', async (t) => {
  // As if the one that started it were gone: this process is its parent, and it names another.
  const orphan = await holderProcess(t, process.pid + 1)
  const clock = new ManualClock()
  const { options, waits, firstWait } = optionsFor(t, clock)
  const kills = t.capture(process, 'kill', process.kill)
  const waiting = holdDisplay(options)
  await firstWait
  await lookAfter(clock, ORPHAN_MS - 1)
  t.strictSame(kills(), [], 'not before its time')
  clock.advance(LOOK_MS)
  await orphan.ended
  t.equal(orphan.process.signalCode, 'SIGKILL')
  const lock = await waiting
  t.strictSame(waits, [orphan.process.pid], 'said once')
  lock.release()
})

for (const [parent, who] of [
  [process.pid, 'a lamp whose parent lives'],
  ['none named', 'a process that is no lamp'],
] as const) {
  t.test(`${who} is waited for without end`, async (t) => {
    const holder = await holderProcess(t, parent)
    const clock = new ManualClock()
    const { options, firstWait } = optionsFor(t, clock)
    const waiting = holdDisplay(options)
    await firstWait
    const kills = t.capture(process, 'kill', process.kill)
    await lookAfter(clock, 2 * ORPHAN_MS)
    await lookAfter(clock, 2 * ORPHAN_MS)
    t.strictSame(kills(), [])
    holder.process.kill('SIGKILL')
    const lock = await waiting
    lock.release()
  })
}

t.test('an orphan that may not be killed does not end the one that waits', async (t) => {
  const orphan = await holderProcess(t, process.pid + 1)
  t.intercept(process, 'kill', {
    value() {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' })
    },
  })
  const clock = new ManualClock()
  const { options, firstWait } = optionsFor(t, clock)
  const waiting = holdDisplay(options)
  await firstWait
  await lookAfter(clock, 2 * ORPHAN_MS)
  orphan.process.kill('SIGKILL')
  const lock = await waiting
  lock.release()
})

t.test('who is asked to end stops waiting', async (t) => {
  const first = await holdDisplay(optionsFor(t).options)
  const clock = new ManualClock()
  const { options, abort, firstWait } = optionsFor(t, clock)
  const waiting = t.rejects(holdDisplay(options), { name: 'AbortError' })
  await firstWait
  await clock.untilTimer()
  abort.abort()
  await waiting
  t.strictSame(clock.delays, [], 'no timer is left')
  first.release()
})

t.test('who was asked to end before takes nothing', async (t) => {
  const { options, abort } = optionsFor(t)
  abort.abort()
  await t.rejects(holdDisplay(options), { name: 'AbortError' })
  const { release } = await holdDisplay(optionsFor(t).options)
  release()
})

t.test('who asked to end while it took the display gives it back', async (t) => {
  const { options, abort } = optionsFor(t)
  const taking = holdDisplay(options)
  abort.abort()
  await t.rejects(taking, { name: 'AbortError' })
  const { release } = await holdDisplay(optionsFor(t).options)
  release()
})

t.test(
  'a holder that was stopped, and has no room for one more that waits, is still looked at in good time',
  async (t) => {
    const holder = await holderProcess(t, process.pid)
    holder.process.kill('SIGSTOP')
    // Connections that nobody takes, until there is room for no more.
    let full = false
    const crowd: Socket[] = []
    while (!full) {
      const socket = connect(lockAddress(nameOf(t)))
      crowd.push(socket)
      await once(socket, 'connect').catch(() => {
        full = true
      })
    }
    const clock = new ManualClock()
    const { options, waits, firstWait } = optionsFor(t, clock)
    const waiting = holdDisplay(options)
    await firstWait
    await clock.untilTimer()
    const [timer] = clock.delays
    t.equal(timer, LOOK_MS)
    await new Promise((resolve) => setImmediate(resolve))
    t.equal(clock.delays.length, 1, 'it waits for its timer, and does not try again and again')
    for (const socket of crowd) socket.destroy()
    holder.process.kill('SIGKILL')
    await holder.ended
    clock.advance(LOOK_MS)
    const lock = await waiting
    t.strictSame(waits, [holder.process.pid])
    lock.release()
  },
)

t.test('a holder is told who waits for it', async (t) => {
  const { options, successors } = optionsFor(t, systemClock)
  const lock = await holdDisplay(options)
  t.teardown(() => lock.release())
  const waiter = connect(lockAddress(options.name))
  await once(waiter, 'connect')
  while (successors.length === 0) await new Promise(setImmediate)
  t.strictSame(successors, [1])
  waiter.destroy()
})
