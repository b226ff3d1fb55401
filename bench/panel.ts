/** What stands on the panel of a light, seen from outside: the HAT's device, the emulator's screen, a terminal. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'

export const PANELS = ['terminal', 'emulator', 'sense-hat'] as const
export type PanelName = (typeof PANELS)[number]

export interface LitPanel {
  /** The light that paints it. */
  readonly child: ChildProcess
  /** The colour that it shows now; `other` for any that is none of the two. */
  colour(): 'red' | 'green' | 'other'
}

/** Starts `program` with that display. Throws where the machine has none of that name. */
export function startPanel(name: PanelName, program: readonly string[], env: NodeJS.ProcessEnv): LitPanel {
  const argv = [...program, '--display', name]
  if (name === 'terminal') return startTerminal(argv, env)
  const path = name === 'emulator' ? '/dev/shm/rpi-sense-emu-screen' : framebuffer()
  const [command = '', ...rest] = argv
  const child = spawn(command, rest, { env, stdio: ['ignore', 'ignore', 'ignore'] })
  return { child, colour: () => COLOURS[pixelOf(path)] ?? 'other' }
}

/** The first pixel of 16 bits: five of red, six of green, five of blue. */
const COLOURS: Readonly<Record<number, 'red' | 'green'>> = { 63488: 'red', 2016: 'green' }

function pixelOf(path: string): number {
  try {
    const fd = openSync(path, 'r')
    const bytes = Buffer.alloc(2)
    readSync(fd, bytes, 0, 2, 0)
    closeSync(fd)
    return bytes.readUInt16LE(0)
  } catch {
    // It is not there before the light has begun to paint.
    return 0
  }
}

function framebuffer(): string {
  const folder = '/sys/class/graphics'
  const names = readdirSync(folder).filter((name) => /^fb\d+$/.test(name))
  const found = names.find((name) => readFileSync(`${folder}/${name}/name`, 'utf8').trim() === 'RPi-Sense FB')
  if (found === undefined) throw new Error('this machine has no Sense HAT')
  return `/dev/${found}`
}

/** In a terminal that script(1) makes, and of which the last picture is kept. */
function startTerminal(argv: readonly string[], env: NodeJS.ProcessEnv): LitPanel {
  const line = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
  const child = spawn('script', ['-qfc', `exec ${line}`, '/dev/null'], {
    env: { ...env, TERM: 'xterm', COLORTERM: 'truecolor', NO_COLOR: '' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let picture = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    picture += text
    picture = picture.slice(Math.max(0, picture.lastIndexOf(FIRST_ROW)))
  })
  return {
    child,
    colour() {
      if (picture.includes('\x1b[48;2;0;255;0m')) return 'green'
      return picture.includes('\x1b[48;2;255;0;0m') ? 'red' : 'other'
    },
  }
}

/** Each picture begins with its first row. */
const FIRST_ROW = '\x1b[1;1H'
