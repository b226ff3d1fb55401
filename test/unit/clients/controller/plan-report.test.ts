import t from 'tap'
import type { ControllerSettings, ControllerState } from '../../../../src/clients/controller/control-state.ts'
import { startControl } from '../../../../src/clients/controller/controller.ts'
import { type LightView, UNHEARD } from '../../../../src/clients/controller/light-view.ts'
import type { Plan } from '../../../../src/clients/controller/plan.ts'
import { planMessage, speaks } from '../../../../src/clients/controller/plan-report.ts'
import { CONTROLLER_RULES } from '../../../../src/clients/controller/rules.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { encodePlan, parsePlan } from '../../../../src/protocol/plan-message.ts'

const { constants } = DEMO_CROSSING
const settings: ControllerSettings = {
  crossing: DEMO_CROSSING,
  drawRunStep: () => 0,
  rules: CONTROLLER_RULES,
}

const T = 100_000
const LONG_AGO = T - constants.staleMs - 1

/** A light that is there, and has answered this controller. */
const FRESH: LightView = {
  ...UNHEARD,
  boot: 'boot',
  bounds: { lo: 0, hi: 4 },
  echoedSentAt: T - 150,
  adoptedAt: T - 5000,
  heardAt: T - 100,
  aspect: 'red',
  busyUntil: T + 800,
  roundTripMs: 12.3456,
}

const RUNNING: Plan = {
  kind: 'running',
  current: { stage: 0, startsAt: T - 500 },
  next: { stage: 1, startsAt: T + 2500 },
  aims: new Map([['light1', { a: T - 500, c: T + 2000 }]]),
}

/** In charge of two lights that are fresh, its plan running, but for what is given. */
const stateWith = (
  views: Partial<Record<'light1' | 'light2', Partial<LightView>>>,
  more: Partial<ControllerState> = {},
): ControllerState => ({
  ...startControl(settings, { t: T, wallMs: 0 }),
  run: 7,
  largestRun: 7,
  lastAdopted: T - 5000,
  plan: RUNNING,
  views: new Map([
    ['light1', { ...FRESH, ...views.light1 }],
    ['light2', { ...FRESH, ...views.light2 }],
  ]),
  ...more,
})

const messageOf = (state: ControllerState) => planMessage(settings, state, T)
const stopped: Plan = { kind: 'stopped', why: 'a test' }

t.test('a running plan is told with its stage, its next change and what is known of each light', async (t) => {
  const span = { a: T - 500, c: T + 2000 }
  const message = messageOf(stateWith({ light1: { aspect: 'green', span } }))
  t.match(message, {
    run: 7,
    file: DEMO_CROSSING.digest,
    mode: 'auto',
    state: 'running',
    stage: 'one',
    changeSeconds: 1,
    waitingFor: null,
    lights: {
      light1: { aspect: 'green', state: 'fresh', heardSecondsAgo: 0.1, roundTripMs: 12.35, changeSeconds: 1 },
      light2: { aspect: 'red', state: 'fresh', changeSeconds: 2.5 },
    },
  })
  // 4 ms apart at 0, and rho each way since.
  t.equal(message.lights['light1']?.clockBoundsMs, 4 + 2 * constants.rho * T)
})

t.test('after the green of a stage the next change is the next stage', async (t) => {
  const message = messageOf(stateWith({}, { plan: { ...RUNNING, current: { stage: 0, startsAt: T - 1600 } } }))
  t.equal(message.changeSeconds, 2.5)
  t.equal(message.stage, 'one')
})

t.test('before the first stage there is none', async (t) => {
  const message = messageOf(stateWith({}, { plan: { ...RUNNING, current: null } }))
  t.match(message, { stage: null, changeSeconds: 2.5 })
})

t.test('every message can be read again by who gets it', async (t) => {
  const states = [
    stateWith({}),
    stateWith({ light1: UNHEARD, light2: UNHEARD }, { run: null, plan: stopped }),
    stateWith({ light1: { differs: { file: 'f'.repeat(64), at: T } } }, { plan: stopped }),
    stateWith({}, { mode: 'hold', plan: { kind: 'held' } }),
  ]
  for (const state of states) {
    const message = messageOf(state)
    t.strictSame(parsePlan(Buffer.from(encodePlan(message))), message)
  }
})

