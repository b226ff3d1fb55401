/** As much of MQTT 3.1.1 as a measurement needs, so that what is measured is the broker and not a client library. */
import { connect, type Socket } from 'node:net'

/** Codes of a CONNACK. Source: MQTT 3.1.1, 3.2.2.3. */
export const ACCEPTED = 0
export const BAD_USER_NAME_OR_PASSWORD = 4

/** Source: MQTT 3.1.1, 1.5.3. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}

function packet(firstByte: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([header(firstByte, body.length), body])
}

/** The start of a packet with so many bytes to come. Source: MQTT 3.1.1, 2.2.3. */
export function header(firstByte: number, bytes: number): Buffer {
  const digits = []
  for (let left = bytes; digits.length === 0 || left > 0; left >>= 7)
    digits.push((left & 0x7f) | (left > 127 ? 0x80 : 0))
  return Buffer.from([firstByte, ...digits])
}

/** With a clean session. */
export const connectPacket = (clientId: string, user: string, password: string): Buffer =>
  packet(0x10, text('MQTT'), Buffer.from([4, 0xc2, 0, 120]), text(clientId), text(user), text(password))

/** With QoS 0. */
export const subscribePacket = (filter: string): Buffer =>
  packet(0x82, Buffer.from([0, 1]), text(filter), Buffer.from([0]))

/** With QoS 0. */
export const publishPacket = (topic: string, payload: Buffer): Buffer => packet(0x30, text(topic), payload)

export interface Login {
  readonly port: number
  readonly user: string
  readonly password: string
}

export interface Session {
  readonly socket: Socket
  /** The code of its CONNACK; null where the connection ended without one. */
  readonly code: number | null
}

/** Connects, and resolves with the answer. The connection stays until somebody ends it. */
export function login({ port, user, password }: Login): Promise<Session> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', () => {})
    socket.once('connect', () => socket.write(connectPacket('', user, password)))
    socket.once('data', (bytes: Buffer) => resolve({ socket, code: bytes[3] ?? null }))
    socket.once('close', () => resolve({ socket, code: null }))
  })
}
