/** Counts of what passed through a broker since it started: plain numbers, since every message counts here. */

/** One direction. */
export class Flow {
  /** As they are on the wire. */
  bytes = 0
  /** MQTT packets of every kind, when their first byte passed. */
  packets = 0
  /** PUBLISH packets among them, refused ones included. */
  publishes = 0
}

export class Traffic {
  /** From clients. */
  readonly received = new Flow()
  /** To clients. */
  readonly sent = new Flow()
}
