/** Reads a crossing file from the disk. */
import { createReadStream } from 'node:fs'
import { configurationError, reasonOf, systemCode } from '../platform/errors.ts'
import { type Crossing, DEMO_CROSSING, parseCrossing } from './crossing.ts'
import { findJsonMistake } from './json-text.ts'
import { FILE_BYTES_MAX } from './limits.ts'

/** Reads and checks the crossing file at `path`. Throws configurationError where it cannot be read or is not sound. */
export async function readCrossing(path: string): Promise<Crossing> {
  const text = decoded(await readBytes(path), path)
  return parseCrossing(parsed(text, path), path)
}

/** The crossing of an option `--crossing FILE`: the built-in demo where it was not given. Throws as `readCrossing`. */
export const crossingOf = async (path: string | undefined): Promise<Crossing> =>
  path === undefined ? DEMO_CROSSING : readCrossing(path)

async function readBytes(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  try {
    // One byte more than allowed tells a file that is too long, without reading all of it.
    for await (const chunk of createReadStream(path, { end: FILE_BYTES_MAX })) chunks.push(chunk)
  } catch (error) {
    throw configurationError(`${path}: ${inWords(error)}`, error)
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.length <= FILE_BYTES_MAX) return bytes
  throw configurationError(`${path}: longer than ${FILE_BYTES_MAX} bytes; is this a crossing file?`)
}

function inWords(error: unknown): string {
  switch (systemCode(error)) {
    case 'ENOENT':
      return 'there is no such file; correct the path'
    case 'EISDIR':
      return 'this is a directory; name a crossing file in it'
    case 'EACCES':
      return 'this user may not read it; change its permissions or its owner'
    default:
      return `cannot be read: ${reasonOf(error)}`
  }
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw configurationError(`${path}: not UTF-8 text; save it as UTF-8`, error)
  }
}

function parsed(text: string, path: string): unknown {
  const mistake = findJsonMistake(text)
  if (mistake === null) return JSON.parse(text)
  const { line, column, expected } = mistake
  throw configurationError(`${path}: line ${line}, column ${column}: not JSON: expected ${expected}`)
}
