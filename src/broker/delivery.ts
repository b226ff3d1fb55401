/**
 * Whether a message goes to a client now, and with which QoS. aedes itself decides by the first of a client's filters
 * that the message comes to, knows no other QoS for a filter with wildcards than that of the message, lets what is new
 * overtake what was queued, and takes a message for a copy where one with a larger number came first,
 * which it does where QoS 0 passes QoS 1.
 */
import { assert } from '../platform/errors.ts'
import { covers, type Levels, levelsOf } from './filter.ts'
import { lowerQos, type Qos } from './persistence/message.ts'
import { keyOf, type Packet } from './persistence/packets.ts'
import type { Persistence } from './persistence/persistence.ts'

interface Client {
  readonly id: string
}

interface Grant {
  readonly levels: Levels
  readonly qos: Qos
}

export class Delivery {
  readonly #persistence: Persistence
  readonly #grants = new WeakMap<Client, Map<string, Grant>>()
  /** The message that went to each client last: the copies for its other filters come right behind. */
  readonly #latest = new WeakMap<Client, string>()

  /** Where aedes looks for the largest number that came to a client: the same for all, and always 0. */
  #noNumbers: object | null = null

  constructor(persistence: Persistence) {
    this.#persistence = persistence
  }

  /** A new client of the broker `brokerId`: from now on its copies are told here alone. */
  add(client: Client, brokerId: string): void {
    assert(typeof Reflect.get(client, 'duplicates') === 'object', 'aedes keeps numbers by broker, as in version 1.2')
    this.#noNumbers ??= Object.defineProperty({}, brokerId, { get: () => 0, set: () => {} })
    Reflect.set(client, 'duplicates', this.#noNumbers)
  }

  grant(client: Client, { topic, qos }: { readonly topic: string; readonly qos: Qos }): void {
    const grants = this.#grants.get(client) ?? new Map<string, Grant>()
    this.#grants.set(client, grants.set(topic, { levels: levelsOf(topic), qos }))
  }

  revoke(client: Client, filters: readonly string[]): void {
    const grants = this.#grants.get(client)
    for (const filter of filters) grants?.delete(filter)
  }

  /**
   * The QoS with which `packet` goes to `client`; null where it does not go now: what is new waits behind what is queued
   * (4.6), in the queue.
   */
  qosOf(client: Client, packet: Packet): Qos | null {
    const qos = this.#grantedTo(client, packet)
    // Retained messages are given anew to each subscription, and have no number; what was queued has an identifier.
    if (!packet.brokerId || packet.messageId !== undefined) return qos
    if (qos > 0 && this.#persistence.isQueueAhead(client)) return null
    return this.#isCopy(client, packet) ? null : qos
  }

  #grantedTo(client: Client, { topic, qos }: Packet): Qos {
    const grants = this.#grants.get(client)
    if (qos === 0 || grants === undefined) return qos
    return lowerQos(qos, largestOf(grants.values(), levelsOf(topic)) ?? qos)
  }

  #isCopy(client: Client, packet: Packet): boolean {
    const key = keyOf(packet)
    if (this.#latest.get(client) === key) return true
    this.#latest.set(client, key)
    return false
  }
}

/** The largest QoS granted to a filter that matches `topic` (3.3.5, 3.8.4); null where none does any more. */
function largestOf(grants: Iterable<Grant>, topic: Levels): Qos | null {
  let largest: Qos | null = null
  for (const { levels, qos } of grants) if (qos > (largest ?? -1) && covers(levels, topic)) largest = qos
  return largest
}
