/** Everything the broker listens on: which ports, on which hosts, and whether all of it works. */
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { Users } from '../auth/users.ts'
import { demoAccountsOf, LOOPBACK, permittedHost, remediesFor } from '../exposure.ts'
import type { BrokerLimits } from '../limits.ts'
import type { BrokerOptions } from '../options.ts'
import type { CertificateFiles } from './certificate.ts'
import { Handshakes, type Reserve } from './handshakes.ts'
import { httpService } from './http.ts'
import { type Listener, listen, type Service } from './listener.ts'
import { operatorRoutes } from './operator-routes.ts'
import { pageRoutes } from './page.ts'
import { type OnConnection, tcpService } from './tcp.ts'
import { type TlsService, tlsService } from './tls.ts'
import { MQTT_PATH, mqttUpgrade } from './websocket.ts'

/** Where to listen unless told otherwise. */
const PORT = 1883

export interface ListenersDependencies {
  readonly logger: Logger
  readonly clock: Clock
  readonly limits: BrokerLimits
  /** What Prometheus reads. */
  readonly metrics: () => Promise<string>
  readonly reserve: Reserve
  readonly onConnection: OnConnection
  /** The users of this moment: whom their passwords let in decides where it may listen. */
  readonly users: () => Users
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
    this.#handshakes = new Handshakes(dependencies.reserve)
  }

  /** Opens all that was asked for. Throws `failed` or configurationError that says what to do. */
  async open(): Promise<void> {
    // What can be wrong with files is found before anything listens.
    const plans = await Promise.all(this.#plans().map(async (plan) => ({ ...plan, service: await plan.service() })))
    for (const { kind, host, port, service } of plans) {
      const listener = await listen(service, { host: this.#permitted(host), port }, this.#dependencies)
      this.#open.set(kind, { listener, host })
    }
    await this.settle()
  }

  /** Moves each to where it may listen now, and warns where that is not what was asked for. */
  async settle(): Promise<void> {
    this.#warnOfDemoAccounts()
    await Promise.all([...this.#open.values()].map(({ listener, host }) => listener.moveTo(this.#permitted(host))))
  }

  #permitted(host: string): string {
    return permittedHost(host, this.#dependencies.users())
  }

  #warnOfDemoAccounts(): void {
    const asked = [...this.#open.values()].find(({ host }) => this.#permitted(host) !== host)?.host
    if (asked === undefined) return
    const accounts = demoAccountsOf(this.#dependencies.users())
    const fields = { asked, host: LOOPBACK, accounts, remedies: remediesFor(accounts) }
    this.#dependencies.logger.warn(fields, 'demo_accounts_keep_broker_on_loopback')
  }

  /** Reads certificate and key again. */
  reload(): void {
    void this.#tls?.reload()
  }

  async #openTls(files: CertificateFiles): Promise<Service> {
    this.#tls = await tlsService(files, { ...this.#dependencies, handshakes: this.#handshakes })
    return this.#tls
  }

  get port(): number | null {
    return this.#of('tcp')?.port ?? null
  }

  get url(): string | null {
    return this.#of('tcp')?.url ?? null
  }

  get tlsUrl(): string | null {
    return this.#of('tls')?.url ?? null
  }

  get httpUrl(): string | null {
    return this.#of('http')?.url ?? null
  }

  get wsUrl(): string | null {
    return this.httpUrl === null ? null : `${this.httpUrl.replace('http:', 'ws:')}${MQTT_PATH}`
  }

  #of(kind: Kind): Listener | null {
    return this.#open.get(kind)?.listener ?? null
  }

  /** Why not everybody who should can connect, in words. */
  #reasonsAgainstReadiness(): readonly string[] {
    const faults = [...this.#open.values()].flatMap(({ listener }) => listener.fault ?? [])
    return this.#dependencies.users().size === 0 ? [...faults, 'users: there are none'] : faults
  }

  /** Accepts nobody any more. Connections of MQTT stay; whoever is not that yet is cut off. */
  close(): void {
    for (const { listener } of this.#open.values()) listener.close()
    this.#tls?.close()
    this.#handshakes.destroyAll()
  }

  #plans(): readonly Plan[] {
    const { host = LOOPBACK, port = PORT, tls, http } = this.#options
    const { onConnection, limits, metrics, logger } = this.#dependencies
    const handshakes = this.#handshakes
    const plans: Plan[] = []
    if (port !== false) plans.push({ kind: 'tcp', host, port, service: () => tcpService(onConnection) })
    if (tls !== undefined) {
      const { port, cert, key } = tls
      const service = () => this.#openTls({ cert, key })
      plans.push({ kind: 'tls', host: tls.host ?? host, port, service })
    }
    if (http !== undefined) {
      const service = async () => {
        const webSocket = mqttUpgrade({ limits, origins: http.origins ?? [], handshakes, onConnection })
        const operator = operatorRoutes({ reasons: () => this.#reasonsAgainstReadiness(), metrics })
        const routes = new Map([...(await pageRoutes(logger)), ...operator])
        return httpService({ routes, upgrades: new Map([[MQTT_PATH, webSocket]]), handshakes, logger })
      }
      plans.push({ kind: 'http', host: http.host ?? LOOPBACK, port: http.port, service })
    }
    return plans
  }
}
