/** Garbage, forgeries and replays on every topic of a crossing: the plan goes on as if nothing had been. */
import t, { type Test } from 'tap'
import { LIGHTS, type Rig } from '../fixtures/crossing-rig.ts'
import type { UserName } from '../fixtures/crossing-users.ts'
import type { MqttPerson, Received } from '../fixtures/mqtt-person.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const EVERYTHING = 'crossings/demo/#'
const reportOf = (light: string): string => `crossings/demo/lights/${light}/report`
const commandOf = (light: string): string => `crossings/demo/lights/${light}/command`

const TOPICS = [
  ...LIGHTS.flatMap((light) => [reportOf(light), commandOf(light), `crossings/demo/lights/${light}/aspect`]),
  ...['plan', 'file', 'mode', 'trip', 'reset'].map((topic) => `crossings/demo/${topic}`),
]

const GARBAGE: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['no JSON', Buffer.from('green')],
  ['half of JSON', Buffer.from('{"boot": "')],
  ['JSON of another shape', Buffer.from('[[null, {"boot": 1}], true]')],
  ['a poisoned prototype', Buffer.from('{"__proto__": {"run": 1}, "constructor": 1}')],
  ['deep JSON', Buffer.from('['.repeat(30_000))],
  ['invalid UTF-8', Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80])],
  ['NUL characters', Buffer.alloc(500)],
  ['60 KB', Buffer.alloc(60_000, '{')],
]

const MEGABYTE = Buffer.alloc(1024 * 1024, 'x')

/** Sends everything on every topic, retained and not. */
async function sendGarbage(person: MqttPerson): Promise<void> {
  for (const topic of TOPICS) {
    for (const [, payload] of GARBAGE) {
      await person.publish(topic, payload)
      await person.publish(topic, payload, { retain: true })
    }
  }
}

const GARBLERS: readonly (readonly [who: string, user: UserName])[] = [
  ['a user without any right', 'nobody'],
  ['a user with every right', 'forger'],
]

rigTest(t, 'what is no message changes nothing', async (t, rig) => {
  for (const [who, user] of GARBLERS) {
    await t.test(`garbage and invalid UTF-8 on every topic, by ${who}`, async (t) => {
      const person = await rig.person(user)
      const since = nowMs()
      await sendGarbage(person)
      await rig.isUndisturbed(t, since)
    })
  }

  await t.test('1 MB on every topic, which the broker cuts off', async (t) => {
    const since = nowMs()
    for (const topic of TOPICS) {
      const person = await rig.person('forger')
      person.client.publish(topic, MEGABYTE, { qos: 0 })
      await person.disconnected()
      person.leave()
    }
    await rig.isUndisturbed(t, since)
  })
})

/** The newest message on a topic, as the text of its JSON, which can be altered beyond what JSON.stringify writes. */
async function newest(person: MqttPerson, topic: string, fits: (message: Received) => boolean): Promise<Forged> {
  const since = nowMs()
  const { payload } = await person.hears(topic, (message) => message.atMs >= since && fits(message))
  return JSON.parse(payload.toString())
}

interface Forged {
  readonly [field: string]: unknown
}

/** JSON with numbers that no JSON.stringify writes, each given as text. */
const jsonOf = (fields: Forged): string =>
  `{${Object.entries(fields)
    .map(
      ([name, value]) => `${JSON.stringify(name)}:${value instanceof RawNumber ? value.text : JSON.stringify(value)}`,
    )
    .join(',')}}`

class RawNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

const raw = (text: string): RawNumber => new RawNumber(text)

const OUT_OF_RANGE = ['-1', '1.5', '1e999', '-1e999', '9007199254740992', '9007199254740991', '"7"', 'null', '[1]'].map(
  raw,
)

/** Commands that a lamp must drop, whoever sends them, made from a true one. */
function forgedCommands(command: Forged): Forged[] {
  const { run, n, boot } = command
  const now = nowMs()
  const green = { from: now, until: now + 2000, red: now + 3000 }
  const next = Number(n) + 1000
  return [
    { boot: 'f'.repeat(24), run, n: next, green },
    { boot: '', run, n: next, green },
    { boot: 7, run, n: next, green },
    { boot, run: Number(run) - 1, n: next, green },
    { boot, run: 1, n: next, green },
    { boot, run, n: 1, green },
    { boot, run, n: Number(n) - 1, green },
    ...OUT_OF_RANGE.flatMap((number) => [
      { boot, run: number, n: next, green },
      { boot, run, n: number, green },
    ]),
  ]
}

