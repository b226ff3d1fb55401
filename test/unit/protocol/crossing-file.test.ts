import { join } from 'node:path'
import { Readable } from 'node:stream'
import t, { type Test } from 'tap'
import { CrossingError } from '../../../src/platform/errors.ts'
import { DEMO_CROSSING } from '../../../src/protocol/crossing.ts'
import { crossingOf, readCrossing } from '../../../src/protocol/crossing-file.ts'
import { FILE_BYTES_MAX } from '../../../src/protocol/limits.ts'
import { ROOT } from '../../fixtures/root.ts'

const DEMO = JSON.stringify(DEMO_CROSSING.file, null, 2)

const fileOf = (t: Test, content: string | Buffer): string => join(t.testdir({ 'x.json': content }), 'x.json')

async function refusal(t: Test, path: string): Promise<string> {
  try {
    await readCrossing(path)
  } catch (error) {
    if (!(error instanceof CrossingError)) throw error
    t.equal(error.code, 'configuration')
    t.ok(error.message.startsWith(`${path}: `), error.message)
    return error.message.slice(path.length + 2)
  }
  t.fail('this must be refused')
  return ''
}

t.test('a file gives its crossing', async (t) => {
  t.strictSame(await readCrossing(fileOf(t, DEMO)), DEMO_CROSSING)
})

t.test('a byte order mark and CRLF line ends do no harm', async (t) => {
  t.equal((await readCrossing(fileOf(t, `\ufeff${DEMO.replaceAll('\n', '\r\n')}`))).digest, DEMO_CROSSING.digest)
})

t.test('a file of the greatest length is read', async (t) => {
  t.equal((await readCrossing(fileOf(t, DEMO.padEnd(FILE_BYTES_MAX)))).digest, DEMO_CROSSING.digest)
})

t.test('a longer file is refused', async (t) => {
  t.match(await refusal(t, fileOf(t, DEMO.padEnd(FILE_BYTES_MAX + 1))), `longer than ${FILE_BYTES_MAX} bytes`)
})

t.test('a file without end is refused', async (t) => {
  t.match(await refusal(t, '/dev/zero'), 'longer than')
})

t.test('a missing file is told', async (t) => {
  t.match(await refusal(t, join(t.testdir(), 'none.json')), 'no such file')
})

t.test('a directory is told', async (t) => {
  t.match(await refusal(t, t.testdir()), 'directory')
})

t.test('a file that may not be read is told', async (t) => {
  const refused = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  // Root may read everything, so the file system is one that refuses.
  const module = await t.mockImport<typeof import('../../../src/protocol/crossing-file.ts')>(
    join(ROOT, 'dist/protocol/crossing-file.js'),
    {
      'node:fs': {
        createReadStream: () =>
          new Readable({
            read() {
              this.destroy(refused)
            },
          }),
      },
    },
  )
  await t.rejects(module.readCrossing('x.json'), {
    code: 'configuration',
    message: /^x.json: this user may not read it/,
  })
})

t.test('any other trouble is told in the words of the system', async (t) => {
  t.match(await refusal(t, join(fileOf(t, DEMO), 'below')), /cannot be read: .*ENOTDIR/)
})

t.test('bytes that are not UTF-8 are told', async (t) => {
  t.match(await refusal(t, fileOf(t, Buffer.from([0x7b, 0xff, 0x7d]))), 'UTF-8')
})

t.test('text that is not JSON is told with its line and column', async (t) => {
  t.match(
    await refusal(t, fileOf(t, DEMO.replace('"demo",', '"demo"'))),
    'line 3, column 3: not JSON: expected a comma or }',
  )
  t.match(await refusal(t, fileOf(t, '')), 'line 1, column 1')
})

t.test('JSON that is no sound crossing is told with the field', async (t) => {
  t.match(
    await refusal(t, fileOf(t, DEMO.replace('"amberSeconds": 1,', '"amberSeconds": 1e999,'))),
    'amberSeconds is Infinity',
  )
  t.match(await refusal(t, fileOf(t, '['.repeat(30_000) + ']'.repeat(30_000))), 'the content is a list of 1')
})

t.test('an option that was not given means the built-in demo, one that was given its file', async (t) => {
  t.equal(await crossingOf(undefined), DEMO_CROSSING)
  t.equal((await crossingOf(fileOf(t, DEMO.replace('"demo"', '"other"')))).name, 'other')
  await t.rejects(crossingOf(''), { code: 'configuration' })
})
