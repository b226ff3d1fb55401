import { generate } from 'mqtt-packet'
import t from 'tap'
import { Traffic } from '../../../../src/demo/lab/traffic.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { encodeCommand, encodeReport } from '../../../../src/protocol/messages.ts'
import { publishPacket } from '../../../fixtures/publish-packet.ts'

const topicOf = (light: string, name: string): string => `crossings/demo/lights/${light}/${name}`

function listening() {
  const traffic = new Traffic()
  return {
    traffic,
    report(n: number, light = 'light1', boot = 'b') {
      const report = { file: 'f', boot, now: lightTime(n), aspect: 'red', run: 3, n, at: lightTime(n) } as const
      traffic.hear(publishPacket(topicOf(light, 'report'), encodeReport(report)), 1000 + n)
    },
    command(n: number, from: number, red = from + 2000, boot = 'b') {
      const green = { from: lightTime(from), until: lightTime(red - 1000), red: lightTime(red) }
      traffic.hear(publishPacket(topicOf('light1', 'command'), encodeCommand({ boot, run: 3, n, green })), 0)
    },
  }
}

t.test('the newest report is known, and when it came', (t) => {
  const { traffic, report } = listening()
  t.equal(traffic.reportOf('light1'), null)
  report(1)
  report(2)
  t.match(traffic.reportOf('light1'), { report: { n: 2 }, atMs: 1002 })
  t.equal(traffic.reportOf('light2'), null)
  t.end()
})

t.test('of two greens the older is known, by the command that gave it first', (t) => {
  const { traffic, report, command } = listening()
  report(1)
  t.equal(traffic.greenOf('light1'), null)
  command(10, 5000)
  command(11, 4998.5, 7500)
  command(12, 5001, 7500)
  t.match(traffic.greenOf('light1'), { n: 10 })
  command(20, 11_000)
  t.match(traffic.greenOf('light1'), { n: 10 })
  command(30, 17_000)
  t.match(traffic.greenOf('light1'), { n: 20 })
  command(31, 0, 0)
  t.match(traffic.greenOf('light1'), { n: 20 }, 'red is no green')
  command(40, 23_000, 25_000, 'forged')
  t.match(traffic.greenOf('light1'), { n: 20 }, 'nor is what is meant for a boot that never was')
  report(50, 'light1', 'another')
  command(51, 100, 2000, 'another')
  t.match(traffic.greenOf('light1'), { n: 51 }, 'a new boot has a new clock')
  t.end()
})

t.test('who listens is told every report, until they do not', (t) => {
  const { traffic, report } = listening()
  const told: (string | number)[] = []
  const end = traffic.onReport((light, { n }) => told.push(light, n))
  report(1)
  report(2, 'light2')
  end()
  report(3)
  t.strictSame(told, ['light1', 1, 'light2', 2])
  t.end()
})

t.test('garbage, other topics, and lights without end change nothing', (t) => {
  const { traffic, report } = listening()
  for (const name of ['report', 'command', 'aspect']) traffic.hear(publishPacket(topicOf('light1', name), '{'), 0)
  traffic.hear(publishPacket('crossings/demo/plan', '{}'), 0)
  traffic.hear(publishPacket('lab/do', 'kill-broker', 1), 0)
  traffic.hear(generate({ cmd: 'pingreq' }), 0)
  t.equal(traffic.reportOf('light1'), null)
  t.equal(traffic.greenOf('light1'), null)
  for (let index = 1; index <= 17; index++) report(1, `light${index}`)
  t.not(traffic.reportOf('light16'), null)
  t.equal(traffic.reportOf('light17'), null)
  t.end()
})
