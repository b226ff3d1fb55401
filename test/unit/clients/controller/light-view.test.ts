import t from 'tap'
import {
  forget,
  type Heard,
  hear,
  LISTENING_RULES,
  type LightView,
  type Listener,
  noteSent,
  UNHEARD,
} from '../../../../src/clients/controller/light-view.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { COMMANDS_REMEMBERED } from '../../../../src/protocol/limits.ts'
import type { Report } from '../../../../src/protocol/wire.ts'

const RUN = 9
const listener: Listener = { file: 'digest', rho: 0.002, staleMs: 1000, run: RUN, rules: LISTENING_RULES }

/** A light whose clock is 50 s ahead of the controller's. */
const report = (now: number, changes: Partial<Report> = {}): Report => ({
  file: 'digest',
  boot: 'boot',
  now: lightTime(50_000 + now),
  aspect: 'red',
  run: 0,
  n: 0,
  at: lightTime(50_000),
  ...changes,
})

const viewOf = (heard: Heard): LightView => {
  if (!('view' in heard)) throw new TypeError(`no view: ${heard.kind}`)
  return heard.view
}

/** A light that echoed command 3, sent at 1000, in a report that arrived at 1020. */
const fresh = viewOf(
  hear(
    listener,
    noteSent({ ...UNHEARD, boot: 'boot' }, 3, 1000),
    report(1015, { run: RUN, n: 3, at: lightTime(51_010) }),
    1020,
  ),
)

t.test('an echo of its own run adopts the light and bounds its clock from both sides', (t) => {
  t.match(fresh, { adoptedAt: 1020, echoedSentAt: 1000, roundTripMs: 20 })
  t.ok(Number.isFinite(fresh.bounds.lo) && Number.isFinite(fresh.bounds.hi))
  t.end()
})

t.test('C1: an echo of another run counts for nothing, its number being what it may', (t) => {
  const before = noteSent({ ...UNHEARD, boot: 'boot' }, 3, 1000)
  for (const run of [RUN - 1, RUN + 1]) {
    const view = viewOf(hear(listener, before, report(1015, { run, n: 3, at: lightTime(51_010) }), 1020))
    t.match(view, { adoptedAt: null, echoedSentAt: Number.NEGATIVE_INFINITY })
    t.equal(view.bounds.hi, Number.POSITIVE_INFINITY)
  }
  t.end()
})

t.test('C1: a controller that is not in charge adopts nobody', (t) => {
  const before = noteSent({ ...UNHEARD, boot: 'boot' }, 3, 1000)
  const heard = hear({ ...listener, run: null }, before, report(1015, { run: RUN, n: 3, at: lightTime(51_010) }), 1020)
  t.equal(viewOf(heard).adoptedAt, null)
  t.end()
})

t.test('an echo of a number that was never sent, or is forgotten, counts for nothing', (t) => {
  let view: LightView = { ...UNHEARD, boot: 'boot' }
  for (let n = 1; n <= COMMANDS_REMEMBERED + 1; n++) view = noteSent(view, n, n)
  for (const n of [1, 1000]) {
    t.equal(viewOf(hear(listener, view, report(1015, { run: RUN, n, at: lightTime(51_010) }), 1020)).adoptedAt, null)
  }
  t.equal(view.sent.length, COMMANDS_REMEMBERED)
  t.end()
})

t.test('C2: fresh is who echoed a command sent lately, not who is heard', (t) => {
  const { C2 } = LISTENING_RULES
  t.equal(C2(fresh, 2000, 1000), true)
  t.equal(C2(fresh, 2001, 1000), false)
  t.equal(C2({ ...fresh, heardAt: 2001 }, 2001, 1000), false)
  t.equal(C2(UNHEARD, 0, 1000), false)
  t.end()
})

t.test('C3: another boot is ignored while the known one is fresh, and believed afterwards', (t) => {
  const other = report(1500, { boot: 'other' })
  t.strictSame(hear(listener, fresh, other, 1500), { kind: 'another-boot-ignored' })
  const heard = hear(listener, fresh, other, 2001)
  t.equal(heard.kind, 'new-boot')
  t.match(viewOf(heard), { boot: 'other', adoptedAt: null, sent: [], bounds: { hi: Number.POSITIVE_INFINITY } })
  t.end()
})

t.test('a new boot changes nothing of what was granted', (t) => {
  const span = { a: 1200, c: 4000 }
  t.strictSame(forget({ ...fresh, span }).span, span)
  t.strictSame(viewOf(hear(listener, { ...fresh, span }, report(1, { boot: 'other' }), 9000)).span, span)
  t.end()
})

t.test('C6: a light that reads another crossing file is not believed, and the file is remembered', (t) => {
  const heard = hear(listener, fresh, report(1500, { file: 'else' }), 1500)
  t.equal(heard.kind, 'differs')
  t.strictSame(viewOf(heard), { ...fresh, differs: { file: 'else', at: 1500 } })
  t.end()
})

t.test('a clock that broke its bound is treated as a new boot', (t) => {
  const back = report(-5000, { run: RUN, n: 4, at: lightTime(44_900) })
  const heard = hear(listener, noteSent(fresh, 4, 1100), back, 1200)
  t.equal(heard.kind, 'clock-broke-bound')
  t.match(viewOf(heard), { adoptedAt: null, echoedSentAt: Number.NEGATIVE_INFINITY, sent: [] })
  t.end()
})

t.test('C4: an old report that nobody commands does not hide a newer one that somebody does', (t) => {
  const standby = { ...listener, run: null }
  const busy = viewOf(hear(standby, UNHEARD, report(5000, { run: 4, n: 80, at: lightTime(54_900) }), 5000))
  t.equal(busy.busyUntil, 5900)
  const replayed = viewOf(hear(standby, busy, report(100), 5050))
  t.equal(replayed.busyUntil, 5900)
  t.equal(viewOf(hear(standby, UNHEARD, report(100), 5050)).busyUntil, Number.NEGATIVE_INFINITY)
  t.end()
})
