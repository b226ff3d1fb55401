/** What a broker is started with, and what that gives. */
import type { Duplex } from 'node:stream'
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Passwords } from './auth/password.ts'
import type { Users } from './auth/users.ts'
import type { BrokerLimits } from './limits.ts'

export interface BrokerOptions {
  /** The path of a users file, which is read again when it changes, or the users themselves. */
  readonly users: string | Users
  /** Accounts besides; they win over users of the same name. None by default. */
  readonly accounts?: Users
  /** Where to listen. Default 127.0.0.1; while a demo account is among the users, nowhere but on loopback. */
  readonly host?: string
  /** Default 1883; 0 takes any free one; false: no TCP listener, `connect()` alone. */
  readonly port?: number | false
  /** MQTT over TLS, besides `port` or instead of it. Default: none. */
  readonly tls?: TlsOptions
  /** HTTP with the page, `/metrics`, `/healthz` and `/healthz/readiness`, and MQTT over WebSocket at `/mqtt`. Default: none. */
  readonly http?: HttpOptions
  /** Crossings whose conflict monitor goes by these files; those of others are learned from their controllers. */
  readonly crossings?: readonly Crossing[]
  /**
   * The directory that retained messages, sessions and what is queued for them are kept in; it is made where it is
   * missing, and one broker at a time runs on it. Default: they are kept in memory, and end with the broker.
   */
  readonly data?: string
  /** What differs from DEFAULT_LIMITS. */
  readonly limits?: Partial<BrokerLimits>
  /** Between two rounds of messages on `$SYS/broker/…`, ms. Default 10 s; 0: none. */
  readonly sysIntervalMs?: number
}

export interface TlsOptions {
  /** 8883 is MQTT's own; 0 takes any free one. */
  readonly port: number
  /** Where to listen. Default: the broker's `host`. */
  readonly host?: string
  /** The path of the certificate in PEM; it and the key are read again when they change, and by `reload`. */
  readonly cert: string
  /** The path of its private key in PEM. */
  readonly key: string
}

export interface HttpOptions {
  /** 0 takes any free one. */
  readonly port: number
  /** Where to listen. Default 127.0.0.1, whatever the broker's `host` is. */
  readonly host?: string
  /** Origins of web pages, `https://panel.example`, that may connect besides those of this port. Default: none. */
  readonly origins?: readonly string[]
}

export interface BrokerDependencies {
  /** Default: says nothing. */
  readonly logger?: Logger
  /** Default: the system's. */
  readonly clock?: Clock
  /** Default: a pool of threads of the broker's own. Who passes one closes it. */
  readonly passwords?: Passwords
}

export interface Broker extends AsyncDisposable {
  /** Where a client on this machine connects to; null without a TCP listener. */
  readonly url: string | null
  /** The TCP port; null without a listener. */
  readonly port: number | null
  /** Where a client on this machine connects to with TLS; null without such a listener. */
  readonly tlsUrl: string | null
  /** Where HTTP is answered on this machine, `http://127.0.0.1:9001`; null without an HTTP listener. */
  readonly httpUrl: string | null
  /** Where MQTT is spoken over WebSocket, `ws://127.0.0.1:9001/mqtt`; null without an HTTP listener. */
  readonly wsUrl: string | null
  /** The client's end of a connection within this process. Broken from the start once the broker is closed. */
  connect(): Duplex
  /**
   * Reads the users file, certificate and key again, soon, whether or not they look changed, and logs what came of it:
   * what cannot be used is refused, and what was there stays.
   */
  reload(): void
  /** What Prometheus reads, in its text format, version 0.0.4. */
  metrics(): Promise<string>
  /** Ends all connections within 2 s, whatever the clients do. Closing twice is fine. */
  close(): Promise<void>
}
