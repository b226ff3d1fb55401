import t, { type Test } from 'tap'
import { messageFaults } from '../../../../src/demo/lab/message-faults.ts'
import { Traffic } from '../../../../src/demo/lab/traffic.ts'
import { systemRandom } from '../../../../src/platform/random.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { encodeCommand, encodeReport, parseCommand } from '../../../../src/protocol/messages.ts'
import type { Command } from '../../../../src/protocol/wire.ts'
import { brokerPair, PASSWORD, usersOf } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { publishPacket } from '../../../fixtures/publish-packet.ts'
import { rawBroker } from '../../../fixtures/raw-broker.ts'

const topic = (light: string, name: string): string => `crossings/demo/lights/${light}/${name}`
const RUN = 7

/** Two lights that were heard, an attacker, and somebody who reads what the broker carries. */
async function scene(
  t: Test,
  { network }: { network?: () => ReturnType<ReturnType<typeof rawBroker>['network']> } = {},
) {
  const pair = await brokerPair(
    t,
    usersOf({
      controller: { roles: [{ role: 'controller', crossing: 'demo' }] },
      viewer: { roles: [{ role: 'viewer', crossing: 'demo' }] },
      reader: { subscribe: ['crossings/#'] },
    }),
  )
  const reader = await pair.connect('reader')
  await reader.mqtt.subscribeAsync(topic('+', 'command'), { qos: 1 })
  const clock = new ManualClock()
  const traffic = new Traffic()
  const told: string[] = []
  const faults = messageFaults({
    crossing: DEMO_CROSSING,
    traffic,
    accounts: {
      controller: { username: 'controller', password: PASSWORD },
      viewer: { username: 'viewer', password: PASSWORD },
    },
    url: 'mqtt://broker:1883',
    network: network ?? (() => pair.broker.connect()),
    clock,
    random: systemRandom,
    tell: (id, text) => told.push(`${id}: ${text}`),
  })
  const report = (light: string, n: number, run = RUN): void => {
    const body = {
      file: 'f',
      boot: `boot of ${light}`,
      now: lightTime(5),
      aspect: 'red',
      run,
      n,
      at: lightTime(5),
    } as const
    traffic.hear(publishPacket(topic(light, 'report'), encodeReport(body)), clock.monotonicMs())
  }
  return {
    clock,
    traffic,
    told,
    report,
    pair,
    reader,
    make(id: string) {
      const fault = faults.find((one) => one.id === id)
      if (fault === undefined) throw new Error(`there is no ${id}`)
      return fault.make(() => {})
    },
    async commands(count: number): Promise<readonly (Command | null)[]> {
      const messages = await reader.received(count)
      return messages.map(({ payload }) => parseCommand(Buffer.from(payload)))
    },
  }
}

/** The wait for what lamps report. */
const ANSWER_MS = 1000

t.test('a viewer is refused: nothing of it is carried', async (t) => {
  const { clock, make, report, told, pair, reader } = await scene(t)
  for (const light of DEMO_CROSSING.lights) report(light, 40)
  const making = make('forge-by-viewer')
  await pair.log.waitFor('publish_refused')
  await clock.untilTimer((delayMs) => delayMs === ANSWER_MS)
  clock.advance(ANSWER_MS)
  t.equal(await making, null)
  t.strictSame(told, ['forge-by-viewer: forge a green as a viewer: no light took it'])
  t.strictSame(reader.messages, [])
})

t.test('who holds the password of a controller sends a green to every light, for a boot that it has not', async (t) => {
  const { clock, make, report, told, commands } = await scene(t)
  for (const light of DEMO_CROSSING.lights) report(light, 40)
  const making = make('forge-wrong-boot')
  const sent = await commands(2)
  for (const command of sent) {
    t.match(command, { run: RUN + 1, n: 1, boot: /^[0-9a-f]{24}$/ })
    t.ok((command?.green?.red ?? 0) > 0)
  }
  await clock.untilTimer((delayMs) => delayMs === ANSWER_MS)
  report('light1', 41)
  report('light2', 1, RUN + 1)
  clock.advance(ANSWER_MS)
  await making
  t.strictSame(told, ['forge-wrong-boot: forge a green for another boot: light2 took it'], 'a light that did is named')
})

t.test('an old green is sent as it was', async (t) => {
  const { clock, make, report, traffic, commands } = await scene(t)
  const old = (light: string): Command => {
    const green = { from: lightTime(1), until: lightTime(2), red: lightTime(3) }
    return { boot: `boot of ${light}`, run: RUN, n: 3, green }
  }
  for (const light of DEMO_CROSSING.lights) {
    report(light, 40)
    traffic.hear(publishPacket(topic(light, 'command'), encodeCommand(old(light))), 0)
  }
  const making = make('replay-old-green')
  t.strictSame(new Set(await commands(2)), new Set(DEMO_CROSSING.lights.map(old)))
  await clock.untilTimer((delayMs) => delayMs === ANSWER_MS)
  clock.advance(ANSWER_MS)
  await making
})

t.test('without anything to forge by there is no forgery', async (t) => {
  const { make, report } = await scene(t)
  report('light1', 40)
  await t.rejects(make('forge-by-viewer'), { message: /light2 has not been heard yet/ })
  await t.rejects(make('replay-old-green'), { message: /light1 was not granted a green yet/ })
})

t.test('a broker that does not answer, or does not let them in, ends it', async (t) => {
  const broker = rawBroker()
  const { clock, make, report } = await scene(t, { network: broker.network })
  for (const light of DEMO_CROSSING.lights) report(light, 40)
  const waiting = make('forge-by-viewer')
  await broker.connection(0)
  clock.advance(20_000)
  clock.advance(1000)
  await t.rejects(waiting, { message: 'the broker does not answer' })
  const refused = make('forge-by-viewer')
  const connection = await broker.connection(1)
  connection.stream.destroy()
  await t.rejects(refused, { message: /mqtt:\/\/broker:1883/ })
})
