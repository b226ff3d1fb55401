/** Asks a broker for its certificate, and whether it is believed. */
import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { readAuthorities } from '../clients/link/authorities.ts'
import { certificateFault, isTlsBroken } from '../clients/link/tls-refusal.ts'
import type { Clock } from '../platform/clock.ts'
import { reasonOf } from '../platform/errors.ts'
import type { Denial } from './broker-probe.ts'

/** How long a broker may take to answer, ms. */
const ANSWER_MS_MAX = 5000

export interface TlsTarget {
  readonly host: string
  readonly port: number
  /** Who is believed, as `--ca` names it; undefined: the authorities that Node comes with. */
  readonly ca: string | undefined
}

/** Null, or what is wrong with the broker's certificate or its TLS. Rejects where `ca` cannot be used. */
export async function tryTls(clock: Clock, { host, port, ca }: TlsTarget): Promise<Denial | null> {
  const trust = ca === undefined ? {} : { ca: readAuthorities(ca) }
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername: isIP(host) === 0 ? host : '', minVersion: 'TLSv1.2', ...trust })
    const end = (answer: Denial | null): void => {
      cancel()
      socket.destroy()
      resolve(answer)
    }
    const cancel = clock.after(ANSWER_MS_MAX, () =>
      end({ kind: 'silent', reason: `no TLS within ${ANSWER_MS_MAX / 1000} s` }),
    )
    socket.once('secureConnect', () => end(null))
    socket.on('error', (error) => end(inWords(error)))
  })
}

function inWords(error: unknown): Denial {
  const fault = certificateFault(error)
  if (fault !== null) return { kind: 'untrusted', reason: fault }
  const reason = isTlsBroken(error) ? 'it does not speak TLS there: is the port its TLS port?' : reasonOf(error)
  return { kind: 'lost', reason }
}
