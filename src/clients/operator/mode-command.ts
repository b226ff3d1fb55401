/** `crossing mode`: an operator's word to a crossing's controller. */
import { systemClock } from '../../platform/clock.ts'
import type { Call, Command } from '../../platform/command.ts'
import { failure, usageError } from '../../platform/errors.ts'
import { systemRandom } from '../../platform/random.ts'
import { MODES, parseMode } from '../../protocol/mode.ts'
import { crossingTopic, NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, type Access, accessFrom } from '../link/credentials.ts'
import { openMqttLink } from '../link/mqtt-link.ts'
import { networkTo } from '../link/network.ts'

/** How long the broker may take to show that it keeps the mode, ms. */
const ANSWER_MS_MAX = 5000

/** How long a retained message may take to follow its subscription, ms. */
const RETAINED_MS_MAX = 1000

export const command: Command = {
  help: `
Usage: crossing mode [auto|hold|flash] [options]

Tells the controller of a crossing what to do, until it is told otherwise; without a mode, shows the present one. What
was granted ends with its amber first.

  auto                  runs the plan
  hold                  all red
  flash                 all flashing red
  --name CROSSING       the crossing [default demo]
${ACCESS_HELP('admin')}
  -h, --help            shows this

The user needs the role admin for that crossing to set it; a viewer may look.`,
  options: { ...ACCESS_OPTIONS, name: { type: 'string' } },
  positionals: ['MODE?'],
  run,
}

async function run(call: Call): Promise<number> {
  const [wanted] = call.positionals
  const mode = MODES.find((known) => known === wanted)
  if (wanted !== undefined && mode === undefined) {
    throw usageError(`the mode is '${wanted}': expected ${MODES.join(', ')}`)
  }
  const crossing = call.option('name') ?? 'demo'
  if (!NAME_PATTERN.test(crossing)) throw usageError(`--name is '${crossing}': expected ${NAME_RULE}`)
  const kept = await keepMode(accessFrom(call, 'admin'), crossingTopic(crossing, 'mode'), mode)
  process.stdout.write(`${kept}\n`)
  return 0
}

/**
 * Publishes `mode`, where there is one, and resolves with what the broker then says the mode is. Throws `failed` where
 * the broker cannot be reached, refuses, or drops it.
 */
async function keepMode(access: Access, topic: string, mode: string | undefined): Promise<string> {
  const { url, username, password, ca } = access
  const network = networkTo(url, ca)
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      cancel()
      void link.close().then(settle)
    }
    const refuse = (reason: string): void => end(() => reject(failure(reason)))
    let cancel = systemClock.after(ANSWER_MS_MAX, () =>
      refuse(`the broker did not take it: has user '${username}' the role admin for this crossing?`),
    )
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
          if (mode !== undefined) link.publish(topic, mode, { qos: 1, retain: true })
          else {
            cancel()
            // What is retained comes right after the subscription; where nothing does, nobody ever set a mode.
            cancel = systemClock.after(RETAINED_MS_MAX, () => end(() => resolve('auto')))
          }
        },
        down: ({ reason }) => refuse(reason),
        message(_, payload) {
          const kept = parseMode(payload)
          if (kept !== null && (mode === undefined || kept === mode)) end(() => resolve(kept))
        },
      },
    )
  })
}
