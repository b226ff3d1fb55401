import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { command } from '../../../../src/clients/operator/reset-command.ts'
import { encodeTrip } from '../../../../src/protocol/trip.ts'
import { runCommand } from '../../../fixtures/operator-command.ts'
import { PACKET, rawConnection } from '../../../fixtures/raw-broker.ts'
import { publishPacket } from '../../../fixtures/raw-mqtt.ts'

t.test('a message that comes before its subscription is confirmed is acted on as soon as it is', async (t) => {
  const server = createServer(async (socket) => {
    const connection = rawConnection(socket)
    const tell = (tripped: boolean): void => {
      const trip = { tripped, what: 'light1 showed green', when: '2026-01-01T00:00:00.000Z', lights: ['light1'] }
      socket.write(publishPacket('crossings/demo/trip', encodeTrip(trip)))
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
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { code, printed } = await runCommand(t, command, {
    argv: ['--url', `mqtt://127.0.0.1:${port}`],
    pattern: /^reset/,
  })
  t.equal(code, 0)
  t.strictSame(printed, ['reset: light1 showed green (2026-01-01T00:00:00.000Z)\n'])
})
