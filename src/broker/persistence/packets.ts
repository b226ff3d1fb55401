/** As much of the packets of aedes as is used here. */
import type { Qos } from './message.ts'
import type { Waiting } from './outbox.ts'

/** Of one message there are as many packets as copies; all bear the broker's number for it. */
export interface Packet {
  readonly cmd?: string
  readonly brokerId?: string
  readonly brokerCounter?: number
  readonly messageId?: number | undefined
  readonly topic: string
  readonly payload: Buffer | string
  readonly qos: Qos
  readonly retain: boolean
}

export const keyOf = ({ brokerId, brokerCounter }: Packet): string => `${brokerId}:${brokerCounter}`

export const payloadOf = ({ payload }: Packet): Buffer => (typeof payload === 'string' ? Buffer.from(payload) : payload)

/** What is left to send of a message: itself, again where it was sent before (3.3.1.1), or its PUBREL. */
export function packetOf({ key, message, messageId, isReleased }: Waiting): object {
  const split = key.lastIndexOf(':')
  const identity = { brokerId: key.slice(0, split), brokerCounter: Number(key.slice(split + 1)) }
  if (isReleased) return { ...identity, cmd: 'pubrel', messageId }
  const sent = messageId === null ? {} : { messageId, dup: true }
  return { ...identity, cmd: 'publish', ...message, retain: false, ...sent }
}