/** Reports that a controller must not believe, made from a true one. */
function forgedReports(report: Forged): Forged[] {
  const { run, n } = report
  return [
    { ...report, boot: 'f'.repeat(24) },
    { ...report, boot: 'f'.repeat(24), run: 0, n: 0 },
    { ...report, boot: '' },
    { ...report, run: Number(run) - 1, n: Number(n) + 1000 },
    { ...report, run: 0, n: 0 },
    { ...report, n: 1 },
    { ...report, aspect: 'blue' },
    ...OUT_OF_RANGE.flatMap((number) => [
      { ...report, run: number },
      { ...report, n: number },
      ...(number.text === '-1' || number.text === '1.5'
        ? []
        : [
            { ...report, now: number },
            { ...report, at: number },
          ]),
    ]),
  ]
}

/** Forges again and again for two turns of the plan, so that it meets each of its phases. */
async function forgeAll(t: Test, rig: Rig, liar: MqttPerson, ear: MqttPerson): Promise<void> {
  const since = nowMs()
  const isUndisturbed = rig.isUndisturbed(t, since).then(() => rig.isUndisturbed(t, since))
  let isOver = false
  const over = isUndisturbed.finally(() => {
    isOver = true
  })
  let sent = 0
  while (!isOver) {
    for (const light of LIGHTS) {
      const command = await newest(ear, commandOf(light), () => true)
      for (const one of forgedCommands(command)) await liar.publish(commandOf(light), jsonOf(one), { qos: 0 })
      const report = await newest(ear, reportOf(light), () => true)
      for (const one of forgedReports(report)) await liar.publish(reportOf(light), jsonOf(one), { qos: 0 })
      sent += 1
    }
  }
  await over
  t.ok(sent > 10, `forged ${sent} times`)
}

rigTest(
  t,
  'commands and reports forged by a user with every right, but with a wrong boot, an older run, an old n or numbers out of range, change nothing',
  async (t, rig) => {
    const forger = await rig.person('forger')
    t.ok(await forger.subscribe(EVERYTHING))
    await forgeAll(t, rig, forger, forger)
  },
)

rigTest(t, 'true commands and reports of the wrong user, or of another time', async (t, rig) => {
  await t.test('forged by a user without that right: they change nothing, however true', async (t) => {
    const nobody = await rig.person('nobody')
    const viewer = await rig.person('viewer')
    t.notOk(await nobody.subscribe(EVERYTHING))
    t.ok(await viewer.subscribe(EVERYTHING))
    const since = nowMs()
    for (const light of LIGHTS) {
      const command = await newest(viewer, commandOf(light), () => true)
      const now = nowMs()
      // Only the missing right stands between this and a green.
      const green = { from: now, until: now + 2000, red: now + 3000 }
      const forged = JSON.stringify({ ...command, n: Number(command['n']) + 100_000, green })
      for (const person of [nobody, viewer]) await person.publish(commandOf(light), forged)
      const report = await newest(viewer, reportOf(light), () => true)
      const larger = JSON.stringify({ ...report, run: Number(report['run']) + 1 })
      for (const person of [nobody, viewer]) await person.publish(reportOf(light), larger)
      for (const person of [nobody, viewer]) await person.publish('crossings/demo/mode', 'hold', { retain: true })
    }
    await rig.isUndisturbed(t, since)
  })

  await t.test('those of the last turn, replayed by users who may publish them, change nothing', async (t) => {
    const viewer = await rig.person('viewer')
    await viewer.subscribe(EVERYTHING, 0)
    await rig.runs()
    const messages = viewer.received.filter(({ topic }) => topic.endsWith('/report') || topic.endsWith('/command'))
    t.ok(messages.length > 50, `${messages.length} messages`)
    const people = {
      light1: await rig.person('light1'),
      light2: await rig.person('light2'),
      controller: await rig.person('controller'),
    }
    const since = nowMs()
    for (const delivery of ['once', 'again, in reverse']) {
      for (const { topic, payload } of delivery === 'once' ? messages : messages.toReversed()) {
        const light = topic.includes('light1') ? 'light1' : 'light2'
        const person = topic.endsWith('/command') ? people.controller : people[light]
        await person.publish(topic, payload)
      }
      await rig.isUndisturbed(t, since)
    }
  })
})
