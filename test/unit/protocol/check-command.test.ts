import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseCall, runCommand } from '../../../src/platform/command.ts'
import { command, describeCrossing } from '../../../src/protocol/check-command.ts'
import { DEMO_CROSSING, parseCrossing } from '../../../src/protocol/crossing.ts'
import { ROOT } from '../../fixtures/root.ts'

const shipped = (name: string): string => join(ROOT, 'crossings', name)

/** Runs `crossing check …`: its exit code, and what it wrote to stdout and stderr. */
async function check(t: Test, ...argv: string[]) {
  const out = t.capture(console, 'log')
  const help = t.capture(process.stdout, 'write', () => true)
  const err = t.capture(process.stderr, 'write', () => true)
  const code = await runCommand('check', command, argv)
  const text = (calls: readonly { readonly args: readonly unknown[] }[]) =>
    calls.map(({ args }) => args.join(' ')).join('\n')
  const result = { code, out: text(out()), help: text(help()), err: text(err()) }
  for (const capture of [out, help, err]) capture.restore()
  return result
}

t.test('a sound file: its name, lights, stages, cycle and digest on stdout, and exit code 0', async (t) => {
  const { code, out, err } = await check(t, shipped('uk-two-way.json'))
  t.equal(code, 0)
  t.equal(err, '')
  t.match(out.split('\n'), [
    'crossing: uk-two-way',
    'lights: high-street, station-road',
    'stage 1: High Street: high-street, green 20 s',
    'stage 2: Station Road: station-road, green 12 s',
    'between stages: amber 3 s, all red 2 s, red and amber 2 s',
    'cycle: 46 s',
    /^digest: [0-9a-f]{64}$/,
  ])
  t.notMatch(out, 'warning')
})

t.test('times that are not those of roads give warnings, and exit code 0 all the same', async (t) => {
  const { code, out } = await check(t, shipped('demo.json'))
  t.equal(code, 0)
  t.match(out, `digest: ${DEMO_CROSSING.digest}`)
  t.match(out.split('\n').slice(-2), [/^warning: amberSeconds is 1/, /^warning: constants is "demo"/])
})

t.test('the crossings shipped for roads give no warning', async (t) => {
  for (const name of ['uk-two-way.json', 'us-two-way.json', 'four-arm.json']) {
    const { code, out } = await check(t, shipped(name))
    t.equal(code, 0)
    t.notMatch(out, 'warning', name)
  }
})

t.test('a file that is not sound: the mistakes on stderr, nothing on stdout, and exit code 78', async (t) => {
  const path = join(t.testdir({ 'x.json': JSON.stringify({ ...DEMO_CROSSING.file, allRedSeconds: 0.1 }) }), 'x.json')
  const { code, out, err } = await check(t, path)
  t.equal(code, 78)
  t.equal(out, '')
  t.match(err, `crossing check: ${path}: allRedSeconds is 0.1`)
})

t.test('a missing file: exit code 78', async (t) => {
  t.match(await check(t, join(t.testdir(), 'none.json')), { code: 78, out: '', err: /no such file/ })
})

t.test('no file, an empty name, two files or an unknown option: exit code 2', async (t) => {
  for (const argv of [[], [''], ['a', 'b'], ['--fast', 'a']])
    t.match(await check(t, ...argv), { code: 2, out: '' }, { argv })
})

t.test('--help says what it does and its exit codes', async (t) => {
  t.match(await check(t, '--help'), { code: 0, help: /^Usage: crossing check FILE.*78 it is not/s })
})

t.test('a cycle is as long as the controller makes it', async (t) => {
  const cycleOf = (file: object) => describeCrossing(parseCrossing(file, 'x')).find((line) => line.startsWith('cycle'))
  const { file } = DEMO_CROSSING
  t.equal(cycleOf(file), 'cycle: 6 s')
  t.equal(cycleOf({ ...file, redAmberSeconds: 1 }), 'cycle: 8 s')
  const together = {
    compatible: [['light1', 'light2']],
    stages: [{ name: 'all', green: ['light1', 'light2'], seconds: 2 }],
  }
  t.equal(cycleOf({ ...file, ...together }), 'cycle: 4.1 s', 'with aheadMs for lights that are never red otherwise')
})

t.test('an empty FILE is refused by the command itself', async (t) => {
  const call = parseCall(command, [''], {})
  if (call === 'help') throw new Error('not help')
  await t.rejects(command.run(call), { code: 'usage' })
})
