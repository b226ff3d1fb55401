/** MQTT over plain TCP. */
import { createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Service } from './listener.ts'

/** Takes over what a client sends and reads; `address` is where it comes from. */
export type OnConnection = (stream: Duplex, address: string) => void

/**
 * What is read ahead of a client, bytes: some messages of a light. What the broker cannot take yet is better left to the
 * network, which holds its sender up, than read (16 KiB of each client by default) and kept here.
 */
const READ_AHEAD_BYTES = 1024

export const tcpService = (onConnection: OnConnection): Service => ({
  scheme: 'mqtt',
  createServer: () =>
    createServer({ noDelay: true, highWaterMark: READ_AHEAD_BYTES }, (socket) =>
      onConnection(socket, addressOf(socket)),
    ),
})

/** Where a socket comes from, for the log. */
export const addressOf = ({ remoteAddress, remotePort }: Socket): string =>
  `${remoteAddress ?? 'unknown'}:${remotePort ?? 0}`
