/**
 * What is kept, as keys and values of a database. Each key begins with what it is; a client's id is written such that
 * no id can end where another goes on. A value is one line of JSON, then the payload as it is.
 */
import * as z from 'zod'
import { configurationError, reasonOf } from '../../platform/errors.ts'
import { keptMessage, type Message, type Qos } from './message.ts'
import type { Waiting } from './outbox.ts'

export type Entry = readonly [key: string, value: Buffer]

/** A session without what it waits for. */
export interface SessionFacts {
  readonly id: string
  readonly user: string
  /** Filters with the QoS granted. */
  readonly subscriptions: readonly (readonly [filter: string, qos: Qos])[]
  /** How long nobody has come back to it, hours in which the broker ran. */
  readonly absentHours: number
}

/** The last will of a client that was connected, which outlives the broker. */
export interface KeptWill {
  readonly id: string
  /** Whose client it is. */
  readonly user: string
  readonly message: Message
  readonly retain: boolean
}

export type Kept =
  | { readonly kind: 'retained'; readonly message: Message }
  | { readonly kind: 'session'; readonly facts: SessionFacts }
  | { readonly kind: 'waiting'; readonly id: string; readonly waiting: Waiting }
  | { readonly kind: 'incoming'; readonly id: string; readonly messageId: number }
  | { readonly kind: 'will'; readonly will: KeptWill }

/** Digits of the largest safe integer: keys are in the order of their text. */
const DIGITS = 16

const ofClient = (kind: string, id: string): string => `${kind}/${encodeURIComponent(id)}`

export const retainedKey = (topic: string): string => `retained/${topic}`
export const sessionKey = (id: string): string => ofClient('session', id)
export const waitingKey = (id: string, number: number): string =>
  `${ofClient('waiting', id)}/${String(number).padStart(DIGITS, '0')}`
export const incomingKey = (id: string, messageId: number): string => `${ofClient('incoming', id)}/${messageId}`
export const willKey = (id: string): string => ofClient('will', id)

const NOTHING = Buffer.alloc(0)
const LINE_END = 0x0a

const record = (fields: object, payload: Buffer = NOTHING): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify(fields)}\n`), payload])

export const retainedEntry = ({ topic, payload, qos }: Message): Entry => [retainedKey(topic), record({ qos }, payload)]

export const sessionEntry = ({ id, ...facts }: SessionFacts): Entry => [sessionKey(id), record(facts)]

export const waitingEntry = (id: string, { number, message, messageId, isReleased }: Waiting): Entry => {
  const { topic, payload, qos } = message
  return [waitingKey(id, number), record({ topic, qos, messageId, isReleased }, isReleased ? NOTHING : payload)]
}

export const incomingEntry = (id: string, messageId: number): Entry => [incomingKey(id, messageId), record({})]

export const willEntry = ({ id, user, message, retain }: KeptWill): Entry => {
  const { topic, payload, qos } = message
  return [willKey(id), record({ user, topic, qos, retain }, payload)]
}

const qos = z.literal([0, 1, 2])
const messageId = z.int().min(1).max(65_535)
const SHAPES = {
  retained: z.strictObject({ qos }),
  session: z.strictObject({
    user: z.string(),
    subscriptions: z.array(z.tuple([z.string(), qos])),
    absentHours: z.number(),
  }),
  waiting: z.strictObject({ topic: z.string(), qos, messageId: messageId.nullable(), isReleased: z.boolean() }),
  will: z.strictObject({ user: z.string(), topic: z.string(), qos, retain: z.boolean() }),
}

/** Throws configurationError for what was not written here. */
export function parseEntry([key, value]: Entry): Kept {
  try {
    return parse(key, value)
  } catch (error) {
    throw configurationError(`the entry '${key.slice(0, 120)}' is damaged: ${reasonOf(error).split('\n')[0]}`, error)
  }
}

function parse(key: string, value: Buffer): Kept {
  const end = value.indexOf(LINE_END)
  const fields: unknown = JSON.parse(value.toString('utf8', 0, end))
  const payload = value.subarray(end + 1)
  const slash = key.indexOf('/')
  const [kind, name] = [key.slice(0, slash), key.slice(slash + 1)]
  const [client = '', number = ''] = name.split('/')
  switch (kind) {
    case 'retained':
      return { kind, message: keptMessage({ topic: name, payload, ...SHAPES.retained.parse(fields) }) }
    case 'session':
      return { kind, facts: { id: decodeURIComponent(client), ...SHAPES.session.parse(fields) } }
    case 'waiting': {
      const { messageId, isReleased, ...message } = SHAPES.waiting.parse(fields)
      const waiting = { key: `kept:${Number(number)}`, number: Number(number), messageId, isReleased }
      const kept = { ...waiting, message: keptMessage({ ...message, payload }) }
      return { kind, id: decodeURIComponent(client), waiting: kept }
    }
    case 'incoming':
      return { kind, id: decodeURIComponent(client), messageId: messageId.parse(Number(number)) }
    case 'will': {
      const { user, retain, ...message } = SHAPES.will.parse(fields)
      const kept = keptMessage({ ...message, payload })
      return { kind, will: { id: decodeURIComponent(client), user, message: kept, retain } }
    }
    default:
      throw new TypeError(`unknown kind '${kind}'`)
  }
}
