/** What a failed connection means, in words for people. */
import { reasonOf, systemCode } from '../../platform/errors.ts'
import type { Refusal } from './link.ts'
import { certificateFault, isTlsBroken } from './tls-refusal.ts'

/** The broker refused a subscription. */
export interface SubscriptionDenied {
  readonly denied: string
}

/** CONNACK return codes. Source: MQTT 3.1.1, 3.2.2.3. */
const SERVER_UNAVAILABLE = 3
const BAD_USER_NAME_OR_PASSWORD = 4
const NOT_AUTHORIZED = 5

export interface Attempt {
  readonly url: string
  readonly username: string
  /** Whether the broker had let this client in before. */
  readonly wasLetIn: boolean
}

/** Why a connection ended with `error`; without one, the other side closed it. */
export function refusalOf(error: unknown, attempt: Attempt): Refusal {
  const { url, username } = attempt
  if (isDenied(error)) {
    const reason = `the broker does not let user '${username}' read ${error.denied}: give it the role (crossing user add)`
    return { kind: 'not-allowed', reason }
  }
  switch (codeOf(error)) {
    case BAD_USER_NAME_OR_PASSWORD:
      return { kind: 'wrong-password', reason: `wrong user name or password for user '${username}' at ${url}` }
    case NOT_AUTHORIZED:
      return { kind: 'not-allowed', reason: `the broker at ${url} does not allow user '${username}' to connect` }
    case SERVER_UNAVAILABLE:
      return { kind: 'unreachable', reason: `the broker at ${url} is too busy to check passwords` }
    default:
      break
  }
  const why = WORDS.get(systemCode(error) ?? '')
  if (why !== undefined) return { kind: 'unreachable', reason: `cannot reach the broker at ${url}: ${why}` }
  const fault = certificateFault(error)
  if (fault !== null) return { kind: 'untrusted', reason: `the broker at ${url} is not believed: ${fault}` }
  if (!attempt.wasLetIn) return { kind: 'lost', reason: `no answer from a broker at ${url}: ${unanswered(error, url)}` }
  if (error === undefined) return { kind: 'lost', reason: `the connection to ${url} ended` }
  return { kind: 'lost', reason: `the connection to ${url} failed: ${reasonOf(error)}` }
}

/** Why there was no CONNACK: most often because something else listens there. */
function unanswered(error: unknown, url: string): string {
  const isBrokenOff = error === undefined || isTlsBroken(error)
  if (/^wss?:/i.test(url) && !isBrokenOff)
    return `${reasonOf(error)}; expected a broker's WebSocket, ws://HOST:PORT/mqtt`
  if (/^(?:mqtts|wss):/i.test(url)) {
    return isBrokenOff ? 'what listens there speaks no TLS, or broke it off: is the port right?' : reasonOf(error)
  }
  // An error without a code is the parser's: what came is not MQTT.
  if (isBrokenOff || systemCode(error) === undefined) {
    return 'what listens there is no such broker, or broke off: is the port right? One for TLS needs mqtts://'
  }
  return reasonOf(error)
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there; is it started, and is the port right?'],
  ['ENOTFOUND', 'no machine has that name'],
  ['EAI_AGAIN', 'names cannot be looked up now'],
  ['EHOSTUNREACH', 'no way leads there; is the machine on?'],
  ['ENETUNREACH', 'this machine is not on that network'],
  ['ETIMEDOUT', 'no answer; is the machine on, and does a firewall stand between?'],
])

const isDenied = (error: unknown): error is SubscriptionDenied =>
  typeof error === 'object' && error !== null && 'denied' in error && typeof error.denied === 'string'

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
