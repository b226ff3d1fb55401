import * as fc from 'fast-check'
import t from 'tap'
import { ASPECTS, lightTime } from '../../../src/protocol/aspect.ts'
import {
  BOOT_CHARACTERS_MAX,
  MESSAGE_BYTES_MAX,
  N_MAX,
  RUN_MAX,
  RUN_STEP_MAX,
  TIME_MS_MAX,
} from '../../../src/protocol/limits.ts'
import { encodeCommand, encodeReport, parseCommand, parseJson, parseReport } from '../../../src/protocol/messages.ts'
import type { Command, Report } from '../../../src/protocol/wire.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const json = (value: unknown): Uint8Array => bytes(JSON.stringify(value))

const REPORT = { file: 'f'.repeat(64), boot: 'b1', now: 2000.5, aspect: 'green', run: 7, n: 3, at: 1500.25 }
const COMMAND = { boot: 'b1', run: 7, n: 3, green: { from: 1000.5, until: 3000.5, red: 4000.5 } }

const time = fc.double({ noNaN: true, min: -TIME_MS_MAX, max: TIME_MS_MAX }).map((ms) => lightTime(ms === 0 ? 0 : ms))
const boot = fc.string({ minLength: 1, maxLength: BOOT_CHARACTERS_MAX, unit: 'grapheme-ascii' })
const whole = (min: number, max: number) => fc.integer({ min, max })
const report: fc.Arbitrary<Report> = fc.record({
  file: fc.stringMatching(/^[0-9a-f]{64}$/),
  boot,
  now: time,
  aspect: fc.constantFrom(...ASPECTS),
  run: whole(0, RUN_MAX),
  n: whole(0, N_MAX),
  at: time,
})
const commandHead = { boot, run: whole(1, RUN_MAX), n: whole(1, N_MAX) }
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record(commandHead),
  fc.record({ ...commandHead, green: fc.record({ from: time, until: time, red: time }) }),
)

/** With the prototype that JSON gives; fast-check's records have none. */
const plain = (one: Command): Command => (one.green === undefined ? { ...one } : { ...one, green: { ...one.green } })

t.test('a report that is encoded is parsed to the same, to the last digit of its times', async (t) => {
  await fc.assert(fc.property(report, (one) => t.strictSame(parseReport(bytes(encodeReport(one))), { ...one })))
})

t.test('a command that is encoded is parsed to the same, with an interval and without', async (t) => {
  await fc.assert(fc.property(command, (one) => t.strictSame(parseCommand(bytes(encodeCommand(one))), plain(one))))
})

t.test('the longest messages fit their limit', async () => {
  await fc.assert(fc.property(report, (one) => bytes(encodeReport(one)).length <= MESSAGE_BYTES_MAX))
  await fc.assert(fc.property(command, (one) => bytes(encodeCommand(one)).length <= MESSAGE_BYTES_MAX))
})

t.test('a command without green keeps the interval: the field is absent', async (t) => {
  const { green, ...keep } = COMMAND
  const parsed = parseCommand(json(keep))
  t.ok(parsed)
  t.notOk('green' in (parsed ?? {}))
})

t.test('fields of a later version are dropped', async (t) => {
  t.strictSame(parseReport(bytes(`{"__proto__":{"run":9},"later":1,${JSON.stringify(REPORT).slice(1)}`)), REPORT)
  t.strictSame(parseCommand(json({ ...COMMAND, later: 1, green: { ...COMMAND.green, later: 1 } })), COMMAND)
})

t.test('the least and the greatest of each number is believed', async (t) => {
  for (const change of [{ run: 0, n: 0 }, { run: RUN_MAX }, { n: N_MAX }, { now: TIME_MS_MAX }, { at: -TIME_MS_MAX }]) {
    t.ok(parseReport(json({ ...REPORT, ...change })), { change })
  }
  for (const change of [{ run: 1, n: 1 }, { run: RUN_MAX, n: N_MAX }, { green: { from: 0, until: 0, red: 0 } }]) {
    t.ok(parseCommand(json({ ...COMMAND, ...change })), { change })
  }
})

t.test('a run above the greatest believed always fits a safe integer', async (t) => {
  t.ok(Number.isSafeInteger(RUN_MAX + 1 + RUN_STEP_MAX))
  t.ok(Number.isSafeInteger(N_MAX + 1))
})

t.test('negative zero is zero', async (t) => {
  const parsed = parseReport(bytes(JSON.stringify(REPORT).replace('"run":7', '"run":-0').replace('2000.5', '-0')))
  t.ok(parsed !== null && parsed.run === 0 && parsed.now === 0)
})

/** What a field of either message may not be, as it would stand in the JSON. */
const NO_NUMBER = ['null', '"1"', 'true', '[1]', '{}', 'NaN', 'Infinity', '1e999', '-1e999']
const NO_COUNT = [...NO_NUMBER, '-1', '1.5', '1e-7', '9007199254740992', '1e308']
const NO_TEXT = ['null', '1', 'true', '[]', '{}', '""']
const BROKEN: Readonly<Record<string, readonly string[]>> = {
  file: [...NO_TEXT, JSON.stringify('f'.repeat(65))],
  boot: [...NO_TEXT, JSON.stringify('b'.repeat(BOOT_CHARACTERS_MAX + 1))],
  aspect: [...NO_TEXT, '"blue"', '"GREEN"', '"offline"', '"constructor"', '"green "'],
  now: [...NO_NUMBER, '3.3e14', '-3.3e14', '1e308'],
  at: [...NO_NUMBER, '3.3e14', '-3.3e14'],
  run: [...NO_COUNT, String(RUN_MAX + 1)],
  n: [...NO_COUNT, String(N_MAX + 1)],
}

