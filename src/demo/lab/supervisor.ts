/** The lab of a demo, on its broker: who holds the key of this run asks for faults, and hears what becomes of them. */
import { openMqttLink } from '../../clients/link/mqtt-link.ts'
import { networkTo } from '../../clients/link/network.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import type { Random } from '../../platform/random.ts'
import type { Crossing } from '../../protocol/crossing.ts'
import type { Accounts } from '../accounts.ts'
import type { Child } from '../child.ts'
import { Lab } from './lab.ts'
import type { FaultyLink } from './link.ts'
import { linkFaults } from './link-faults.ts'
import { messageFaults } from './message-faults.ts'
import { brokerFaults, controllerFaults, lightFaults } from './process-faults.ts'
import { LAB_TOPICS } from './topics.ts'
import type { Traffic } from './traffic.ts'

export interface LabOptions {
  readonly url: string
  readonly crossing: Crossing
  readonly accounts: Accounts
  /** What passes on the links. */
  readonly traffic: Traffic
  readonly broker: Child
  readonly controller: Child
  /** Each named as its light. */
  readonly lights: readonly { readonly child: Child; readonly link: FaultyLink }[]
  readonly startSecondController: () => Child
}

export interface LabDependencies {
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Opens it; it works on whenever the broker is there. What is returned undoes every fault, and closes it. */
export function openLab(options: LabOptions, { clock, random, logger }: LabDependencies): () => Promise<void> {
  const { url, crossing, accounts, traffic } = options
  const network = networkTo(url)
  const happened = (id: string, text: string): void => {
    link.publish(LAB_TOPICS.events, JSON.stringify({ id, text, atMs: clock.wallMs() }), { qos: 1 })
  }
  const changed = (): void => {
    link.publish(LAB_TOPICS.state, JSON.stringify({ faults: lab.state }), { qos: 1, retain: true })
  }
  const faults = [
    ...options.lights.flatMap(({ child, link }) => [...lightFaults(child, clock), ...linkFaults(child.name, link)]),
    ...controllerFaults(options.controller, options.startSecondController),
    ...brokerFaults(options.broker, clock),
    ...messageFaults({ crossing, traffic, accounts, url, network, clock, random, tell: happened }),
  ]
  const lab = new Lab(faults, { clock, logger }, { changed, happened })
  const link = openMqttLink(
    {
      url,
      credentials: async () => accounts.supervisor,
      subscriptions: [
        { filter: LAB_TOPICS.make, qos: 1 },
        { filter: LAB_TOPICS.undo, qos: 1 },
      ],
      network,
      clock,
      random,
    },
    {
      up: changed,
      down: ({ kind, reason }) => logger.debug({ kind, reason }, 'lab_not_connected'),
      message(topic, payload) {
        if (topic === LAB_TOPICS.make) void lab.make(Buffer.from(payload).toString())
        else void lab.undo(Buffer.from(payload).toString())
      },
    },
  )
  return async () => {
    await lab.close()
    await link.close()
  }
}
