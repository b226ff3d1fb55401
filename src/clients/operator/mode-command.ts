/** `crossing mode`: an operator's word to a crossing's controller. */
import type { Call, Command } from '../../platform/command.ts'
import { usageError } from '../../platform/errors.ts'
import { MODES, parseMode } from '../../protocol/mode.ts'
import { crossingTopic, NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, type Access, accessFrom } from '../link/credentials.ts'
import { converse } from './conversation.ts'

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

/** Publishes `mode`, where there is one, and resolves with what the broker then says the mode is. */
function keepMode(access: Access, topic: string, mode: string | undefined): Promise<string> {
  return converse(access, topic, ({ publish, end }) => ({
    begin() {
      if (mode !== undefined) publish(topic, mode, { retain: true })
    },
    hear(payload) {
      const kept = parseMode(payload)
      if (kept !== null && (mode === undefined || kept === mode)) end(kept)
    },
    // Nobody ever set one.
    hearNothing: () => end('auto'),
  }))
}
