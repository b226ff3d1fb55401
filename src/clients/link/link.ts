/** The port to the broker: what a light and a controller need of a connection, and no more. */
export interface Link {
  /**
   * Sends now, or not at all: false where there is no connection, or one that does not take what it was given before.
   * Nothing is queued for later, since here an old message is only noise.
   */
  publish(topic: string, payload: string, options?: PublishOptions): boolean
  /** Ends the connection, after what was published got its chance. The will is not sent. Closing twice is fine. */
  close(): Promise<void>
}

export interface PublishOptions {
  /** Default 0. */
  readonly qos?: 0 | 1
  /** Default false. */
  readonly retain?: boolean
  /** Told when the broker has it, of QoS 1. It says the same of what it may not take from this user. */
  readonly acknowledged?: () => void
}

export interface Subscription {
  readonly filter: string
  readonly qos: 0 | 1
}

/** Why there is no connection, in words for people. */
export interface Refusal {
  readonly kind: 'unreachable' | 'wrong-password' | 'not-allowed' | 'lost' | 'no-password' | 'untrusted'
  /** One sentence: what happened and, where there is something to do, what. */
  readonly reason: string
}

export interface LinkListener {
  /** Connected and subscribed; retained messages follow. */
  up(): void
  /** Told when a connection ends, and for an attempt that fails in another way than the one before. */
  down(refusal: Refusal): void
  message(topic: string, payload: Uint8Array): void
}
