/** What one session has still to be given: messages of QoS 1 and 2 that it did not acknowledge. Source: MQTT 3.1.1, 4.4. */
import type { BrokerLimits } from '../limits.ts'
import { bytesOf, type Message } from './message.ts'

export interface Waiting {
  /** Which message it is, among all of this broker's. */
  readonly key: string
  /** Grows from message to message, over restarts too. */
  readonly number: number
  readonly message: Message
  /** The packet identifier it was sent with; null where it was not sent yet. */
  messageId: number | null
  /** A message of QoS 2 that the client has: what is left to send is its PUBREL. */
  isReleased: boolean
}

export class Outbox {
  readonly #limits: Pick<BrokerLimits, 'queuedMessagesMax' | 'queuedBytesMax'>
  readonly #byKey = new Map<string, Waiting>()
  readonly #byMessageId = new Map<number, Waiting>()
  #bytes = 0

  constructor(limits: Pick<BrokerLimits, 'queuedMessagesMax' | 'queuedBytesMax'>) {
    this.#limits = limits
  }

  get count(): number {
    return this.#byKey.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Adds it as the newest; says whether there was room. */
  add(waiting: Waiting): boolean {
    const bytes = this.#bytes + bytesOf(waiting.message)
    if (this.count >= this.#limits.queuedMessagesMax || bytes > this.#limits.queuedBytesMax) return false
    this.restore(waiting)
    return true
  }

  /** Adds one that was accepted before. */
  restore(waiting: Waiting): void {
    this.#byKey.set(waiting.key, waiting)
    if (waiting.messageId !== null) this.#byMessageId.set(waiting.messageId, waiting)
    this.#bytes += bytesOf(waiting.message)
  }

  /** It is sent, as `messageId`; gives it, where it is still here. */
  send(key: string, messageId: number): Waiting | undefined {
    const waiting = this.#byKey.get(key)
    if (waiting === undefined) return undefined
    this.#forgetMessageId(waiting)
    waiting.messageId = messageId
    this.#byMessageId.set(messageId, waiting)
    return waiting
  }

  /** The client has it, and wants its PUBREL. */
  release(messageId: number): Waiting | undefined {
    const waiting = this.#byMessageId.get(messageId)
    if (waiting !== undefined) waiting.isReleased = true
    return waiting
  }

  acknowledge(messageId: number): Waiting | undefined {
    const waiting = this.#byMessageId.get(messageId)
    return waiting === undefined ? undefined : this.drop(waiting.key)
  }

  drop(key: string): Waiting | undefined {
    const waiting = this.#byKey.get(key)
    if (waiting === undefined) return undefined
    this.#byKey.delete(key)
    this.#forgetMessageId(waiting)
    this.#bytes -= bytesOf(waiting.message)
    return waiting
  }

  /** Oldest first; those that are added meanwhile are among them. */
  all(): Iterable<Waiting> {
    return this.#byKey.values()
  }

  /** Identifiers are used again, so it may stand for a newer message by now. */
  #forgetMessageId(waiting: Waiting): void {
    const { messageId } = waiting
    if (messageId !== null && this.#byMessageId.get(messageId) === waiting) this.#byMessageId.delete(messageId)
  }
}
