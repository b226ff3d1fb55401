/** Everything the broker listens on: which ports, on which hosts, and whether all of it works. */
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { tally } from '../../platform/tally.ts'
import { LOOPBACK } from '../exposure.ts'
import type { BrokerLimits } from '../limits.ts'
import type { BrokerOptions } from '../options.ts'
import type { CertificateFiles } from './certificate.ts'
import { Handshakes } from './handshakes.ts'
import { httpService, type Routes } from './http.ts'
import { type Listener, listen, type Service } from './listener.ts'
import { type OnConnection, tcpService } from './tcp.ts'
import { type TlsService, tlsService } from './tls.ts'
import { MQTT_PATH, mqttUpgrade } from './websocket.ts'

/** Where to listen unless told otherwise. */
const PORT = 1883

export interface ListenersDependencies {
  readonly logger: Logger
  readonly clock: Clock
  readonly limits: BrokerLimits
  /** What HTTP answers. */
  readonly routes: Routes
  readonly onConnection: OnConnection
  /** Where to listen just now, when asked for a host. */
  readonly permitted: (host: string) => string
}

type Kind = 'tcp' | 'tls' | 'http'

interface Plan {
  readonly kind: Kind
  readonly host: string
  readonly port: number
  readonly service: () => Service | Promise<Service>
}

export class Listeners {
  readonly #options: BrokerOptions
  readonly #dependencies: ListenersDependencies
  readonly #handshakes: Handshakes
  #tls: TlsService | null = null
  readonly #open = new Map<Kind, { readonly listener: Listener; readonly host: string }>()

  constructor(options: BrokerOptions, dependencies: ListenersDependencies) {
    this.#options = options
    this.#dependencies = dependencies
    const { clock, logger, limits } = dependencies
    const logExcess = tally(clock, (fields, event) => logger.warn(fields, event))
    this.#handshakes = new Handshakes(limits, (fields) => logExcess(fields.reason, fields, 'connection_refused'))
  }

  /** Opens all that was asked for. Throws `failed` or configurationError that says what to do. */
  async open(): Promise<void> {
    const { permitted } = this.#dependencies
    // What can be wrong with files is found before anything listens.
    const plans = await Promise.all(this.#plans().map(async (plan) => ({ ...plan, service: await plan.service() })))
    for (const { kind, host, port, service } of plans) {
      const listener = await listen(service, { host: permitted(host), port }, this.#dependencies)
      this.#open.set(kind, { listener, host })
    }
    // Who is permitted may have changed meanwhile.
    await this.settle()
  }

  /** Moves each to where it may listen now. */
  async settle(): Promise<void> {
    const { permitted } = this.#dependencies
    await Promise.all([...this.#open.values()].map(({ listener, host }) => listener.moveTo(permitted(host))))
  }

  /** Reads certificate and key again. */
  reload(): void {
    void this.#tls?.reload()
  }

  async #openTls(files: CertificateFiles): Promise<Service> {
    this.#tls = await tlsService(files, { ...this.#dependencies, handshakes: this.#handshakes })
    return this.#tls
  }

  of(kind: Kind): Listener | null {
    return this.#open.get(kind)?.listener ?? null
  }

  /** The hosts that were asked for, whatever is permitted. */
  get hosts(): readonly string[] {
    return [...new Set(this.#plans().map(({ host }) => host))]
  }

  /** What does not listen where it should, in words. */
  get faults(): readonly string[] {
    return [...this.#open.values()].flatMap(({ listener }) => listener.fault ?? [])
  }

  /** Accepts nobody any more. Connections of MQTT stay; whoever is not that yet is cut off. */
  close(): void {
    for (const { listener } of this.#open.values()) listener.close()
    this.#tls?.close()
    this.#handshakes.destroyAll()
  }

  #plans(): readonly Plan[] {
    const { host = LOOPBACK, port = PORT, tls, http } = this.#options
    const { onConnection, limits, routes, logger } = this.#dependencies
    const handshakes = this.#handshakes
    const plans: Plan[] = []
    if (port !== false) plans.push({ kind: 'tcp', host, port, service: () => tcpService(onConnection) })
    if (tls !== undefined) {
      const { port, cert, key } = tls
      const service = () => this.#openTls({ cert, key })
      plans.push({ kind: 'tls', host: tls.host ?? host, port, service })
    }
    if (http !== undefined) {
      const service = () => {
        const webSocket = mqttUpgrade({ limits, origins: http.origins ?? [], handshakes, onConnection })
        return httpService({ routes, upgrades: new Map([[MQTT_PATH, webSocket]]), handshakes, logger })
      }
      plans.push({ kind: 'http', host: http.host ?? LOOPBACK, port: http.port, service })
    }
    return plans
  }
}
