import t, { type Test } from 'tap'
import {
  type ControllerDependencies,
  type ControllerOptions,
  type RunningController,
  startController,
} from '../../../../src/clients/controller/run.ts'
import type { Display } from '../../../../src/clients/display/display.ts'
import { startLight } from '../../../../src/clients/light/run.ts'
import { DEMO_CROSSING, parseCrossing } from '../../../../src/protocol/crossing.ts'
import { type PlanMessage, parsePlan } from '../../../../src/protocol/plan-message.ts'
import { type BrokerPair, brokerPair, PASSWORD, RecordingLogger, usersOf } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const { digest } = DEMO_CROSSING
const ROOT = 'crossings/demo'

const everything = { subscribe: ['crossings/demo/#'], publish: ['crossings/demo/#'] }
const users = usersOf({
  controller: { roles: [{ role: 'controller', crossing: 'demo' }] },
  light1: { roles: [{ role: 'light', crossing: 'demo' }] },
  light2: { roles: [{ role: 'light', crossing: 'demo' }] },
  spy: everything,
})

const blind: Display = { kind: 'blind', show() {}, close() {} }

/** A crossing in one process, on one clock that stands still unless it is let run. */
async function stage(t: Test) {
  const pair = await brokerPair(t, users)
  const spy = await pair.connect('spy')
  await spy.mqtt.subscribeAsync(`${ROOT}/#`)
  const clock = new ManualClock()
  const plans = (): PlanMessage[] =>
    spy.messages
      .filter(({ topic }) => topic === `${ROOT}/plan`)
      .map(({ payload }) => {
        const plan = parsePlan(Buffer.from(payload))
        if (plan === null) throw new Error(`no plan: ${payload}`)
        return plan
      })
  /** Messages sent before this were carried and taken. */
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    pair,
    spy,
    clock,
    plans,
    settle,
    /** Lets `ms` pass, in steps in which messages are carried. */
    async run(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 20) {
        clock.advance(20)
        await settle()
      }
    },
    controller: (options: Partial<ControllerOptions> = {}, dependencies: ControllerDependencies = {}) =>
      controllerAt(t, pair, clock, options, dependencies),
    async light(name: string, crossing = DEMO_CROSSING): Promise<void> {
      const light = await startLight(
        { name, url: 'mqtt://broker', password: PASSWORD, display: blind, crossing },
        { clock, network: () => pair.broker.connect() },
      )
      t.teardown(() => light.kill())
    },
  }
}

async function controllerAt(
  t: Test,
  pair: BrokerPair,
  clock: ManualClock,
  options: Partial<ControllerOptions>,
  dependencies: ControllerDependencies,
): Promise<{ controller: RunningController; log: RecordingLogger }> {
  const log = new RecordingLogger()
  const controller = await startController(
    { url: 'mqtt://broker', username: 'controller', password: PASSWORD, ...options },
    { clock, logger: log, network: () => pair.broker.connect(), ...dependencies },
  )
  t.teardown(() => controller.close())
  return { controller, log }
}

t.test('it takes charge, publishes the crossing file and runs the plan', async (t) => {
  const { light, controller: start, run, plans, spy } = await stage(t)
  await light('light1')
  await light('light2')
  const { controller, log } = await start()
  await log.waitFor('connected')
  t.equal(controller.run, null)
  await run(6000)
  t.type(controller.run, 'number')
  t.match(log.of('took_charge'), [{ crossing: 'demo', run: controller.run }])
  const file = spy.messages.filter(({ topic }) => topic === `${ROOT}/file`)
  t.equal(file.length, 1)
  t.strictSame(parseCrossing(JSON.parse(file[0]?.payload ?? ''), 'file'), DEMO_CROSSING)
  const aspects = new Set(
    spy.messages.filter(({ topic }) => topic === `${ROOT}/lights/light2/aspect`).map(({ payload }) => payload),
  )
  t.strictSame(aspects, new Set(['red', 'green', 'amber']))
  t.match(plans().at(-1), { run: controller.run, state: 'running', file: digest, waitingFor: null })
  t.strictSame(
    log.of('plan').map((fields) => ('state' in fields ? fields.state : null)),
    ['waiting', 'stopped', 'running'],
    'each state is logged once',
  )
})

t.test(
  'a standby publishes neither plan nor file while another is in charge, and takes over when that is gone',
  async (t) => {
    const { light, controller: start, run, plans, spy } = await stage(t)
    await light('light1')
    await light('light2')
    const first = await start()
    await first.log.waitFor('connected')
    await run(4000)
    const second = await start()
    await second.log.waitFor('connected')
    const before = plans().length
    await run(4000)
    t.ok(plans().length > before + 3)
    t.strictSame(
      new Set(
        plans()
          .slice(before)
          .map((plan) => plan.run),
      ),
      new Set([first.controller.run]),
    )
    t.equal(spy.messages.filter(({ topic }) => topic === `${ROOT}/file`).length, 1)
    t.equal(second.controller.run, null)
    const { run: earlier } = first.controller
    await first.controller.close()
    await run(5000)
    t.ok(Number(second.controller.run) > Number(earlier))
    t.equal(plans().at(-1)?.run, second.controller.run)
    t.equal(spy.messages.filter(({ topic }) => topic === `${ROOT}/file`).length, 2)
  },
)

t.test('while nobody is in charge it says what it waits for, every second', async (t) => {
  const { controller: start, run, plans, spy } = await stage(t)
  const { log } = await start()
  await log.waitFor('connected')
  await run(3000)
  t.ok(plans().length >= 3)
  t.match(plans().at(-1), { run: null, state: 'waiting', waitingFor: 'light1, light2: not heard' })
  t.equal(log.of('plan').length, 1)
  t.notOk(spy.messages.some(({ topic }) => topic === `${ROOT}/file`))
})

