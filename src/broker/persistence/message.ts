/** A message as it is kept. */

export type Qos = 0 | 1 | 2

export const lowerQos = (one: Qos, other: Qos): Qos => (one < other ? one : other)

export const higherQos = (one: Qos, other: Qos): Qos => (one > other ? one : other)

export interface Message {
  readonly topic: string
  readonly payload: Buffer
  readonly qos: Qos
}

/** What it counts for against a limit, bytes. */
export const bytesOf = ({ topic, payload }: Message): number => Buffer.byteLength(topic) + payload.length

/** Keeps a message: its payload is a view of a whole chunk from the network, which would be kept with it. */
export const keptMessage = ({ topic, payload, qos }: Message): Message => ({
  topic,
  payload: Buffer.from(payload),
  qos,
})
