/** The options of `crossing broker` that say where it listens. */
import { type Call, wholeNumber } from '../platform/command.ts'
import { usageError } from '../platform/errors.ts'
import { LOOPBACK } from './exposure.ts'
import type { BrokerOptions, HttpOptions, TlsOptions } from './options.ts'

export const PORT_OPTIONS = {
  host: { type: 'string' },
  port: { type: 'string' },
  'tls-port': { type: 'string' },
  'tls-host': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'http-port': { type: 'string' },
  'http-host': { type: 'string' },
  'http-origin': { type: 'string', multiple: true },
} as const

const PORT_BOUNDS = { min: 0, max: 65_535, fallback: 0 }

/** Where to listen, with host and port as they are where nothing is said. */
export type Ports = Required<Pick<BrokerOptions, 'host' | 'port'>> & Pick<BrokerOptions, 'tls' | 'http'>

/** Where `call` says to listen. Throws usageError where that is nowhere, or where one option needs another. */
export function portsFrom(call: Call): Ports {
  for (const option of ['host', 'tls-host', 'http-host'] as const) {
    if (call.option(option) === '') throw usageError(`--${option} is empty: expected an address or a name`)
  }
  const tls = tlsFrom(call)
  const http = httpFrom(call)
  const port = call.option('port') === 'none' ? false : wholeNumber(call, 'port', { ...PORT_BOUNDS, fallback: 1883 })
  if (port === false && tls === undefined && http === undefined) {
    throw usageError('--port is none: give --tls-port or --http-port')
  }
  const host = call.option('host') ?? LOOPBACK
  return { host, port, ...(tls !== undefined && { tls }), ...(http !== undefined && { http }) }
}

function tlsFrom(call: Call): TlsOptions | undefined {
  const [cert, key, host] = [call.option('tls-cert'), call.option('tls-key'), call.option('tls-host')]
  if (call.option('tls-port') === undefined) {
    if (cert ?? key ?? host) throw usageError('--tls-cert, --tls-key and --tls-host need --tls-port')
    return undefined
  }
  const port = wholeNumber(call, 'tls-port', PORT_BOUNDS)
  if (cert === undefined || key === undefined) {
    throw usageError("--tls-port needs --tls-cert FILE and --tls-key FILE ('crossing certs' makes them)")
  }
  return { port, cert, key, ...(host !== undefined && { host }) }
}

function httpFrom(call: Call): HttpOptions | undefined {
  const host = call.option('http-host')
  const origins = call.options('http-origin')
  if (call.option('http-port') === undefined) {
    if (host !== undefined || origins.length > 0) throw usageError('--http-host and --http-origin need --http-port')
    return undefined
  }
  return { port: wholeNumber(call, 'http-port', PORT_BOUNDS), ...(host !== undefined && { host }), origins }
}
