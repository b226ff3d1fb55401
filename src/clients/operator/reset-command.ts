/** `crossing reset`: an operator ends the trip of a crossing's conflict monitor. */
import { systemClock } from '../../platform/clock.ts'
import type { Call, Command } from '../../platform/command.ts'
import { failure, usageError } from '../../platform/errors.ts'
import { systemRandom } from '../../platform/random.ts'
import { crossingTopic, NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import { parseTrip, type Trip } from '../../protocol/trip.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, type Access, accessFrom } from '../link/credentials.ts'
import { openMqttLink } from '../link/mqtt-link.ts'
import { networkTo } from '../link/network.ts'

/** How long the broker may take to say that the trip is over, ms. */
const ANSWER_MS_MAX = 20_000

/** How long a retained message may take to follow its subscription, ms. */
const RETAINED_MS_MAX = 5000

export const command: Command = {
  help: `
Usage: crossing reset [CROSSING] [options]

Ends the trip of a crossing: its broker's conflict monitor saw two conflicting lights non-red together, or a light that
showed what no command allowed, and all lights flash red until somebody has found out why. Says what was seen.

  CROSSING              the crossing [default demo]
${ACCESS_HELP('admin')}
  -h, --help            shows this

The user needs the role admin for that crossing. Exit code 1 where nothing is tripped.`,
  options: ACCESS_OPTIONS,
  positionals: ['CROSSING?'],
  run,
}

async function run(call: Call): Promise<number> {
  const [crossing = 'demo'] = call.positionals
  if (!NAME_PATTERN.test(crossing)) throw usageError(`the crossing is '${crossing}': expected ${NAME_RULE}`)
  const ended = await reset(accessFrom(call, 'admin'), crossing)
  process.stdout.write(`reset: ${ended.what} (${ended.when})\n`)
  return 0
}

/** Asks for the end of the trip and resolves with what it was, once the broker says that it is over. */
async function reset({ url, username, password, ca }: Access, crossing: string): Promise<Trip> {
  const topic = crossingTopic(crossing, 'trip')
  const network = networkTo(url, ca)
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      cancel()
      void link.close().then(settle)
    }
    const refuse = (reason: string): void => end(() => reject(failure(reason)))
    const nothing = (): void => refuse(`crossing '${crossing}' is not tripped: there is nothing to reset`)
    let cancel = systemClock.after(ANSWER_MS_MAX, () => refuse(`the broker at ${url} does not answer: try again`))
    let tripped: Trip | null = null
    const link = openMqttLink(
      {
        url,
        credentials: async () => ({ username, password: await password() }),
        subscriptions: [{ filter: topic, qos: 1 }],
        network,
        clock: systemClock,
        random: systemRandom,
      },
      {
        up() {
          // What is retained comes right after the subscription; where nothing does, no monitor watches that crossing.
          if (tripped !== null) return
          cancel()
          cancel = systemClock.after(RETAINED_MS_MAX, nothing)
        },
        down: ({ reason }) => refuse(reason),
        message(_, payload) {
          const trip = parseTrip(payload)
          if (trip === null) return
          const ended = tripped
          if (!trip.tripped) return ended === null ? nothing() : end(() => resolve(ended))
          tripped = trip
          cancel()
          cancel = systemClock.after(ANSWER_MS_MAX, () =>
            refuse(`the broker did not take it: has user '${username}' the role admin for this crossing?`),
          )
          link.publish(crossingTopic(crossing, 'reset'), 'reset', { qos: 1 })
        },
      },
    )
  })
}
