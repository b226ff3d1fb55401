import type { Duplex } from 'node:stream'

/** Makes a new stream to the broker, connected or connecting. */
export type Network = () => Duplex