/** The message with one field written as `text`, or without it. */
const withField = (message: object, field: string, text: string | undefined): Uint8Array => {
  const fields = Object.entries({ ...message, [field]: null })
    .filter(([key]) => key !== field || text !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${key === field ? text : JSON.stringify(value)}`)
  return bytes(`{${fields.join(',')}}`)
}

for (const [field, values] of Object.entries(BROKEN)) {
  t.test(`a report with a ${field} out of range, of another type or missing is garbage`, async (t) => {
    for (const value of [undefined, ...values]) t.equal(parseReport(withField(REPORT, field, value)), null, { value })
  })
}

for (const field of ['boot', 'run', 'n']) {
  t.test(`a command with a ${field} out of range, of another type or missing is garbage`, async (t) => {
    const none = field === 'boot' ? [] : ['0', '-0']
    for (const value of [undefined, ...none, ...(BROKEN[field] ?? [])]) {
      t.equal(parseCommand(withField(COMMAND, field, value)), null, { value })
    }
  })
}

t.test('a command whose interval is not three times within range is garbage', async (t) => {
  for (const green of ['null', '1', '"red"', '[]', '{}', '[1,2,3]']) {
    t.equal(parseCommand(withField(COMMAND, 'green', green)), null, { green })
  }
  for (const field of ['from', 'until', 'red']) {
    for (const value of [undefined, ...(BROKEN['now'] ?? [])]) {
      const green = new TextDecoder().decode(withField(COMMAND.green, field, value))
      t.equal(parseCommand(withField(COMMAND, 'green', green)), null, { field, value })
    }
  }
})

const GARBAGE: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', new Uint8Array()],
  ['null', json(null)],
  ['a number', json(1)],
  ['a list', json([REPORT, COMMAND])],
  ['an empty object', json({})],
  ['plain text', bytes('green')],
  ['half a message', json(REPORT).subarray(0, 60)],
  ['two messages', bytes(JSON.stringify(REPORT) + JSON.stringify(COMMAND))],
  ['bytes that are not UTF-8', Uint8Array.from([...json({ ...REPORT, ...COMMAND }).slice(0, -1), 0xff, 0x7d])],
  ['UTF-16', Buffer.from(JSON.stringify({ ...REPORT, ...COMMAND }), 'utf16le')],
  ['zeros', new Uint8Array(100)],
  ['lists nested deep', bytes('['.repeat(MESSAGE_BYTES_MAX))],
  ['objects nested deep', bytes('{"boot":'.repeat(MESSAGE_BYTES_MAX / 8))],
  ['a megabyte of lists', bytes('['.repeat(1_000_000))],
  ['a sound message in a megabyte', bytes(JSON.stringify({ ...REPORT, ...COMMAND }).padEnd(1_000_000))],
]

for (const [what, payload] of GARBAGE) {
  t.test(`${what} is garbage to both`, async (t) => {
    t.equal(parseReport(payload), null)
    t.equal(parseCommand(payload), null)
  })
}

t.test('a payload of the greatest length is read, one byte more is not', async (t) => {
  t.ok(parseReport(bytes(JSON.stringify(REPORT).padEnd(MESSAGE_BYTES_MAX))))
  t.equal(parseReport(bytes(JSON.stringify(REPORT).padEnd(MESSAGE_BYTES_MAX + 1))), null)
})

t.test('JSON is read up to the limit given, and what is none is undefined', async (t) => {
  t.same(parseJson(bytes('[1]'), 3), [1])
  t.equal(parseJson(bytes('[1]'), 2), undefined)
  t.equal(parseJson(bytes('[1'), 3), undefined)
  t.equal(parseJson(Uint8Array.of(0x22, 0xc3, 0x22), 3), undefined)
})

t.test('no bytes whatever make it throw, and what it takes is within range', async () => {
  const wild = fc.oneof(fc.jsonValue(), fc.double(), fc.maxSafeInteger(), fc.constantFrom(...ASPECTS))
  const broken = (sound: object) =>
    fc
      .record({ field: fc.constantFrom(...Object.keys(sound)), value: wild })
      .map(({ field, value }) => json({ ...sound, [field]: value }))
  const flipped = fc
    .tuple(fc.constantFrom(json(REPORT), json(COMMAND)), fc.nat(), fc.nat({ max: 255 }))
    .map(([sound, place, byte]) => sound.with(place % sound.length, byte))
  const payloads = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.json().map(bytes),
    broken(REPORT),
    broken(COMMAND),
    flipped,
  )
  const isTime = (ms: number) => Math.abs(ms) <= TIME_MS_MAX
  const isCount = (count: number, max: number) => Number.isSafeInteger(count) && count >= 0 && count <= max
  await fc.assert(
    fc.property(payloads, (payload) => {
      const parsed = parseReport(payload)
      const ordered = parseCommand(payload)
      const reportFits =
        parsed === null ||
        (isTime(parsed.now) && isTime(parsed.at) && isCount(parsed.run, RUN_MAX) && isCount(parsed.n, N_MAX))
      const green = ordered?.green
      const commandFits =
        ordered === null ||
        (isCount(ordered.run, RUN_MAX) &&
          ordered.run > 0 &&
          isCount(ordered.n, N_MAX) &&
          (green === undefined || [green.from, green.until, green.red].every(isTime)))
      return reportFits && commandFits
    }),
    { numRuns: 1000 },
  )
})
