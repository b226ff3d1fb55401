/**
 * The lamp's own process: a child of the light's MQTT process, in a session of its own. It loads neither MQTT nor
 * parsers, so that it starts fast and has little to die of. Whatever happens to its parent, it ends the interval that
 * it holds on time; no pipe that fails, stderr included, ends it.
 */
import { Socket } from 'node:net'
import { afterPunctually, systemClock } from '../../platform/clock.ts'
import { NICENESS, preferSelf } from '../../platform/priority.ts'
import { systemRandom } from '../../platform/random.ts'
import { lineSplitter } from '../display/lines.ts'
import { LAMP_RULES } from './lamp.ts'
import { BACKLOG_BYTES_MAX, CHANNEL_OPTION, decode, encode, LINE_CHARACTERS_MAX, type ToLamp } from './lamp-channel.ts'
import { openLampDisplay } from './lamp-display.ts'
import { holdDisplay } from './lamp-lock.ts'
import { serveLamp } from './lamp-service.ts'

const channelFd = process.argv.find((option) => option.startsWith(CHANNEL_OPTION))?.slice(CHANNEL_OPTION.length)
const channel = new Socket({ fd: Number(channelFd), readable: true, writable: true })

channel.on('error', () => {})
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
preferSelf(NICENESS.lamp)

const service = serveLamp({
  clock: systemClock,
  afterPunctually,
  random: systemRandom,
  rules: LAMP_RULES,
  tell(message) {
    // Dropped rather than queued: a report that waited is only noise.
    if (channel.writable && channel.writableLength < BACKLOG_BYTES_MAX) channel.write(encode(message))
  },
  holdDisplay,
  openDisplay: openLampDisplay,
  exit: () => process.exit(0),
})
// A terminal's signals are for the parent; a SIGTERM to everybody must not turn green into red without amber.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => service.signalled())
const split = lineSplitter((line) => {
  const message = decode<ToLamp>(line)
  if (message !== null) service.obey(message)
}, LINE_CHARACTERS_MAX)
channel.on('data', split)
channel.on('close', () => service.orphaned())
