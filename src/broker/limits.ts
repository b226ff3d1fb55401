/** Every bound of the broker, with its default, unit and reason. Over one, the client concerned alone suffers. */
export interface BrokerLimits {
  /** The largest packet before log-in, and the largest message of a WebSocket, bytes: a CONNECT with a will. */
  readonly connectBytesMax: number
  /** The largest packet of a client that has logged in, bytes: the longest message here, a plan, has 16 KiB. */
  readonly packetBytesMax: number
  /** A connection without a CONNECT for this long is ended, ms: a client sends it at once. */
  readonly connectMsMax: number
  /** Connections in all: each takes a file descriptor and 20 KB. */
  readonly connectionsMax: number
  /** Connections from one address, so that one machine cannot take them all; a lab may be one address. */
  readonly connectionsPerAddressMax: number
  /** Connections that have not logged in yet, in all: they cost memory and are nobody's. */
  readonly pendingMax: number
  /** The same from one address. */
  readonly pendingPerAddressMax: number
  /** Checks of a password that wait for a thread: about half a minute of them, as long as clients wait. */
  readonly loginsWaitingMax: number
  /** Wrong passwords from one address for one user within `failureMs`, before they are refused unchecked. */
  readonly failuresMax: number
  /** How long a wrong password counts, ms. */
  readonly failureMs: number
  /** Bytes that wait for a client to read them; over it the client is cut: it would cost memory without end. */
  readonly backlogBytesMax: number
  /** Messages kept for an absent client with a session, or one that does not acknowledge; newer ones are dropped. */
  readonly queuedMessagesMax: number
  /** Bytes of payload and topic kept for an absent client. */
  readonly queuedBytesMax: number
  /** Stored sessions in all: a client that asks for one more is refused. */
  readonly sessionsMax: number
  /** Days without its client, counted while the broker runs, after which a session ends. */
  readonly sessionDaysMax: number
  /** Retained messages in all: a wildcard may match each of them. */
  readonly retainedMessagesMax: number
  /** Bytes of payload and topic of all retained messages. */
  readonly retainedBytesMax: number
  /** Crossings that the conflict monitor learns of by itself: each takes some kilobytes. */
  readonly crossingsMax: number
  /** Subscriptions of one client: each is looked at for its messages. */
  readonly subscriptionsMax: number
  /** Levels of a topic or filter: a crossing's topics have five; matching walks them. */
  readonly topicLevelsMax: number
  /** Messages a second that one client may publish, over some seconds; beyond, it is read more slowly. */
  readonly publishesPerSecondMax: number
}

const KIB = 1024
const MIB = 1024 * KIB

export const DEFAULT_LIMITS: BrokerLimits = {
  connectBytesMax: 4 * KIB,
  packetBytesMax: 64 * KIB,
  connectMsMax: 5000,
  connectionsMax: 20_000,
  connectionsPerAddressMax: 12_000,
  pendingMax: 4000,
  pendingPerAddressMax: 3500,
  loginsWaitingMax: 1000,
  failuresMax: 10,
  failureMs: 60_000,
  backlogBytesMax: MIB,
  queuedMessagesMax: 1000,
  queuedBytesMax: MIB,
  sessionsMax: 10_000,
  sessionDaysMax: 30,
  retainedMessagesMax: 10_000,
  retainedBytesMax: 16 * MIB,
  crossingsMax: 10_000,
  subscriptionsMax: 100,
  topicLevelsMax: 16,
  publishesPerSecondMax: 2000,
}
