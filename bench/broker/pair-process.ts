/**
 * A connected pair: messages from one client to the other, each with the time at which it was sent. A process of its own,
 * so that what the bench does meanwhile is not measured with it. Every message from the parent is answered with the
 * delays since the last one, ms.
 */
import { once } from 'node:events'
import { ACCEPTED, login, publishPacket, type Session, subscribePacket } from './raw-mqtt.ts'

/** Between two messages, ms: the rate of 50 crossings' reports. */
const INTERVAL_MS = 5

const TOPIC = 'pair'

/** A PUBLISH here: two bytes of header, the topic with its length, and the time. */
const PACKET_BYTES = 2 + 2 + TOPIC.length + 8

const [port = '', user = '', password = ''] = process.argv.slice(2)

async function client(): Promise<Session> {
  const session = await login({ port: Number(port), user, password })
  if (session.code !== ACCEPTED) throw new Error(`the pair was refused: ${session.code}`)
  return session
}

const [reader, writer] = [await client(), await client()]
const answered = once(reader.socket, 'data')
reader.socket.write(subscribePacket(TOPIC))
await answered

let delays: number[] = []
let bytes: Buffer = Buffer.alloc(0)
reader.socket.on('data', (chunk: Buffer) => {
  const nowNs = process.hrtime.bigint()
  bytes = Buffer.concat([bytes, chunk])
  for (; bytes.length >= PACKET_BYTES; bytes = bytes.subarray(PACKET_BYTES)) {
    delays.push(Number(nowNs - bytes.readBigUInt64BE(PACKET_BYTES - 8)) / 1e6)
  }
})
const send = (): void => {
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(process.hrtime.bigint())
  writer.socket.write(publishPacket(TOPIC, time))
}
setInterval(send, INTERVAL_MS)
process.on('message', () => {
  process.send?.(delays)
  delays = []
})
process.once('disconnect', () => process.exit())
for (const { socket } of [reader, writer]) socket.once('close', () => process.exit(1))
process.send?.('ready')
