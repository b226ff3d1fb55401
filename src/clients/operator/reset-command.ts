/** `crossing reset`: an operator ends the trip of a crossing's conflict monitor. */
import type { Call, Command } from '../../platform/command.ts'
import { usageError } from '../../platform/errors.ts'
import { crossingTopic, NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import { parseTrip, type Trip } from '../../protocol/trip.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, type Access, accessFrom } from '../link/credentials.ts'
import { converse } from './conversation.ts'

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
function reset(access: Access, crossing: string): Promise<Trip> {
  return converse(access, crossingTopic(crossing, 'trip'), ({ publish, end, refuse }) => {
    const nothing = (): void => refuse(`crossing '${crossing}' is not tripped: there is nothing to reset`)
    let tripped: Trip | null = null
    return {
      hear(payload) {
        const trip = parseTrip(payload)
        if (trip?.tripped) {
          tripped = trip
          publish(crossingTopic(crossing, 'reset'), 'reset')
        } else if (trip !== null) {
          if (tripped === null) nothing()
          else end(tripped)
        }
      },
      // No monitor watches that crossing.
      hearNothing: nothing,
    }
  })
}
