/** `crossing controller`: the controller alone; a second one anywhere is a hot standby. */
import { type Call, type Command, untilStopped } from '../../platform/command.ts'
import { commandLogger } from '../../platform/log.ts'
import { crossingOf } from '../../protocol/crossing-file.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, accessFrom } from '../link/credentials.ts'
import { startController } from './run.ts'

export const command: Command = {
  help: `
Usage: crossing controller [options]

Runs the plan of a crossing: grants its lights right of way, in turn. A second one, on any machine, is a hot standby
that takes charge when the first is gone.

${ACCESS_HELP('controller')}
  --crossing FILE       crossing file, the same for every light and controller [default: the built-in demo crossing]
  -h, --help            shows this

Logs go to stderr, as JSON lines where that is no terminal; LOG_LEVEL is debug, info, warn or error [default info].`,
  options: { ...ACCESS_OPTIONS, crossing: { type: 'string' } },
  positionals: [],
  run,
}

async function run(call: Call): Promise<number> {
  const access = accessFrom(call, 'controller')
  const crossing = await crossingOf(call.option('crossing'))
  const logger = await commandLogger('controller', call.environment)
  const stopped = untilStopped(() => process.exit(130))
  const controller = await startController({ crossing, ...access }, { logger })
  await stopped
  await controller.close()
  return 0
}
