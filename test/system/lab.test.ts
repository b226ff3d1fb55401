/**
 * Break it: what the demo does to messages, and who may ask it to. (What it does to processes, and that all is well after
 * each fault, is seen where the buttons are: browser/break-it.test.ts.)
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseReport } from '../../src/protocol/messages.ts'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { HASH, PASSWORD } from '../fixtures/crossing-users.ts'
import { type DemoRig, demoTest } from '../fixtures/demo-rig.ts'
import { LabPerson } from '../fixtures/lab-person.ts'
import { MqttPerson } from '../fixtures/mqtt-person.ts'
import { isAlive, isStopped, type RunningProcess, startCrossing, untilGone } from '../fixtures/processes.ts'
import { nowMs, untilTrue } from '../fixtures/waiting.ts'

t.jobs = 2

/** A demo that runs, and who holds its key. */
interface Scene {
  readonly rig: DemoRig
  readonly demo: RunningProcess
  readonly lab: LabPerson
}

/** Resolves when the first light was green. */
async function started(t: Test, rig: DemoRig): Promise<Scene> {
  const demo = rig.startShorter()
  await demo.prints(/^light1 green$/m)
  const lab = await LabPerson.at(demo)
  t.teardown(() => lab.mqtt.leave())
  return { rig, demo, lab }
}

/** Resolves when every light was green once more. */
const recovered = (rig: DemoRig): Promise<unknown> =>
  Promise.all(LIGHTS.map((light) => rig.traces.turns(light, 'green', nowMs())))

async function ended(t: Test, rig: DemoRig, demo: RunningProcess): Promise<void> {
  demo.signal('SIGINT')
  t.same(await demo.ended, { code: 0, signal: null })
  rig.leavesNothing(t)
}

const OF_OTHERS = {
  controller: ['kill-controller', 'freeze-controller', 'second-controller'],
  broker: ['kill-broker', 'freeze-broker'],
  messages: ['forge-by-viewer', 'forge-wrong-boot', 'replay-old-green'],
} as const
const OF_A_LIGHT = ['kill-light', 'freeze-light', 'kill-lamp', 'freeze-lamp', 'cut-link', 'delay-link', 'lose-link']

/** A part of a test, on a demo that runs. */
type Script = (t: Test, scene: Scene) => Promise<void>

const offers: Script = async (t, { lab }) => {
  t.strictSame(
    lab.faults.map(({ id, group, active }) => [group, id, active]),
    [
      ...LIGHTS.flatMap((light) => OF_A_LIGHT.map((id) => [light, `${id}-${light}`, false])),
      ...Object.entries(OF_OTHERS).flatMap(([group, ids]) => ids.map((id) => [group, id, false])),
    ],
  )
}

const frozenLight: Script = async (t, { rig, demo, lab }) => {
  const frozen = await rig.child('light2')
  await lab.make('freeze-light-light2')
  await untilTrue('light2 to stand still', () => isStopped(frozen.pid))
  await lab.make('kill-lamp-light2')
  await lab.tells('kill-lamp-light2', /frozen/)
  t.equal((await rig.lamp('light2')).parent, frozen.pid, 'its lamp is left to end what it holds')
  await demo.prints(/light2 flashing-red\n(?!.*light2)[\s\S]*$/)
  await lab.undo('freeze-light-light2')
  t.notOk(isStopped(frozen.pid))
  await recovered(rig)
}

const linesOfLights: Script = async (_t, { rig, lab }) => {
  await lab.make('cut-link-light1')
  await lab.mqtt.hears('crossings/demo/lights/light1/aspect', ({ payload }) => payload.toString() === 'offline')
  await lab.undo('cut-link-light1')
  await recovered(rig)

  const reports = 'crossings/demo/lights/light2/report'
  const lateBy = (atMs: number, payload: Buffer): number => atMs - (parseReport(payload)?.now ?? Number.NaN)
  await lab.make('delay-link-light2')
  await lab.mqtt.hears(reports, ({ atMs, payload }) => lateBy(atMs, payload) >= 2000)
  await lab.undo('delay-link-light2')
  await recovered(rig)

  const before = lab.mqtt.on(reports).length
  await lab.make('lose-link-light2')
  const gaps = (): number => {
    const times = lab.mqtt
      .on(reports)
      .slice(before)
      .map(({ payload }) => parseReport(payload)?.now ?? 0)
    // A heartbeat is 200 ms: between two reports that follow each other there is none of more.
    return times.filter((now, index) => now - (times[index - 1] ?? now) > 350).length
  }
  await untilTrue('reports to be missing', () => gaps() >= 3)
  await lab.undo('lose-link-light2')
  await recovered(rig)
}

const secondController: Script = async (_t, { rig, lab }) => {
  const all = (): readonly number[] =>
    rig
      .processes()
      .filter(({ argv }) => argv[2] === 'controller')
      .map(({ pid }) => pid)
  const [first = 0] = all()
  await lab.make('second-controller')
  await untilTrue('a second controller', () => all().length === 2)
  await lab.make('kill-controller')
  await untilGone([first])
  await recovered(rig)
  await lab.undo('second-controller')
  await untilTrue('one controller', () => all().length === 1)
  await recovered(rig)
}

