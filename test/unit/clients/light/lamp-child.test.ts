import t from 'tap'
import type { FromLamp } from '../../../../src/clients/light/lamp-channel.ts'
import { startLampChild } from '../../../../src/clients/light/lamp-child.ts'
import { lampsOf } from '../../../fixtures/processes.ts'

t.test(
  'a lamp has a process of its own, which beats, collects its garbage alone, and ends when it is told to',
  async (t) => {
    const heard: FromLamp[] = []
    const ended: string[] = []
    let wake = (): void => {}
    const change = (): Promise<void> => new Promise((resolve) => (wake = resolve))
    const child = startLampChild('none', {
      heard(message) {
        heard.push(message)
        wake()
      },
      ended(reason) {
        ended.push(reason)
        wake()
      },
    })
    t.teardown(() => child.kill())
    await change()
    t.same(heard[0], { kind: 'beat' })
    const [lamp] = lampsOf(process.pid)
    // Threads that help V8 do not have the lamp's priority, and would keep it waiting on a busy machine.
    t.ok(lamp?.argv.includes('--single-threaded-gc'), `${lamp?.argv}`)
    child.kill()
    while (ended.length === 0) await change()
    t.same(ended, ['it was ended by SIGKILL'])
  },
)
