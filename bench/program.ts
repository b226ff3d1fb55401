/** The compiled program. */
import { fileURLToPath } from 'node:url'

export const PROGRAM = fileURLToPath(new URL('../../dist/program/cli.js', import.meta.url))