const frozenBroker: Script = async (t, { rig, lab }) => {
  const { pid } = await rig.child('broker')
  const { endsInMs, undo } = await lab.make('freeze-broker')
  t.equal(undo, null)
  t.ok(endsInMs !== null && endsInMs > 4000 && endsInMs <= 5000, `it is told before: ${endsInMs} ms`)
  await untilTrue('the broker to stand still', () => isStopped(pid))
  const since = nowMs()
  await untilTrue('the broker to go on', () => !isStopped(pid))
  t.ok(nowMs() - since < 20_000, `it went on ${Math.round(nowMs() - since)} ms later`)
  await lab.over('freeze-broker')
}

const messages: Script = async (t, { rig, lab }) => {
  await recovered(rig)
  const commands = 'crossings/demo/lights/light1/command'
  const forged = (): number =>
    lab.mqtt.on(commands).filter(({ payload }) => JSON.parse(payload.toString()).n === 1).length
  const genuine = forged()
  await lab.make('forge-by-viewer')
  t.match(await lab.tells('forge-by-viewer', /: /), 'no light took it')
  t.equal(forged(), genuine, 'the broker let none through')
  await lab.make('forge-wrong-boot')
  t.match(await lab.tells('forge-wrong-boot', /: /), 'no light took it')
  t.equal(forged(), genuine + 1, 'the broker let it through')
  const sent = lab.mqtt.on(commands).length
  await lab.make('replay-old-green')
  t.match(await lab.tells('replay-old-green', /: /), 'no light took it')
  const texts = lab.mqtt.on(commands).map(({ payload }) => payload.toString())
  t.ok(
    texts.slice(sent).some((text) => texts.slice(0, sent).includes(text)),
    'one that was sent before came again',
  )
  await recovered(rig)
}

const stoppedWhileFaultsLast: Script = async (t, { rig, demo, lab }) => {
  for (const id of ['second-controller', 'cut-link-light2', 'freeze-light-light1', 'freeze-controller'])
    await lab.make(id)
  const { pid } = await rig.child('light1')
  await untilTrue('light1 to stand still', () => isStopped(pid))
  rig.processes()
  await ended(t, rig, demo)
}

const strangers: Script = async (t, { rig, demo, lab }) => {
  const { pid } = await rig.child('controller')
  for (const name of ['viewer', 'admin', 'light1', 'controller'] as const) {
    const person = new MqttPerson(lab.address, { username: name, password: `${name}-demo`, reconnectPeriod: 0 })
    t.teardown(() => person.leave())
    await person.connected()
    for (const filter of ['lab/#', 'lab/state', 'lab/do']) t.notOk(await person.subscribe(filter), `${name} ${filter}`)
    for (const topic of ['lab/do', 'lab/state']) void person.publish(topic, 'kill-controller').catch(() => {})
  }
  await lab.mqtt.publish('lab/do', 'kill-everything')
  await demo.logs('unknown_fault', ({ id }) => id === 'kill-everything')
  await recovered(rig)
  t.ok(isAlive(pid), 'the controller was left alone')
  t.strictSame(lab.mqtt.on('lab/events'), [])
}

demoTest(t, 'a demo and who breaks it', async (t, rig) => {
  const scene = await started(t, rig)
  await t.test('every fault is offered', (t) => offers(t, scene))
  await t.test('nobody but who holds the key of the run may ask, or listen', (t) => strangers(t, scene))
  await t.test('no lamp takes a forged green, nor an old one', (t) => messages(t, scene))
  await t.test('the messages of one light are cut, late and lost', (t) => linesOfLights(t, scene))
  await t.test('the lamp of a frozen light is left alone, and it is said why', (t) => frozenLight(t, scene))
  await t.test('a second controller goes on when the first is killed', (t) => secondController(t, scene))
  await t.test('a frozen broker goes on after a stated time, and so does the lab', (t) => frozenBroker(t, scene))
  await t.test('a demo that is stopped while faults last leaves nothing', (t) => stoppedWhileFaultsLast(t, scene))
})

t.test('a broker alone knows nothing of it', { buffered: true }, async (t) => {
  const folder = t.testdir()
  const everything = { hash: HASH, publish: ['lab/do'], subscribe: ['lab/#'] }
  writeFileSync(join(folder, 'users.json'), JSON.stringify({ users: { someone: everything } }))
  const broker = startCrossing(['broker', '--port', '0'], { cwd: folder })
  t.teardown(() => broker.kill())
  const { port } = await broker.logs('listening')
  const person = new MqttPerson({ host: '127.0.0.1', port: Number(port) }, { username: 'someone', password: PASSWORD })
  t.teardown(() => person.leave())
  await person.connected()
  t.ok(await person.subscribe('lab/#'))
  await person.publish('lab/do', 'kill-broker')
  await person.hears('lab/do')
  t.strictSame(
    person.received.map(({ topic }) => topic),
    ['lab/do'],
    'nobody answers',
  )
  t.ok(isAlive(broker.pid))
})
