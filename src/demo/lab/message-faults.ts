/** Forged messages, sent to all lights at once; whether one was taken is told by what the lamps then report. */
import { openMqttLink } from '../../clients/link/mqtt-link.ts'
import type { Network } from '../../clients/link/network.ts'
import type { Clock } from '../../platform/clock.ts'
import { failure } from '../../platform/errors.ts'
import { type Random, randomId } from '../../platform/random.ts'
import type { Crossing } from '../../protocol/crossing.ts'
import { encodeCommand } from '../../protocol/messages.ts'
import { lightTopic } from '../../protocol/topics.ts'
import type { Command } from '../../protocol/wire.ts'
import type { Account } from '../accounts.ts'
import type { Fault } from './fault.ts'
import { forgeGreen } from './forgery.ts'
import type { Traffic } from './traffic.ts'

/** A broker on a busy machine may take this long to check a password that it has not seen before, ms. */
const SEND_MS_MAX = 20_000

/** A lamp reports at once what it took, and otherwise every heartbeat; this is some of them, ms. */
const ANSWER_MS = 1000

export interface ForgeryMeans {
  readonly crossing: Crossing
  readonly traffic: Traffic
  /** Who may only look on, and who may command: an attacker is either. */
  readonly accounts: { readonly viewer: Account; readonly controller: Account }
  readonly url: string
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  /** Tells how it ended. */
  readonly tell: (id: string, text: string) => void
}

type Forge = (light: string) => Command

export function messageFaults(means: ForgeryMeans): Fault[] {
  const { crossing, traffic, accounts, clock, random } = means
  const green: Forge = (light) => {
    const heard = traffic.reportOf(light)
    if (heard === null) throw failure(`${light} has not been heard yet`)
    return forgeGreen(heard, crossing.constants, clock.monotonicMs())
  }
  const old: Forge = (light) => {
    const command = traffic.greenOf(light)
    if (command === null) throw failure(`${light} was not granted a green yet`)
    return command
  }
  const fault = (id: string, label: string, sender: Account, forge: Forge): Fault => ({
    id,
    label,
    group: 'messages',
    undo: null,
    lastsMs: null,
    async make() {
      const forged = new Map(crossing.lights.map((light) => [light, forge(light)]))
      const takers = await takersOf(forged, sender, means)
      means.tell(id, `${label}: ${takers.length === 0 ? 'no light took it' : `${takers.join(', ')} took it`}`)
      return null
    },
  })
  return [
    fault('forge-by-viewer', 'forge a green as a viewer', accounts.viewer, green),
    fault('forge-wrong-boot', 'forge a green for another boot', accounts.controller, (light) => {
      return { ...green(light), boot: randomId(random) }
    }),
    fault('replay-old-green', 'replay an old green', accounts.controller, old),
  ]
}

/** Sends them; resolves with the lights that report to have taken theirs. */
async function takersOf(
  forged: ReadonlyMap<string, Command>,
  sender: Account,
  means: ForgeryMeans,
): Promise<readonly string[]> {
  const takers = new Set<string>()
  const end = means.traffic.onReport((light, { run, n }) => {
    const sent = forged.get(light)
    if (sent?.run === run && sent.n === n) takers.add(light)
  })
  try {
    await send(forged, sender, means)
    await new Promise<void>((resolve) => void means.clock.after(ANSWER_MS, resolve))
  } finally {
    end()
  }
  return [...takers]
}

function send(
  forged: ReadonlyMap<string, Command>,
  sender: Account,
  { crossing, url, network, clock, random }: ForgeryMeans,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      cancel()
      void link.close().then(settle)
    }
    const fail = (reason: string): void => end(() => reject(failure(reason)))
    const cancel = clock.after(SEND_MS_MAX, () => fail('the broker does not answer'))
    const link = openMqttLink(
      { url, credentials: async () => sender, subscriptions: [], network, clock, random },
      {
        up() {
          for (const [light, command] of forged) {
            link.publish(lightTopic(crossing.name, light, 'command'), encodeCommand(command))
          }
          end(resolve)
        },
        down: ({ reason }) => fail(reason),
        message() {},
      },
    )
  })
}
