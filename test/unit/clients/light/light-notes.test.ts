import t from 'tap'
import { type LightStanding, lightNotes, PLAN_MS_MAX } from '../../../../src/clients/light/light-notes.ts'
import type { PlanMessage } from '../../../../src/protocol/plan-message.ts'

const URL = 'mqtt://broker:1883'

const plan = (message: Partial<PlanMessage>, ageMs = 0): LightStanding['plan'] => ({
  ageMs,
  message: {
    run: 1,
    file: 'digest',
    mode: 'auto',
    state: 'running',
    stage: 'one',
    changeSeconds: 1,
    waitingFor: null,
    lights: {},
    ...message,
  },
})

const controllerOf = (standing: Partial<LightStanding>): string | undefined =>
  lightNotes({ url: URL, link: 'connected', tripped: false, plan: null, ...standing })[1]

t.test('the link is said first', async (t) => {
  const linkOf = (link: LightStanding['link']): string | undefined =>
    lightNotes({ url: URL, link, tripped: false, plan: null })[0]
  t.equal(linkOf('connecting'), 'broker      connecting to mqtt://broker:1883')
  t.equal(linkOf('connected'), 'broker      connected to mqtt://broker:1883')
  t.equal(linkOf({ kind: 'wrong-password', reason: 'wrong password' }), 'broker      wrong password')
})

t.test('then what the controller does', async (t) => {
  for (const [standing, words] of [
    [{ plan: plan({}) }, 'runs the plan, stage one'],
    [{ plan: plan({ stage: null }) }, 'runs the plan'],
    [{ plan: plan({ state: 'held' }) }, 'holds all lights, as an operator asked'],
    [{ plan: plan({ state: 'waiting', waitingFor: 'light2: missing' }) }, 'waits for light2: missing'],
    [{ plan: plan({ state: 'stopped' }) }, 'waits'],
    [{ tripped: true, plan: plan({}) }, 'not obeyed: the conflict monitor has stopped the crossing (crossing reset)'],
    [{ plan: null }, 'none is heard: is one running?'],
    [{ plan: plan({}, PLAN_MS_MAX + 1) }, 'none is heard: is one running?'],
    [{ link: 'connecting', plan: plan({}) }, 'not heard without a broker'],
  ] as const) {
    t.equal(controllerOf(standing), `controller  ${words}`)
  }
})
