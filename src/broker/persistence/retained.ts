/** The retained messages, within their limits. Source: MQTT 3.1.1, 3.3.1.3. */
import { parseTopic } from '../../protocol/topics.ts'
import type { BrokerLimits } from '../limits.ts'
import type { Journal } from './journal.ts'
import { LevelTree } from './level-tree.ts'
import { bytesOf, keptMessage, type Message } from './message.ts'
import { type Entry, retainedEntry, retainedKey } from './records.ts'

export class RetainedMessages {
  readonly #limits: Pick<BrokerLimits, 'retainedMessagesMax' | 'retainedBytesMax'>
  readonly #journal: Journal
  readonly #tree = new LevelTree<Message>()
  #count = 0
  #bytes = 0

  constructor(limits: Pick<BrokerLimits, 'retainedMessagesMax' | 'retainedBytesMax'>, journal: Journal) {
    this.#limits = limits
    this.#journal = journal
  }

  get count(): number {
    return this.#count
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * Keeps `message` in place of what its topic had, or nothing where its payload is empty (3.3.1-10). Says whether
   * there was room; where there was none the old one is gone too, for none is better than one that is no longer true.
   */
  put(message: Message): boolean {
    const { topic } = message
    if (this.#tree.get(topic) !== undefined && !isOfThisRun(topic)) this.#journal.delete(retainedKey(topic))
    this.#remove(topic)
    if (message.payload.length === 0) return true
    const { retainedMessagesMax, retainedBytesMax } = this.#limits
    const isFull = this.#count >= retainedMessagesMax || this.#bytes + bytesOf(message) > retainedBytesMax
    if (isFull && !isOwn(topic)) return false
    const kept = keptMessage(message)
    this.restore(kept)
    if (!isOfThisRun(topic)) this.#journal.put(retainedEntry(kept))
    return true
  }

  restore(message: Message): void {
    this.#remove(message.topic)
    this.#tree.set(message.topic, message)
    if (isOwn(message.topic)) return
    this.#count += 1
    this.#bytes += bytesOf(message)
  }

  *matching(filters: readonly string[]): Iterable<Message> {
    for (const filter of filters) yield* this.#tree.ofTopicsMatching(filter)
  }

  *entries(): Iterable<Entry> {
    for (const message of this.#tree.values()) if (!isOfThisRun(message.topic)) yield retainedEntry(message)
  }

  #remove(topic: string): void {
    const old = this.#tree.get(topic)
    if (old === undefined) return
    this.#tree.delete(topic)
    if (isOwn(topic)) return
    this.#count -= 1
    this.#bytes -= bytesOf(old)
  }
}

/** What the broker says of itself, which means nothing in its next run. */
const isOfThisRun = (topic: string): boolean => topic.startsWith('$')

/** The broker's own word, which does not count and which no client may crowd out. */
const isOwn = (topic: string): boolean => isOfThisRun(topic) || parseTopic(topic)?.topic === 'trip'