t.test('garbage is dropped, counted and logged once for each topic', async (t) => {
  const { controller: start, spy, run, settle, clock, plans } = await stage(t)
  const { log } = await start()
  await log.waitFor('connected')
  const garbage = ['', '{}', '[]', 'x'.repeat(20_000), Buffer.from([0xff, 0xfe]), '{"file":1}']
  for (const payload of garbage) {
    spy.mqtt.publish(`${ROOT}/lights/light1/report`, payload)
    spy.mqtt.publish(`${ROOT}/lights/light3/report`, payload)
  }
  for (const mode of ['AUTO', 'stop', 'x'.repeat(20_000)]) spy.mqtt.publish(`${ROOT}/mode`, mode)
  await log.waitFor('garbage_dropped', 3)
  await settle()
  const topics = log.of('garbage_dropped').map((fields) => ('topic' in fields ? fields.topic : null))
  t.strictSame(topics, [`${ROOT}/lights/light1/report`, `${ROOT}/lights/light3/report`, `${ROOT}/mode`])
  await run(1000)
  t.match(plans().at(-1), { mode: 'auto' })
  clock.advance(10_000)
  spy.mqtt.publish(`${ROOT}/lights/light1/report`, '')
  const [, , , counted] = await log.waitFor('garbage_dropped', 4)
  t.match(counted, { count: garbage.length })
})

t.test('it finds the mode that was set before it started, and hears of a new one', async (t) => {
  const { controller: start, spy, run, plans, light } = await stage(t)
  await spy.mqtt.publishAsync(`${ROOT}/mode`, 'hold', { retain: true, qos: 1 })
  await light('light1')
  await light('light2')
  const { log } = await start()
  await log.waitFor('connected')
  await run(4000)
  t.match(plans().at(-1), { mode: 'hold', state: 'held', waitingFor: 'an operator: mode hold' })
  const greens = () => spy.messages.filter(({ payload }) => payload === 'green').length
  t.equal(greens(), 0)
  await spy.mqtt.publishAsync(`${ROOT}/mode`, '', { retain: true, qos: 1 })
  await run(2000)
  t.match(plans().at(-1), { mode: 'auto', state: 'running' })
  t.ok(greens() > 0)
})

t.test('a light with another crossing file is said with both digests, and nobody gets green', async (t) => {
  const { controller: start, spy, run, plans, light } = await stage(t)
  const other = parseCrossing({ ...DEMO_CROSSING.file, allRedSeconds: 0.6 }, 'test')
  await light('light1')
  await light('light2', other)
  const { log } = await start()
  await log.waitFor('connected')
  await run(6000)
  t.match(log.of('crossing_file_differs'), [{ light: 'light2', its: other.digest, ours: digest }])
  t.equal(log.of('crossing_file_differs').length, 1)
  t.match(plans().at(-1), { run: null, lights: { light2: { state: 'differing', file: other.digest } } })
  t.notOk(spy.messages.some(({ payload }) => payload === 'green'))
})

t.test('a stepped clock is out of charge, and begins again with a new run', async (t) => {
  const { controller: start, run, light, clock } = await stage(t)
  await light('light1')
  await light('light2')
  const { controller, log } = await start()
  await log.waitFor('connected')
  await run(3000)
  const { run: earlier } = controller
  clock.stepWall(3_600_000)
  await run(220)
  t.match(log.of('out_of_charge'), [{ reason: 'clock-stepped' }])
  t.equal(controller.run, null)
  await run(5000)
  t.ok(Number(controller.run) > Number(earlier))
})

t.test('it says why it is not connected', async (t) => {
  const { controller: start } = await stage(t)
  const { log } = await start({ password: async () => 'wrong' })
  t.match(await log.waitFor('not_connected'), [{ crossing: 'demo', kind: 'wrong-password' }])
  const { log: other } = await start({ username: 'light1' })
  t.match(await other.waitFor('not_connected'), [{ kind: 'not-allowed', reason: /report/ }])
})

t.test('in charge, it publishes the file again to a broker that came back without it', async (t) => {
  const { controller: start, run, light, pair, spy } = await stage(t)
  await light('light1')
  await light('light2')
  const streams: { destroy(): unknown }[] = []
  const network = () => {
    const stream = pair.broker.connect()
    streams.push(stream)
    return stream
  }
  const { controller, log } = await start({}, { network })
  await log.waitFor('connected')
  await run(3000)
  t.type(controller.run, 'number')
  streams[0]?.destroy()
  await log.waitFor('not_connected')
  await run(800)
  t.equal(log.of('connected').length, 2)
  t.equal(spy.messages.filter(({ topic }) => topic === `${ROOT}/file`).length, 2)
})

t.test('closed, it commands nothing and leaves no timer', async (t) => {
  const { controller: start, clock } = await stage(t)
  const { controller, log } = await start()
  await log.waitFor('connected')
  await controller.close()
  await controller.close()
  await controller[Symbol.asyncDispose]()
  t.strictSame(clock.delays, [])
  t.equal(log.of('not_connected').length, 0)
})

t.test('a URL that is none is refused, and leaves nothing running', async (t) => {
  const clock = new ManualClock()
  const options = { url: 'http://broker', username: 'controller', password: 'p' }
  await t.rejects(startController(options, { clock }), { code: 'configuration' })
  t.strictSame(clock.delays, [])
})
