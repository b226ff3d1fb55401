/**
 * Where sessions, retained messages and queues are kept: in memory. What matters at a crossing is never retained and
 * is repeated every heartbeat, so a restart loses nothing that is not told again within a second. This is the single
 * place to choose otherwise.
 */
import memory from 'aedes-persistence'
import { assert } from '../platform/errors.ts'

/**
 * What is used of a persistence here. The types that it is published with describe callbacks, which under aedes 1.2
 * are never called: it sets up and uses the promises alone.
 */
export interface Persistence {
  addSubscriptions(client: { readonly id: string }, subscriptions: readonly { readonly topic: string }[]): Promise<void>
  removeSubscriptions(client: { readonly id: string }, filters: readonly string[]): Promise<void>
  createRetainedStream(filter: string): AsyncIterable<RetainedMessage>
  destroy(): Promise<void>
}

export interface RetainedMessage {
  readonly topic: string
  readonly payload: Uint8Array
}

/**
 * Makes the persistence of one broker. It stores only the subscriptions for which `mayStore` says yes: aedes hands it
 * the whole SUBSCRIBE, refused filters included, and would deliver them after the next connect.
 */
export function createPersistence(mayStore: (clientId: string, filter: string) => boolean): Persistence {
  // Its types also promise a default export, where the module itself is the function.
  const make: unknown = memory
  assert(typeof make === 'function', 'aedes-persistence is a function')
  const store: unknown = make()
  assert(isPersistence(store), 'aedes-persistence has the methods of version 11')
  const add = store.addSubscriptions.bind(store)
  store.addSubscriptions = (client, subscriptions) =>
    add(
      client,
      subscriptions.filter(({ topic }) => mayStore(client.id, topic)),
    )
  return store
}

const METHODS = ['addSubscriptions', 'removeSubscriptions', 'createRetainedStream', 'destroy'] as const

const isPersistence = (store: unknown): store is Persistence =>
  typeof store === 'object' && store !== null && METHODS.every((name) => typeof Reflect.get(store, name) === 'function')

/** The retained messages whose topics match one of `filters`. */
export async function retainedOn(store: Persistence, filters: readonly string[]): Promise<readonly RetainedMessage[]> {
  const messages: RetainedMessage[] = []
  for (const filter of filters) {
    for await (const message of store.createRetainedStream(filter)) messages.push(message)
  }
  return messages
}
