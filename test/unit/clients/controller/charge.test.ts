import t from 'tap'
import { CHARGE_RULES } from '../../../../src/clients/controller/charge.ts'
import { UNHEARD } from '../../../../src/clients/controller/light-view.ts'

const STALE_MS = 1000

t.test('C4: a light counts as idle only if it says so and nothing newer says otherwise', (t) => {
  const { C4Idle } = CHARGE_RULES
  const idle = (idleMs: number, busyUntil: number): boolean => C4Idle({ ...UNHEARD, idleMs, busyUntil }, 5000, STALE_MS)
  t.ok(idle(1000, 5000))
  t.ok(idle(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), 'it never took a command')
  t.notOk(idle(999, 5000), 'that reports were missed since is no proof that nothing was taken')
  t.notOk(idle(4000, 5001), 'an old report of an idle light hides no newer one of a busy one')
  t.end()
})
