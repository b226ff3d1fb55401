/** Watches a crossing for as long as the page is open: connects, says how that stands, and comes back by itself. */
import { parseCommand, parseReport } from '../protocol/messages.ts'
import { parseMode } from '../protocol/mode.ts'
import { parsePlan } from '../protocol/plan-message.ts'
import { adminTopic, parseRefusedLogIn, REFUSED_LOG_IN_TOPIC } from '../protocol/system.ts'
import { everythingOf, parseTopic } from '../protocol/topics.ts'
import { parseTrip } from '../protocol/trip.ts'
import { type Connection, type Ending, openConnection } from './connection.ts'
import { parseFacts } from './model/crossing-facts.ts'
import type { ModelEvent } from './model/crossing-model.ts'
import { LAB_TOPICS, type LabFault, parseLab, parseLabEvent } from './model/lab.ts'
import type { Platform } from './platform.ts'
import type { Session } from './session.ts'
import { refusedWords } from './view/words.ts'

export interface WatchListener {
  /** Something about the crossing. */
  learn(event: ModelEvent): void
  lab(faults: readonly LabFault[]): void
  /** Whether this user may act on the crossing; as soon as that is known. */
  rights(isOperator: boolean): void
  /** How the connection stands, in words; empty where all is well. */
  notice(words: string): void
  /** The broker does not let this user in, and never did. Nothing is tried any more. */
  reject(words: string): void
}

export interface Watch {
  publish(topic: string, payload: string, options: { readonly retain: boolean }): void
  close(): void
}

/** Between two attempts: the first after a loss, the longest, and where the broker refuses, ms. */
const RETRY_MS = 500
const RETRY_MS_MAX = 5000
const REFUSED_MS = 10_000

export function watchCrossing(session: Session, platform: Platform, listener: WatchListener): Watch {
  let connection: Connection | null = null
  let wasUp = false
  let waitMs = RETRY_MS
  let cancel = (): void => {}
  let closed = false

  const down = (ending: Ending): void => {
    connection = null
    listener.learn({ kind: 'link', isUp: false })
    if (ending !== 'lost' && !wasUp) return listener.reject(rejection(ending, session))
    const afterMs = ending === 'lost' ? waitMs : REFUSED_MS
    waitMs = Math.min(2 * waitMs, RETRY_MS_MAX)
    listener.notice(noticeOf(ending, session))
    cancel = platform.after(afterMs, connect)
  }

  const connect = (): void => {
    if (closed) return
    const { username, password, crossing, isKey } = session
    connection = openConnection(
      {
        url: platform.brokerUrl,
        clientId: `page-${platform.randomId()}`,
        username,
        password,
        subscription: everythingOf(crossing),
        question: adminTopic(crossing),
        forOperators: [REFUSED_LOG_IN_TOPIC],
        besides: isKey ? [LAB_TOPICS.state, LAB_TOPICS.events] : [],
      },
      {
        up(isOperator) {
          wasUp = true
          waitMs = RETRY_MS
          listener.notice('')
          listener.rights(isOperator)
          listener.learn({ kind: 'link', isUp: true })
        },
        down,
        message: (topic, payload) => receive(topic, payload, crossing, listener),
      },
    )
  }

  connect()
  return {
    publish: (topic, payload, options) => connection?.publish(topic, payload, options),
    close() {
      closed = true
      cancel()
      connection?.close()
    },
  }
}

function receive(topic: string, payload: Uint8Array, crossing: string, listener: WatchListener): void {
  if (topic === LAB_TOPICS.state) return listener.lab(parseLab(payload) ?? [])
  if (topic === LAB_TOPICS.events) {
    const event = parseLabEvent(payload)
    if (event !== null) listener.learn({ kind: 'mark', mark: { kind: 'lab', text: event.text } })
    return
  }
  if (topic === REFUSED_LOG_IN_TOPIC) {
    const refused = parseRefusedLogIn(payload)
    if (refused !== null) listener.learn({ kind: 'mark', mark: { kind: 'refused', text: refusedWords(refused) } })
    return
  }
  const event = eventOf(topic, payload, crossing)
  if (event !== null) listener.learn(event)
}

/** What a message says; null where it says nothing that the page understands. */
function eventOf(name: string, payload: Uint8Array, crossing: string): ModelEvent | null {
  const topic = parseTopic(name)
  if (topic === null || topic.crossing !== crossing) return null
  switch (topic.topic) {
    case 'report': {
      const report = parseReport(payload)
      return report && { kind: 'report', light: topic.light, report }
    }
    case 'command': {
      const command = parseCommand(payload)
      return command && { kind: 'command', light: topic.light, command }
    }
    case 'file': {
      const facts = parseFacts(payload)
      return facts && { kind: 'file', facts }
    }
    case 'plan': {
      const plan = parsePlan(payload)
      return plan && { kind: 'plan', plan }
    }
    case 'mode': {
      const mode = parseMode(payload)
      return mode && { kind: 'mode', mode }
    }
    case 'trip': {
      const trip = parseTrip(payload)
      return trip && { kind: 'trip', trip }
    }
    case 'aspect':
    case 'reset':
      return null
    default:
      return topic satisfies never
  }
}

function rejection(ending: Exclude<Ending, 'lost'>, { username, crossing, isKey }: Session): string {
  if (ending === 'denied') {
    return `User ${username} may not look at crossing ${crossing}: that takes the role viewer or admin of that crossing.`
  }
  return isKey
    ? 'The key in this address is not valid any more: the demo was started anew. Open the address that it printed last.'
    : 'The broker knows no such user with that password.'
}

function noticeOf(ending: Ending, { username, crossing }: Session): string {
  switch (ending) {
    case 'lost':
      return 'There is no connection to the broker. This page tries again by itself.'
    case 'refused':
      return `The broker does not let user ${username} in any more: the account was changed or removed. This page tries again by itself.`
    case 'denied':
      return `User ${username} may not look at crossing ${crossing} any more. This page tries again by itself.`
  }
}
