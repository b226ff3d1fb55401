/** The HTTP listener: a small table of paths to read, and of paths where another protocol begins. */
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import type { Handshakes } from './handshakes.ts'
import type { Service } from './listener.ts'

export interface Answer {
  readonly status: number
  /** The content type, such as `text/plain; charset=utf-8`. */
  readonly type: string
  readonly body: string | Uint8Array
  /** Headers besides; they win over those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Answers a GET; HEAD gets the same without its body. */
export type Route = (request: Pick<IncomingMessage, 'headers'>) => Answer | Promise<Answer>

/** By path, `/healthz`. */
export type Routes = ReadonlyMap<string, Route>

/** Takes over a connection that asks for another protocol, with the bytes that came behind the request. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface HttpDependencies {
  readonly routes: Routes
  /** By path, `/mqtt`. */
  readonly upgrades: ReadonlyMap<string, Upgrade>
  readonly handshakes: Handshakes
  readonly logger: Logger
}

/** From the first byte to the end of a request, ms; and how long a connection may idle between two. */
const REQUEST_MS_MAX = 5000

/** Node looks for requests that take too long this often, ms. */
const LOOK_MS = 1000

/** The request line and all headers, bytes; nothing that is served here needs a long one. */
const HEADER_BYTES_MAX = 8 * 1024

/** In every answer: nothing is to be guessed from its content, and what it says holds for this moment only. */
const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' } as const

const TEXT = 'text/plain; charset=utf-8'

export const httpService = (dependencies: HttpDependencies): Service => ({
  scheme: 'http',
  createServer: () => createHttpServer(dependencies),
})

function createHttpServer({ routes, upgrades, handshakes, logger }: HttpDependencies): Server {
  const server = createServer({
    noDelay: true,
    headersTimeout: REQUEST_MS_MAX,
    requestTimeout: REQUEST_MS_MAX,
    keepAliveTimeout: REQUEST_MS_MAX,
    connectionsCheckingInterval: LOOK_MS,
    maxHeaderSize: HEADER_BYTES_MAX,
  })
  server.on('connection', (socket) => handshakes.add(socket))
  server.on('request', (request, response) => {
    answerTo(request, routes)
      .catch((error) => {
        logger.error({ path: pathOf(request), reason: reasonOf(error) }, 'http_request_failed')
        return plain(500)
      })
      .then((answer) => send(response, request, answer))
      .catch((error) => response.destroy(error))
  })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {})
    const upgrade = upgrades.get(pathOf(request))
    if (upgrade === undefined) refuseUpgrade(socket, 404)
    else upgrade(request, socket, head)
  })
  return server
}

async function answerTo(request: IncomingMessage, routes: Routes): Promise<Answer> {
  // Nothing here takes a body. The connection ends with the answer, so none is read either.
  if (hasBody(request)) return plain(413, { connection: 'close' })
  const route = routes.get(pathOf(request))
  if (route === undefined) return plain(404)
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, { allow: 'GET, HEAD' })
  return await route(request)
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0

function send(response: ServerResponse, request: IncomingMessage, { status, type, body, headers }: Answer): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': bytes.length, ...headers })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

const plain = (status: number, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  type: TEXT,
  body: `${STATUS_CODES[status]}\n`,
  headers,
})

/** Without what follows `?`: no route here reads that, and it may hold what is in no log to be. */
const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?', 1)[0] ?? ''

/** Answers a request for another protocol with an error, and ends the connection. */
export function refuseUpgrade(socket: Duplex, status: number, reason = ''): void {
  const body = `${reason === '' ? STATUS_CODES[status] : reason}\n`
  const headers = { ...HEADERS, connection: 'close', 'content-type': TEXT, 'content-length': Buffer.byteLength(body) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.once('finish', () => socket.destroy())
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}
