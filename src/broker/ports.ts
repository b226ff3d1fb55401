/** The options of `crossing broker` that say where it listens. */
import { type Call, wholeNumber } from '../platform/command.ts'
import { usageError } from '../platform/errors.ts'
import { LOOPBACK } from './exposure.ts'
import type { BrokerOptions, HttpOptions } from './options.ts'

export const PORT_OPTIONS = {
  host: { type: 'string' },
  port: { type: 'string' },
  'http-port': { type: 'string' },
  'http-host': { type: 'string' },
  'http-origin': { type: 'string', multiple: true },
} as const

const PORT_BOUNDS = { min: 0, max: 65_535, fallback: 0 }

/** Where `call` says to listen. Throws usageError where that is nowhere, or where one option needs another. */
export function portsFrom(call: Call): Pick<BrokerOptions, 'host' | 'port' | 'http'> {
  const http = httpFrom(call)
  const port = call.option('port') === 'none' ? false : wholeNumber(call, 'port', { ...PORT_BOUNDS, fallback: 1883 })
  if (port === false && http === undefined) throw usageError('--port is none: give --http-port too')
  return { host: call.option('host') ?? LOOPBACK, port, ...(http !== undefined && { http }) }
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
