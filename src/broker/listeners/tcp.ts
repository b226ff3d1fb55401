/** MQTT over plain TCP. */
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Service } from './listener.ts'

/** Takes over what a client sends and reads; `address` is where it comes from. */
export type OnConnection = (stream: Duplex, address: string) => void

export const tcpService = (onConnection: OnConnection): Service => ({
  scheme: 'mqtt',
  createServer: () => createServer({ noDelay: true }, (socket) => onConnection(socket, addressOf(socket))),
})

/** Where a socket comes from, for the log. */
export const addressOf = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress ?? 'unknown'}:${remotePort ?? 0}`
