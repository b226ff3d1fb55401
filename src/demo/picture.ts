/** What the demo shows of its lights: their panels in a terminal, else a line per change. */
import { coloursOf } from '../clients/display/colours.ts'
import { frameOf } from '../clients/display/frame.ts'
import type { PaintedFrame } from '../clients/display/frames.ts'
import { openOutlet } from '../clients/display/outlet.ts'
import { fitPanels, secondsLeft } from '../clients/display/panels.ts'
import { openScreen, type Size } from '../clients/display/screen.ts'
import { canDraw } from '../clients/display/terminal.ts'
import type { Clock } from '../platform/clock.ts'
import type { Aspect } from '../protocol/aspect.ts'

export interface Picture {
  /** Whether it is drawn in place; then nothing else may be written but below it. */
  readonly drawn: boolean
  show(painted: PaintedFrame): void
  close(): void
}

export interface PictureOptions {
  readonly lights: readonly string[]
  /** Stands under the panels. */
  readonly footer: string
  readonly clock: Clock
  readonly environment: NodeJS.ProcessEnv
}

const STDOUT = 1

/** Lines that wait for a reader of stdout. */
const LINES_WAITING_MAX = 1024

const ignore = (): void => {}

export const openPicture = (options: PictureOptions): Picture =>
  canDraw(STDOUT, options.environment) ? drawnPicture(options) : linedPicture(options)

function drawnPicture({ lights, footer, clock, environment }: PictureOptions): Picture {
  const colours = coloursOf(environment)
  const screen = openScreen(STDOUT, { clock, onFault: ignore })
  const painted = new Map<string, PaintedFrame>()
  const rows = (size: Size): readonly string[] => {
    const panels = lights.flatMap((name) => {
      const last = painted.get(name)
      if (last === undefined) return []
      const frame = frameOf(last.aspect, last.lit)
      return [{ name, frame, secondsLeft: secondsLeft(last.endsAtMs, clock.monotonicMs()) }]
    })
    const drawn = fitPanels(panels, { columns: size.columns, rows: size.rows - 2, colours })
    return [...drawn, footer.slice(0, size.columns), '']
  }
  return {
    drawn: true,
    show(frame) {
      painted.set(frame.light, frame)
      screen.show({ counts: true, rows })
    },
    close: () => screen.close(),
  }
}

function linedPicture({ clock }: PictureOptions): Picture {
  const outlet = openOutlet(STDOUT, { clock, onFault: ignore, waitingMax: LINES_WAITING_MAX })
  const written = new Map<string, Aspect>()
  return {
    drawn: false,
    show({ light, aspect }) {
      if (written.get(light) === aspect) return
      written.set(light, aspect)
      outlet.send(`${light} ${aspect}\n`)
    },
    close: () => outlet.close(),
  }
}
