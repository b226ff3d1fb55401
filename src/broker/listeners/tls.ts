/** MQTT over TLS. */
import type { Socket } from 'node:net'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { tally } from '../../platform/tally.ts'
import type { BrokerLimits } from '../limits.ts'
import {
  type CertificateFiles,
  checkKeyPair,
  followCertificate,
  type KeyPair,
  logCertificate,
  readKeyPair,
} from './certificate.ts'
import type { Handshakes } from './handshakes.ts'
import type { Service } from './listener.ts'
import { addressOf, type OnConnection } from './tcp.ts'

/** What came before is broken. Source: RFC 8996. */
const OLDEST: TlsOptions = { minVersion: 'TLSv1.2' }

export interface TlsDependencies {
  readonly limits: Pick<BrokerLimits, 'connectMsMax'>
  readonly handshakes: Handshakes
  readonly logger: Logger
  readonly clock: Clock
  readonly onConnection: OnConnection
}

export interface TlsService extends Service {
  /** Reads certificate and key again now; those that cannot serve are refused and logged. */
  reload(): Promise<void>
  close(): void
}

/** Reads certificate and key, and follows their changes until closed. Throws configurationError that says what to do. */
export async function tlsService(files: CertificateFiles, dependencies: TlsDependencies): Promise<TlsService> {
  const { logger, clock } = dependencies
  let pair = await readKeyPair(files)
  logCertificate(checkKeyPair(pair, files), files, dependencies)
  let server: Server | null = null
  const followed = followCertificate(files, pair, {
    logger,
    clock,
    onChange(changed) {
      pair = changed
      server?.setSecureContext({ ...pair, ...OLDEST })
    },
  })
  return {
    scheme: 'mqtts',
    createServer() {
      server = createTlsServer(pair, dependencies)
      return server
    },
    reload: () => followed.reload(),
    close: () => followed.close(),
  }
}

function createTlsServer(pair: KeyPair, { limits, handshakes, logger, clock, onConnection }: TlsDependencies): Server {
  const server = createServer({ ...pair, ...OLDEST, noDelay: true, handshakeTimeout: limits.connectMsMax })
  const logFailure = tally(clock, (fields, event) => logger.warn(fields, event))
  server.on('connection', (socket: Socket) => handshakes.add(socket))
  server.on('tlsClientError', (error: Error & { readonly reason?: string }, socket) => {
    const reason = error.reason ?? error.message
    logFailure(reason, { address: addressOf(socket), reason }, 'tls_handshake_failed')
    socket.destroy()
  })
  server.on('secureConnection', (socket) => {
    handshakes.release(socket)
    onConnection(socket, addressOf(socket))
  })
  return server
}
