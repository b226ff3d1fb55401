/** How long a guard waits for a lamp that is silent, on a clock that a test moves. */
import t from 'tap'
import type { Display } from '../../../../src/clients/display/display.ts'
import type { ToLamp } from '../../../../src/clients/light/lamp-channel.ts'
import type { LampChildListener } from '../../../../src/clients/light/lamp-child.ts'
import type { openLampDisplay } from '../../../../src/clients/light/lamp-display.ts'
import { guardLamp } from '../../../../src/clients/light/lamp-guard.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const { constants, digest: file } = DEMO_CROSSING

/** A guard whose lamps do what a test says. */
function rig() {
  const clock = new ManualClock()
  const lamps: LampChildListener[] = []
  const painted: string[] = []
  const successors: boolean[] = []
  const opened: { failsafe?: boolean; successor: boolean }[] = []
  const openDisplay: typeof openLampDisplay = (_, { failsafe, successor }): Display => {
    opened.push({ successor, ...(failsafe === undefined ? {} : { failsafe }) })
    return { kind: 'odd', show: ({ aspect }) => void painted.push(aspect), close() {} }
  }
  const send = (message: ToLamp): void => {
    if (message.kind === 'configure') successors.push(message.configuration.successor)
  }
  guardLamp(
    {
      clock,
      logger: new RecordingLogger(),
      painted: { light: 'light1', display: 'none', trace: null },
      rest: Promise.resolve({ lock: 'odd', file, constants }),
    },
    {
      startChild(_, listener) {
        lamps.push(listener)
        return { send, kill: () => listener.ended('it was ended by SIGKILL') }
      },
      openDisplay,
    },
  )
  const [lamp] = lamps
  if (lamp === undefined) throw new Error('a lamp was started')
  return { clock, lamp, lamps, painted, opened, successors }
}

/** Silence after which red must stand, ms: what is left of `lateMs` is for a machine that is slow. */
const RED_MS = 150

t.test('a lamp that beats lives, and one that falls silent is replaced by red, painted by a dead-man', async (t) => {
  const { clock, lamp, painted, opened } = rig()
  lamp.heard({ kind: 'holds' })
  for (let beat = 0; beat < 50; beat++) {
    clock.advance(100)
    lamp.heard({ kind: 'beat' })
  }
  t.same(painted, [], 'five beats may be late')
  clock.advance(RED_MS)
  t.same(painted, ['red'])
  t.same(opened, [{ failsafe: true, successor: true }])
})

t.test(
  'a guard that was stopped waits anew, and once: it hears a lamp that lives, and misses one that does not',
  async (t) => {
    const { clock, lamp, painted } = rig()
    lamp.heard({ kind: 'holds' })
    for (const beforeMs of [0, 20, 59, 61, 119]) {
      clock.advance(beforeMs)
      clock.stall(RED_MS)
      t.same(painted, [], `stopped ${beforeMs} ms after a beat, it kills nobody`)
      // Both were stopped: the lamp needs a moment too.
      clock.advance(40)
      t.same(painted, [], 'it gives the lamp time to beat')
      lamp.heard({ kind: 'beat' })
    }
    clock.advance(59)
    clock.stall(RED_MS)
    for (let late = 0; late < 2; late++) clock.stall(RED_MS)
    t.same(painted, ['red'], 'looks that are always late see a death all the same')
  },
)

t.test('a lamp that paints nothing yet is given time to start', async (t) => {
  const { clock, lamp, painted } = rig()
  clock.advance(9000)
  lamp.heard({ kind: 'holds' })
  t.same(painted, [])
})

t.test('a lamp follows on from one that painted, and from no other', async (t) => {
  const { clock, lamps, painted, successors } = rig()
  for (const holds of [false, true, false]) {
    await Promise.resolve()
    if (holds) lamps.at(-1)?.heard({ kind: 'holds' })
    lamps.at(-1)?.ended('it was ended by SIGKILL')
    clock.advance(500)
  }
  await Promise.resolve()
  t.same(painted, ['red', 'red'])
  t.same(successors, [false, false, true, true])
})
