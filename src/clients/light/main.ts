/** `crossing light`: the lamp's process is started before anything else is even loaded. */
import { resolve } from 'node:path'
import { systemClock } from '../../platform/clock.ts'
import { type Call, type Command, untilStopped } from '../../platform/command.ts'
import { usageError } from '../../platform/errors.ts'
import { commandLogger, type Logger } from '../../platform/log.ts'
import { NICENESS, preferSelf } from '../../platform/priority.ts'
import { NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import type { ControllerOptions, RunningController } from '../controller/run.ts'
import { parseDisplay } from '../display/open.ts'
import { parseStyle } from '../display/panel-style.ts'
import { ACCESS_HELP, ACCESS_OPTIONS, accessFrom } from '../link/credentials.ts'
import { AUTO, knownDisplay } from './known-display.ts'
import type { LampDisplay } from './lamp-display.ts'
import { guardLamp } from './lamp-guard.ts'

export const command: Command = {
  help: `
Usage: crossing light NAME [options]

Shows one light of a crossing. It is red until a controller grants it more, and finds the broker by itself whenever
that is there. Ctrl-C waits for red, then ends it; a second Ctrl-C ends it at once, red.

  NAME                  the light, one of the crossing file's
${ACCESS_HELP("the light's name")}
  --crossing FILE       crossing file, the same for every light and controller [default: the built-in demo crossing]
  --display WHERE       sense-hat: a Raspberry Pi's Sense HAT; emulator: the window of its official emulator; terminal:
                        an 8x8 panel here, or a line per change where this is no terminal; none: nowhere; auto: the
                        first of the first three that is there [default auto]
  --face FACE           panel: the whole panel in the colour; lamp: a round head, red at the top, amber in the middle,
                        green at the bottom [default panel]
  --rotate DEGREES      how far the panel is turned, clockwise: 0, 90, 180 or 270 [default 0]
  --dim PERCENT         brightness, 1 to 100; what is lit stays visible and keeps its colour [default 100]
  --control             runs the controller in this process too, with a connection of its own and the same user
  --trace FILE          appends a JSON line for each frame shown: t_ns (CLOCK_MONOTONIC), light, rgb
                        [LIGHT_TRACE; LIGHT_ID is the name it carries, default NAME]
  -h, --help            shows this

Logs go to stderr, as JSON lines where that is no terminal; LOG_LEVEL is debug, info, warn or error [default info].`,
  options: {
    ...ACCESS_OPTIONS,
    crossing: { type: 'string' },
    display: { type: 'string' },
    face: { type: 'string' },
    rotate: { type: 'string' },
    dim: { type: 'string' },
    control: { type: 'boolean' },
    trace: { type: 'string' },
  },
  positionals: ['NAME'],
  run,
}

async function run(call: Call): Promise<number> {
  const [name = ''] = call.positionals
  if (!NAME_PATTERN.test(name)) throw usageError(`the light's name is '${name}': expected ${NAME_RULE}`)
  const wanted = call.option('display') ?? AUTO
  if (wanted !== AUTO) parseDisplay(wanted)
  const style = parseStyle({ face: call.option('face'), rotate: call.option('rotate'), dim: call.option('dim') })
  const access = accessFrom(call, name)
  // It is the dead-man of its lamp, and late is as bad as never.
  preferSelf(NICENESS.guard)
  const logger = await commandLogger('light', call.environment)
  const display = knownDisplay(wanted, name, logger)
  const loading = load(call, { name, url: access.url, display })
  const painted = { light: name, display, style, trace: traceOf(call, name) }
  const lamp = guardLamp({ clock: systemClock, logger, painted, rest: loading.then(({ rest }) => rest) })
  // Before anything is said: who stops what has just started is heard too.
  const stopped = untilStopped(() => void lamp.kill().then(() => process.exit(130)))
  try {
    const { crossing, startLight } = await loading
    const light = await startLight({ name, crossing, ...access }, { logger, lamp })
    const controller = call.flag('control') ? await control({ crossing, ...access }, logger) : null
    await stopped
    await controller?.close()
    await light.stop()
    return 0
  } catch (error) {
    await lamp.kill()
    throw error
  }
}

/** What takes time to load, while the lamp's process starts. */
async function load(
  call: Call,
  { name, url, display }: { readonly name: string; readonly url: string; readonly display: string },
) {
  const [{ crossingOf }, { checkName, lockName, startLight }] = await Promise.all([
    import('../../protocol/crossing-file.ts'),
    import('./run.ts'),
  ])
  const crossing = await crossingOf(call.option('crossing'))
  checkName(name, crossing)
  const { digest: file, constants } = crossing
  const rest = { lock: lockName({ url, crossing: crossing.name, light: name, display }), file, constants }
  return { crossing, rest, startLight }
}

/** A light without it has no use for the controller's code. */
async function control(options: ControllerOptions, logger: Logger): Promise<RunningController> {
  const { startController } = await import('../controller/run.ts')
  return await startController(options, { logger })
}

function traceOf(call: Call, name: string): LampDisplay['trace'] {
  const file = call.option('trace') ?? (call.environment['LIGHT_TRACE'] || undefined)
  return file === undefined ? null : { file: resolve(file), light: call.environment['LIGHT_ID'] || name }
}