for (const [what, view, state] of [
  ['that answered a command sent lately', {}, 'fresh'],
  ['that reports, but has not answered', { echoedSentAt: LONG_AGO }, 'adopting'],
  ['that was never adopted', { adoptedAt: null }, 'adopting'],
  ['that has not answered since the last adoption', { echoedSentAt: T - 5001, adoptedAt: T - 5001 }, 'adopting'],
  ['that is silent', { echoedSentAt: LONG_AGO, heardAt: LONG_AGO }, 'missing'],
  ['that reports just often enough', { echoedSentAt: LONG_AGO, heardAt: LONG_AGO + 1 }, 'adopting'],
  ['that was never heard', UNHEARD, 'missing'],
  ['that reads another file', { differs: { file: 'another', at: T - 10 } }, 'differing'],
  ['that read another file once', { differs: { file: 'another', at: LONG_AGO } }, 'fresh'],
] as const) {
  t.test(`a light ${what} is ${state}`, async (t) => {
    t.equal(messageOf(stateWith({ light1: view })).lights['light1']?.state, state)
  })
}

t.test('while nobody is in charge no light is fresh', async (t) => {
  const { lights } = messageOf(stateWith({}, { run: null, plan: stopped }))
  t.match(lights, { light1: { state: 'adopting' }, light2: { state: 'adopting' } })
})

t.test('the digest that a differing light reads is told, and no other', async (t) => {
  const { lights } = messageOf(stateWith({ light1: { differs: { file: 'another', at: T } } }))
  t.equal(lights['light1']?.file, 'another')
  t.notOk('file' in (lights['light2'] ?? {}))
})

t.test('what is not known of a light is null', async (t) => {
  t.strictSame(messageOf(stateWith({ light1: UNHEARD })).lights['light1'], {
    aspect: null,
    state: 'missing',
    heardSecondsAgo: null,
    clockBoundsMs: null,
    roundTripMs: null,
    changeSeconds: 5.5,
  })
})

const silent = { heardAt: LONG_AGO, echoedSentAt: LONG_AGO }
const another = { differs: { file: 'another', at: T } }
for (const [what, state, waitingFor] of [
  ['nothing, while its plan runs', stateWith({ light1: silent }), null],
  ['a light that is silent', stateWith({ light1: silent }, { plan: stopped }), /^light1: not heard$/],
  [
    'all that are silent',
    stateWith({ light1: silent, light2: silent }, { plan: stopped }),
    /^light1, light2: not heard/,
  ],
  [
    'a light with another file first',
    stateWith({ light1: silent, light2: another }, { plan: stopped }),
    /^light2:.*file/,
  ],
  ['quiet, before it takes charge', stateWith({}, { run: null, plan: stopped }), /taken no command/],
  ['lights before quiet', stateWith({ light2: silent }, { run: null, plan: stopped }), /^light2: not heard/],
  ['answers', stateWith({ light2: { adoptedAt: null } }, { plan: stopped }), /^light2: to answer/],
  ['an operator who holds it', stateWith({}, { mode: 'hold', plan: { kind: 'held' } }), /operator: mode hold/],
  ['an operator who flashes it', stateWith({}, { mode: 'flash', plan: stopped }), /operator: mode flash/],
  [
    'the end of a trip, first of all',
    stateWith({ light1: silent }, { plan: stopped, trip: 'a conflict' }),
    /^tripped: a conflict;.*crossing reset/,
  ],
  ['the end of a trip, not in charge', stateWith({}, { run: null, plan: stopped, trip: 'a conflict' }), /^tripped/],
  ['what was granted before', stateWith({}, { plan: stopped }), /granted before/],
] as const) {
  t.test(`it waits for ${what}`, async (t) => {
    const message = messageOf(state)
    if (waitingFor === null) t.equal(message.waitingFor, null)
    else t.match(message.waitingFor, waitingFor)
    t.equal(message.state, state.run === null ? 'waiting' : state.plan.kind)
  })
}

t.test('it speaks while it is in charge, or nobody is', async (t) => {
  const commanded = { busyUntil: T + 1 }
  t.ok(speaks(settings, stateWith({ light1: commanded }), T), 'in charge')
  const standby = (view: Partial<LightView>) =>
    speaks(settings, stateWith({ light1: view, light2: view }, { run: null }), T)
  t.notOk(standby(commanded), 'a standby hears that another is obeyed')
  t.notOk(
    speaks(settings, stateWith({ light1: UNHEARD, light2: commanded }, { run: null }), T),
    'by one light at least',
  )
  t.ok(standby(UNHEARD), 'nobody is there')
  t.ok(standby({ busyUntil: T }), 'nobody has commanded lately')
  t.ok(standby({ ...commanded, heardAt: LONG_AGO }), 'what a light said long ago is not known to be so')
})
