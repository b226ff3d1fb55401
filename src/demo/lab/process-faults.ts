/** Faults of the demo's processes: killed, or stopped as they stand. What is killed is started again as ever. */

import { PARENT_OPTION } from '../../clients/light/lamp-lock.ts'
import { childrenOf, type ProcessIdentity, signalProcess } from '../../platform/abstract-socket.ts'
import type { Clock } from '../../platform/clock.ts'
import { failure } from '../../platform/errors.ts'
import type { Child } from '../child.ts'
import type { Fault, Unmake } from './fault.ts'

/** A frozen broker carries nobody's word any more, so it goes on by itself, ms. */
export const BROKER_FROZEN_MS = 5000

/** The broker is let carry the news of its own fault first, ms. */
const NOTICE_MS = 250

/** From a lamp's fault to the end of what its dead-man does about it, ms: `lateMs`, and as much for a busy machine. */
const DEAD_MAN_MS = 400

const DONE = { undo: null, lastsMs: null } as const

export function controllerFaults(controller: Child, startSecond: () => Child): Fault[] {
  const group = 'controller'
  const { kill, freeze } = strokesOf(controller)
  return [
    { id: 'kill-controller', label: 'kill the controller', group, ...DONE, make: kill },
    {
      id: 'freeze-controller',
      label: 'freeze the controller',
      group,
      undo: 'let the controller go on',
      lastsMs: null,
      make: freeze,
    },
    {
      id: 'second-controller',
      label: 'start a second controller',
      group,
      undo: 'end the second controller',
      lastsMs: null,
      async make() {
        const second = startSecond()
        return () => second.stop()
      },
    },
  ]
}

export function brokerFaults(broker: Child, clock: Clock): Fault[] {
  const group = 'broker'
  const { kill, freeze } = strokesOf(broker)
  const notice = (): Promise<void> => pause(clock, NOTICE_MS)
  return [
    { id: 'kill-broker', label: 'kill the broker', group, ...DONE, make: () => notice().then(kill) },
    {
      id: 'freeze-broker',
      label: `freeze the broker for ${BROKER_FROZEN_MS / 1000} s`,
      group,
      undo: null,
      lastsMs: BROKER_FROZEN_MS,
      make: (over) => notice().then(() => freeze(over)),
    },
  ]
}

/**
 * A lamp is only struck while the process of its light, its dead-man, is awake: that one of the two acts is what the
 * protocol assumes (L6), and what the demo shows. So they are struck in turn, and the dead-man is left the time to act.
 */
export function lightFaults(child: Child, clock: Clock): Fault[] {
  const light = child.name
  const { kill, freeze } = strokesOf(child)
  const inTurn = turns()
  let isAsleep = false
  const strikeLamp = async (signal: NodeJS.Signals): Promise<null> => {
    if (isAsleep) throw failure(`its dead-man, the process of ${light}, is frozen: let that go on first`)
    const lamps = await lampsOf(child)
    if (lamps.length === 0) throw failure('it is being started')
    await Promise.all(lamps.map((lamp) => signalProcess(lamp, signal)))
    await pause(clock, DEAD_MAN_MS)
    return null
  }
  const sleep = async (over: () => void): Promise<Unmake> => {
    const awake = (then: Unmake): Unmake => {
      return () => {
        isAsleep = false
        return then()
      }
    }
    const wake = await freeze(awake(over))
    isAsleep = true
    return awake(wake)
  }
  const common = { group: light, ...DONE }
  return [
    { id: `kill-light-${light}`, label: `kill ${light}`, ...common, make: () => inTurn(kill) },
    {
      id: `freeze-light-${light}`,
      label: `freeze ${light}`,
      ...common,
      undo: `let ${light} go on`,
      make: (over) => inTurn(() => sleep(over)),
    },
    {
      id: `kill-lamp-${light}`,
      label: `kill the lamp of ${light}`,
      ...common,
      make: () => inTurn(() => strikeLamp('SIGKILL')),
    },
    {
      id: `freeze-lamp-${light}`,
      label: `freeze the lamp of ${light}`,
      ...common,
      make: () => inTurn(() => strikeLamp('SIGSTOP')),
    },
  ]
}

/** What can be done to a process of the demo. Both throw `failed` where it is just being started. */
function strokesOf(child: Child) {
  const victim = () => {
    const found = child.process()
    if (found === null) throw failure(`${child.name} is being started`)
    return found
  }
  return {
    async kill(): Promise<null> {
      victim().kill('SIGKILL')
      return null
    },
    /** Until it is undone, or killed: its successor is awake. */
    async freeze(over: () => void): Promise<Unmake> {
      const frozen = victim()
      frozen.kill('SIGSTOP')
      frozen.once('exit', over)
      return () => {
        frozen.off('exit', over)
        frozen.kill('SIGCONT')
      }
    },
  }
}

/** The lamps of a light that are its own: not an orphan of its predecessor, whose dead-man is gone. */
async function lampsOf(child: Child): Promise<readonly ProcessIdentity[]> {
  const pid = child.process()?.pid
  const children = pid === undefined ? [] : await childrenOf(pid)
  return children.filter(({ argv }) => argv.includes(`${PARENT_OPTION}${pid}`))
}

const pause = (clock: Clock, ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve))

/** Does one thing at a time, in the order of asking. */
function turns(): <Result>(task: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const result = last.then(task)
    last = result.catch(() => {})
    return result
  }
}
