/** What the page reads besides reports, commands and plans: crossing file, and what the lab says. */
import t from 'tap'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { parseFacts } from '../../../../src/web/model/crossing-facts.ts'
import { parseLab, parseLabEvent } from '../../../../src/web/model/lab.ts'
import { payloadOf } from '../../../fixtures/page-scene.ts'

const GARBAGE = ['', '{', '[]', '7', '{"faults":[{}]}', '{"id":1}'].map(payloadOf)

t.test('a crossing file gives its conflicts, its times and its arms in degrees', async (t) => {
  const facts = parseFacts(payloadOf({ ...DEMO_CROSSING.file, arms: { light1: 'south-west', light2: 360 } }))
  t.match(facts, { name: 'demo', lights: ['light1', 'light2'], heartbeatMs: 200, staleMs: 1000, redAmberMs: 0 })
  t.strictSame(facts?.conflicting, DEMO_CROSSING.conflicting)
  t.strictSame(facts?.stages, DEMO_CROSSING.stages)
  t.strictSame(
    facts?.arms,
    new Map([
      ['light1', 225],
      ['light2', 0],
    ]),
  )
})

t.test('the lab says its faults and what happened', async (t) => {
  const fault = { id: 'kill-lamp', label: 'Kill it', group: 'light1', undo: null, active: false, endsInMs: null }
  t.strictSame(parseLab(payloadOf({ faults: [fault], events: [] })), [fault])
  t.strictSame(parseLabEvent(payloadOf({ id: 'kill-lamp', text: 'killed', atMs: 5 })), {
    id: 'kill-lamp',
    text: 'killed',
  })
})

t.test('garbage is none of them, and never throws', async (t) => {
  for (const payload of GARBAGE) {
    t.equal(parseFacts(payload), null)
    t.equal(parseLab(payload), null)
    t.equal(parseLabEvent(payload), null)
  }
})
