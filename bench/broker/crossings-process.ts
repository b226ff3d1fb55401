/**
 * Crossings as they run, two lights and a controller each: every light reports and is commanded at its heartbeat, from the
 * first message of the parent on. Each message is answered with what came since the last one: the delays, ms, how many
 * were sent, and how many clients are cut.
 */
import type { Socket } from 'node:net'
import { ACCEPTED, login, publishPacket, subscribePacket } from './raw-mqtt.ts'

/** Of the constants `demo`: between two reports of a light, and between two commands to it, ms. */
const HEARTBEAT_MS = 200

/** A heartbeat is spread over so many rounds, so that crossings do not all speak at once. */
const ROUNDS = 40

/** What may wait for a broker that does not read; beyond it real clients drop what they would send, bytes. */
const BACKLOG_BYTES_MAX = 64 * 1024

/** Log-ins under way at a time. */
const AT_ONCE = 25

const LIGHTS = ['light1', 'light2']

const [port = '', user = '', password = '', first = '', count = ''] = process.argv.slice(2)

let delays: number[] = []
let sent = 0
let cut = 0

/** When each message that is under way was sent, ns. */
const underWay = new Map<string, bigint>()

async function client(): Promise<Socket> {
  const { socket, code } = await login({ port: Number(port), user, password })
  if (code !== ACCEPTED) throw new Error(`a client was refused: ${code}`)
  socket.once('close', () => {
    cut += 1
  })
  return socket
}

/** Subscribes, and notes how late each message comes. */
async function reader(filter: string): Promise<Socket> {
  const socket = await client()
  socket.write(subscribePacket(filter))
  await new Promise((resolve) => socket.once('data', resolve))
  let bytes: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    const nowNs = process.hrtime.bigint()
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    for (let packet = packetAt(bytes); packet !== null; packet = packetAt(bytes)) {
      const topicBytes = bytes.readUInt16BE(packet.start)
      const topic = bytes.toString('latin1', packet.start + 2, packet.start + 2 + topicBytes)
      const { n } = JSON.parse(bytes.toString('latin1', packet.start + 2 + topicBytes, packet.end))
      const key = `${topic} ${n}`
      const sentNs = underWay.get(key)
      if (sentNs !== undefined) delays.push(Number(nowNs - sentNs) / 1e6)
      underWay.delete(key)
      bytes = bytes.subarray(packet.end)
    }
  })
  return socket
}

/** The whole packet at the start of `bytes`; null where there is none yet. Source: MQTT 3.1.1, 2.2.3. */
function packetAt(bytes: Buffer): { readonly start: number; readonly end: number } | null {
  let length = 0
  for (let at = 1; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    length += (byte & 0x7f) * 128 ** (at - 1)
    if (byte >= 0x80) continue
    return bytes.length < at + 1 + length ? null : { start: at + 1, end: at + 1 + length }
  }
  return null
}

/** One heartbeat of a crossing. */
async function crossing(name: string): Promise<() => void> {
  const base = `crossings/${name}/lights`
  const controller = await reader(`${base}/+/report`)
  const lights = await Promise.all(
    LIGHTS.map(async (light) => ({ base: `${base}/${light}`, socket: await reader(`${base}/${light}/command`) })),
  )
  const startNs = process.hrtime.bigint()
  let n = 0
  const send = (socket: Socket, topic: string, message: object): void => {
    if (!socket.writable || socket.writableLength > BACKLOG_BYTES_MAX) return
    underWay.set(`${topic} ${n}`, process.hrtime.bigint())
    sent += 1
    socket.write(publishPacket(topic, Buffer.from(JSON.stringify(message))))
  }
  return () => {
    n += 1
    const now = Number(process.hrtime.bigint() - startNs) / 1e6
    for (const { base, socket } of lights) {
      send(socket, `${base}/report`, { file: FILE, boot: BOOT, now, aspect: 'red', run: 1, n, at: now })
      send(controller, `${base}/command`, { boot: BOOT, run: 1, n })
    }
  }
}

/** As long as those of real lamps are. */
const FILE = '0123456789abcdef0123456789abcdef'
const BOOT = '0123456789abcdef'

const beats: (() => void)[] = []
const names = Array.from({ length: Number(count) }, (_, index) => `bench${Number(first) + index}`)
while (names.length > 0) beats.push(...(await Promise.all(names.splice(0, AT_ONCE).map(crossing))))
process.once('disconnect', () => process.exit())
process.once('message', run)
process.on('message', () => {
  process.send?.({ delays, sent, cut })
  delays = []
  sent = 0
})
process.send?.('ready')

function run(): void {
  const startMs = performance.now()
  let round = 0
  setInterval(() => {
    const due = Math.floor((performance.now() - startMs) / (HEARTBEAT_MS / ROUNDS))
    // A timer that comes late is made up for, or a busy machine would have less to do; but who is late by more than a
    // heartbeat would do nothing else any more.
    for (round = Math.max(round, due - ROUNDS); round <= due; round++) {
      for (let index = round % ROUNDS; index < beats.length; index += ROUNDS) beats[index]?.()
    }
  }, HEARTBEAT_MS / ROUNDS)
}
