/** The connection of one light or controller to the broker: how well it works, and who is at its end. */
import type { LinkListener } from '../clients/link/link.ts'
import type { SimulatedProcess } from './simulated-process.ts'

/** How well one connection to the broker works. */
export interface LinkQuality {
  /** Each way, ms. */
  readonly delayMs: readonly [number, number]
  /** Chance that a message is lost. */
  readonly loss: number
  /** Chance that it arrives twice or more. */
  readonly copies: number
  /** Chance that it takes a time of its own, up to `strayMsMax`. */
  readonly stray: number
  readonly strayMsMax: number
}

export const SOUND: LinkQuality = { delayMs: [1, 8], loss: 0, copies: 0, stray: 0, strayMsMax: 0 }

/** Who is at the end of a line: a program that opened its link. */
export interface Client {
  readonly process: SimulatedProcess
  readonly listener: LinkListener
  readonly filters: readonly string[]
  isConnected: boolean
}

export interface Line {
  /** Of the light or controller whose it is. */
  readonly name: string
  client: Client | null
  will: { readonly topic: string; readonly payload: string } | null
  quality: LinkQuality
  isUp: boolean
  /** Holds what arrives, and delivers it in order when it goes on. */
  isStalled: boolean
  /** Loses all that it should carry to the broker, or from it. */
  isMute: boolean
  isDeaf: boolean
  /** What it carries to the broker is this much older than it should be, ms. */
  lateMs: number
  /** When the newest message of QoS 1 on each topic arrives. */
  readonly arrivals: Map<string, number>
  /** How often it was cut: what was under way then is lost. */
  cuts: number
  readonly held: (() => void)[]
}

export const newLine = (name: string, quality: LinkQuality): Line => ({
  name,
  client: null,
  will: null,
  quality,
  isUp: true,
  isStalled: false,
  isMute: false,
  isDeaf: false,
  lateMs: 0,
  arrivals: new Map(),
  cuts: 0,
  held: [],
})
