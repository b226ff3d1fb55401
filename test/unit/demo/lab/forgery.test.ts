import t from 'tap'
import { LAMP_RULES, type LampState, startLamp, stepLamp } from '../../../../src/clients/light/lamp.ts'
import { forgeGreen } from '../../../../src/demo/lab/forgery.ts'
import { isNonRed, lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import type { Command } from '../../../../src/protocol/wire.ts'

const { digest: file, constants } = DEMO_CROSSING
const settings = { file, constants, drawBoot: () => 'boot', rules: LAMP_RULES }
/** The listener's clock is ahead of the lamp's. */
const AHEAD_MS = 5_000_000
const REPORTED_AT = 10_000

const moment = (now: number) => ({ now: lightTime(now), wallMs: now })

function lampAfter(now: number, ...commands: readonly Command[]): LampState {
  const first = startLamp(settings, moment(REPORTED_AT - 2000))
  return commands.reduce(
    (lamp, command) => stepLamp(settings, lamp, { kind: 'command', command }, moment(now))[0],
    first,
  )
}

const forged = (now: number, run: number): Command => {
  const report = {
    file,
    boot: 'boot',
    now: lightTime(REPORTED_AT),
    aspect: 'red',
    run,
    n: 40,
    at: lightTime(9990),
  } as const
  return forgeGreen({ report, atMs: REPORTED_AT + AHEAD_MS }, constants, now + AHEAD_MS)
}

t.test('a red lamp that is sent it with its own boot turns green: it is no straw man', (t) => {
  const now = REPORTED_AT + 150
  t.equal(lampAfter(now, forged(now, 0)).shown, 'green')
  const held: Command = { boot: 'boot', run: 7, n: 40 }
  t.equal(lampAfter(now, held, forged(now, 7)).shown, 'green', 'of whatever run it is')
  t.end()
})

t.test('for another boot it is dropped', (t) => {
  const now = REPORTED_AT + 150
  t.notOk(isNonRed(lampAfter(now, { ...forged(now, 0), boot: 'another' }).shown))
  t.end()
})

t.test('it ends with the amber of the crossing, within the horizon', (t) => {
  const { green } = forged(REPORTED_AT, 7)
  if (green === undefined) throw new Error('no green')
  t.equal(green.red - green.until, constants.amberMs)
  t.ok(green.red <= REPORTED_AT + constants.horizonMs)
  t.end()
})
