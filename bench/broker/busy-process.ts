/**
 * Many connected pairs, each with messages of 1 KB from one client to the other, and on demand a subscriber to all of
 * them that does not read. Every message from the parent is answered with the delays since the last one, ms; `freeze`
 * adds the subscriber.
 */
import { ACCEPTED, login, publishPacket, type Session, subscribePacket } from './raw-mqtt.ts'

/** Between two messages of a pair, ms. */
const INTERVAL_MS = 50

const PAYLOAD_BYTES = 1024

const [port = '', user = '', password = '', count = ''] = process.argv.slice(2)

async function client(): Promise<Session> {
  const session = await login({ port: Number(port), user, password })
  if (session.code !== ACCEPTED) throw new Error(`a client was refused: ${session.code}`)
  return session
}

let delays: number[] = []

async function startPair(topic: string): Promise<void> {
  const [reader, writer] = [await client(), await client()]
  const packetBytes = publishPacket(topic, Buffer.alloc(PAYLOAD_BYTES)).length
  let bytes: Buffer = Buffer.alloc(0)
  reader.socket.write(subscribePacket(topic))
  reader.socket.once('data', () => {
    reader.socket.on('data', (chunk: Buffer) => {
      const nowNs = process.hrtime.bigint()
      bytes = Buffer.concat([bytes, chunk])
      for (; bytes.length >= packetBytes; bytes = bytes.subarray(packetBytes)) {
        delays.push(Number(nowNs - bytes.readBigUInt64BE(packetBytes - PAYLOAD_BYTES)) / 1e6)
      }
    })
    setInterval(() => {
      const payload = Buffer.alloc(PAYLOAD_BYTES)
      payload.writeBigUInt64BE(process.hrtime.bigint())
      writer.socket.write(publishPacket(topic, payload))
    }, INTERVAL_MS)
  })
  for (const { socket } of [reader, writer]) socket.once('close', () => process.exit(1))
}

async function freeze(): Promise<void> {
  const { socket } = await client()
  socket.write(subscribePacket('pair/#'))
  socket.pause()
}

for (let index = 0; index < Number(count); index++) await startPair(`pair/${index}`)
process.once('disconnect', () => process.exit())
process.on('message', (word) => {
  const answer = (): void => {
    process.send?.(delays)
    delays = []
  }
  if (word === 'freeze') void freeze().then(answer)
  else answer()
})
process.send?.([])
