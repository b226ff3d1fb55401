/** What a command says to and asks of whoever called it: standard output, standard error, and a password. */
import type { Readable, Writable } from 'node:stream'

export interface StandardIo {
  /** One line of the result, to standard output. */
  print(line: string): void
  /** One line about it, to standard error. */
  note(line: string): void
  /** Whether a person types at a terminal. */
  readonly isInteractive: boolean
  /**
   * Asks for a line that is not shown while it is typed; without a terminal, takes the next line of standard input.
   * Null where it was cancelled with Ctrl-C, or where standard input has no line.
   */
  askSecret(question: string): Promise<string | null>
}

interface Input extends Readable {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

export interface StandardStreams {
  readonly stdin: Input
  readonly stdout: Writable
  readonly stderr: Writable
}

/** A longer line is no password, characters. */
const LINE_CHARACTERS_MAX = 4096

export const standardIo = ({ stdin, stdout, stderr }: StandardStreams = process): StandardIo => {
  const isInteractive = stdin.isTTY === true
  /** What was typed or pasted beyond the line asked for: the beginning of the next. */
  let rest = ''
  return {
    print: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${line}\n`),
    isInteractive,
    async askSecret(question) {
      if (isInteractive) {
        stderr.write(question)
        stdin.setRawMode?.(true)
      }
      try {
        const typed = await readLine(stdin, rest)
        rest = typed.rest
        return typed.line
      } finally {
        if (isInteractive) {
          stdin.setRawMode?.(false)
          stderr.write('\n')
        }
      }
    },
  }
}

interface Typed {
  /** Null: cancelled, or nothing there. */
  readonly line: string | null
  readonly rest: string
}

function readLine(stdin: Input, already: string): Promise<Typed> {
  return new Promise((resolve, reject) => {
    let text = already
    const finish = (typed: Typed): void => {
      stdin.off('data', onData).off('end', onEnd).off('error', reject)
      stdin.pause()
      resolve(typed)
    }
    const onData = (chunk: string): void => {
      text += chunk
      const typed = lineIn(text, stdin.isTTY === true)
      if (typed !== null) finish(typed)
    }
    const onEnd = (): void => finish({ line: text === '' ? null : text, rest: '' })
    stdin.setEncoding('utf8')
    stdin.on('error', reject).on('end', onEnd).on('data', onData)
    // After an earlier question it stands paused, which listening alone does not end.
    stdin.resume()
    if (stdin.readableEnded) onEnd()
    else onData('')
  })
}

/** The line that `text` begins with, edited as a terminal in its usual mode would; null while it has no end. */
function lineIn(text: string, isTyped: boolean): Typed | null {
  let line = ''
  for (const [index, character] of [...text].entries()) {
    const rest = (): string => [...text].slice(index + 1).join('')
    if (character === '\n') return { line: isTyped ? line : line.replace(/\r$/, ''), rest: rest() }
    if (!isTyped) line += character
    else if (character === '\r' || character === END_OF_TRANSMISSION) return { line, rest: rest() }
    else if (character === INTERRUPT) return { line: null, rest: '' }
    else if (character === KILL) line = ''
    else if (character === DELETE || character === '\b') line = [...line].slice(0, -1).join('')
    else line += character
    if (line.length > LINE_CHARACTERS_MAX) return { line, rest: '' }
  }
  return null
}

/** Ctrl-C, Ctrl-D, Ctrl-U and the erase key, as a terminal in raw mode sends them. */
const INTERRUPT = '\x03'
const END_OF_TRANSMISSION = '\x04'
const KILL = '\x15'
const DELETE = '\x7f'
