import { once } from 'node:events'
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { command as modeCommand } from '../../../../src/clients/operator/mode-command.ts'
import { command } from '../../../../src/clients/operator/reset-command.ts'
import { encodeTrip } from '../../../../src/protocol/trip.ts'
import { runCommand } from '../../../fixtures/operator-command.ts'
import { PACKET, type RawConnection, rawConnection } from '../../../fixtures/raw-broker.ts'
import { publishPacket } from '../../../fixtures/raw-mqtt.ts'

/** The URL of a broker that does as `answer` says with whoever connects. */
async function brokerThat(t: Test, answer: (connection: RawConnection) => Promise<void>): Promise<string> {
  const server = createServer((socket) => void answer(rawConnection(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
}

t.test('a message that comes before its subscription is confirmed is acted on as soon as it is', async (t) => {
  const url = await brokerThat(t, async (connection) => {
    const tell = (tripped: boolean): void => {
      const trip = { tripped, what: 'light1 showed green', when: '2026-01-01T00:00:00.000Z', lights: ['light1'] }
      connection.stream.write(publishPacket('crossings/demo/trip', encodeTrip(trip)))
    }
    await connection.packet(PACKET.connect)
    connection.acknowledge()
    const subscribe = await connection.packet(PACKET.subscribe)
    // As MQTT 3.1.1 allows in 3.8.4.
    tell(true)
    connection.granted(subscribe, [1])
    const wish = await connection.packet(PACKET.publish)
    t.match(wish.body.toString(), /crossings\/demo\/reset/)
    tell(false)
  })
  const { code, printed } = await runCommand(t, command, { argv: ['--url', url], pattern: /^reset/ })
  t.equal(code, 0)
  t.strictSame(printed, ['reset: light1 showed green (2026-01-01T00:00:00.000Z)\n'])
})

t.test(
  'a wish that the broker has, and that nothing comes of, is given up before a silent broker would be',
  async (t) => {
    const url = await brokerThat(t, async (connection) => {
      await connection.packet(PACKET.connect)
      connection.acknowledge()
      connection.granted(await connection.packet(PACKET.subscribe), [1])
      connection.taken(await connection.packet(PACKET.publish))
    })
    await t.rejects(runCommand(t, modeCommand, { argv: ['hold', '--url', url], pattern: /^hold/ }), {
      code: 'failed',
      message: /nothing came of it: has user 'admin' the role admin/,
    })
  },
)
