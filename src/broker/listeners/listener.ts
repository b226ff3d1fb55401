/** One port, on a host that may change while connections stay; what is spoken there is the service's concern. */
import { once } from 'node:events'
import type { Server } from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { failure, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { isLoopback, LOOPBACK } from '../exposure.ts'

/** Until the next attempt to listen on a host where that failed, ms. */
const RETRY_MS = 5000

/**
 * Connections that the kernel holds until they are accepted; it allows no more than net.core.somaxconn. A whole fleet comes
 * back at once after a restart, and who finds no place (Node's default has 511) tries again after a second.
 */
const BACKLOG = 4096

export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** What listens on a port. */
export interface Service {
  /** Names it in the log, and begins its URL. */
  readonly scheme: 'mqtt' | 'mqtts' | 'http'
  /** Makes a server, for each host anew. */
  readonly createServer: () => Server
}

export interface ListenerDependencies {
  readonly logger: Logger
  readonly clock: Clock
}

/** Starts to listen; port 0 takes any free one. Throws `failed` that says what to do. */
export async function listen(
  service: Service,
  endpoint: Endpoint,
  dependencies: ListenerDependencies,
): Promise<Listener> {
  const listener = new PortListener(service, endpoint, dependencies)
  await listener.open(endpoint.host)
  return listener
}

class PortListener {
  readonly #service: Service
  readonly #dependencies: ListenerDependencies
  #port: number
  #target: string
  /** Where it listens now; null in between. */
  #bound: { readonly server: Server; readonly host: string } | null = null
  #moving: Promise<void> = Promise.resolve()
  #cancelRetry: () => void = () => {}
  #isClosed = false

  constructor(service: Service, { host, port }: Endpoint, dependencies: ListenerDependencies) {
    this.#service = service
    this.#target = host
    this.#port = port
    this.#dependencies = dependencies
  }

  get port(): number {
    return this.#port
  }

  /** Where a client on this machine connects to. */
  get url(): string {
    const host = this.#bound?.host ?? this.#target
    const isEverywhere = host === '0.0.0.0' || host === '::'
    return `${this.#service.scheme}://${isEverywhere ? LOOPBACK : bracketed(host)}:${this.#port}`
  }

  /** Why nobody can connect where it should listen; null where all is well. */
  get fault(): string | null {
    if (this.#bound?.host === this.#target) return null
    return `${this.#service.scheme}: not listening on port ${this.#port} of ${this.#target}`
  }

  async open(host: string): Promise<void> {
    const server = this.#service.createServer()
    try {
      server.listen({ host, port: this.#port, backlog: BACKLOG })
      await once(server, 'listening')
    } catch (error) {
      throw failure(`cannot listen on port ${this.#port} of ${host}: ${inWords(error)}`, error)
    }
    // A connection that could not be accepted (no file descriptor left) is not the listener's end.
    server.on('error', (error) => this.#dependencies.logger.error({ reason: error.message }, 'listener_failed'))
    const address = server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
    this.#bound = { server, host }
    if (this.#isClosed) this.#stop()
    else this.#dependencies.logger.info({ protocol: this.#service.scheme, host, port: this.#port }, 'listening')
  }

  /** Listens on `host` instead, with the same port; connections stay. Where that fails it is tried again. */
  moveTo(host: string): Promise<void> {
    this.#target = host
    this.#cancelRetry()
    this.#moving = this.#moving.then(() => this.#settle())
    return this.#moving
  }

  async #settle(): Promise<void> {
    if (this.#isClosed || this.#bound?.host === this.#target) return
    this.#stop()
    if (await this.#tryToOpen(this.#target)) return
    // Rather this machine alone than nobody. It is never the other way round: the old host may be the wider one.
    if (!isLoopback(this.#target)) await this.#tryToOpen(LOOPBACK)
    const retry = (): void => void this.moveTo(this.#target)
    if (!this.#isClosed) this.#cancelRetry = this.#dependencies.clock.after(RETRY_MS, retry)
  }

  async #tryToOpen(host: string): Promise<boolean> {
    try {
      await this.open(host)
      return true
    } catch (error) {
      this.#dependencies.logger.error({ host, port: this.#port, reason: reasonOf(error) }, 'listener_failed')
      return false
    }
  }

  /** Accepts nobody any more; connections stay. */
  close(): void {
    this.#isClosed = true
    this.#cancelRetry()
    this.#stop()
  }

  #stop(): void {
    this.#bound?.server.close()
    this.#bound = null
  }
}

export type Listener = PortListener

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host)

function inWords(error: unknown): string {
  switch (systemCode(error)) {
    case 'EADDRINUSE':
      return 'it is in use: stop what listens there, or choose another port (0 takes any free one)'
    case 'EACCES':
      return 'not permitted: choose a port above 1023'
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address: choose one of its own, or 0.0.0.0 for all'
    default:
      return reasonOf(error)
  }
}
