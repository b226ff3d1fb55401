/**
 * What the lamps and the controller of a crossing said lately: what somebody who listens in would have to forge by. It is
 * overheard on the links of the lights, which the demo carries anyway: a subscription of its own would make the broker
 * send every message twice, and the lights wait for it.
 */
import { LIGHTS_MAX } from '../../protocol/limits.ts'
import { parseCommand, parseReport } from '../../protocol/messages.ts'
import { parseTopic } from '../../protocol/topics.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import { messageIn } from './packets.ts'

export interface HeardReport {
  readonly report: Report
  /** When it came, on the listener's own clock, ms. */
  readonly atMs: number
}

export class Traffic {
  readonly #reports = new Map<string, HeardReport>()
  /** Of each light the first command of its last two greens, the older one first. */
  readonly #greens = new Map<string, readonly Command[]>()
  readonly #listeners = new Set<(light: string, report: Report) => void>()

  /** Takes a packet that came at `atMs` of the listener's own clock. */
  hear(packet: Buffer, atMs: number): void {
    const message = messageIn(packet)
    if (message === null) return
    const { topic, payload } = message
    const parsed = parseTopic(topic)
    if (parsed === null || !('light' in parsed)) return
    const { light } = parsed
    if (parsed.topic === 'report') {
      const report = parseReport(payload)
      if (report === null || (!this.#reports.has(light) && this.#reports.size >= LIGHTS_MAX)) return
      this.#reports.set(light, { report, atMs })
      for (const listen of this.#listeners) listen(light, report)
    } else if (parsed.topic === 'command') {
      const command = parseCommand(payload)
      if (command?.green !== undefined && command.green.red > 0) this.#keep(light, command, command.green.from)
    }
  }

  reportOf(light: string): HeardReport | null {
    return this.#reports.get(light) ?? null
  }

  /** A command that gave the light a green; an old one where two are known. */
  greenOf(light: string): Command | null {
    return this.#greens.get(light)?.[0] ?? null
  }

  /** Tells every report from now on; gives what ends that. */
  onReport(listen: (light: string, report: Report) => void): () => void {
    this.#listeners.add(listen)
    return () => this.#listeners.delete(listen)
  }

  #keep(light: string, command: Command, from: number): void {
    // A forged one may be for a boot that never was, and an older boot had another clock.
    const { boot } = command
    if (this.#reports.get(light)?.report.boot !== boot) return
    const known = (this.#greens.get(light) ?? []).filter((older) => older.boot === boot)
    // The same green is sent again every heartbeat, a little wider or longer: another one begins when that is over.
    if (known.some(({ green }) => green !== undefined && from < green.red)) return
    this.#greens.set(light, [...known.slice(-1), command])
  }
}
