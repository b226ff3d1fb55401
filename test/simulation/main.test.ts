import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand } from '../../src/platform/command.ts'
import { command } from '../../src/simulation/main.ts'
import { MUTANTS } from '../../src/simulation/mutants.ts'
import { ROOT } from '../fixtures/root.ts'
import '../fixtures/background.ts'

/** Runs `crossing simulate …`: its exit code, and what it wrote to stdout and stderr. */
async function simulate(t: Test, ...argv: string[]) {
  const log = t.capture(console, 'log')
  const err = t.capture(process.stderr, 'write', () => true)
  const code = await runCommand('simulate', command, argv)
  const text = (calls: readonly { readonly args: readonly unknown[] }[]) =>
    calls.map(({ args }) => args.join(' ')).join('\n')
  const result = { code, out: text(log()), err: text(err()) }
  for (const capture of [log, err]) capture.restore()
  return result
}

t.test('episodes without a violation: one line of summary, exit code 0', async (t) => {
  const { code, out } = await simulate(t, '--episodes', '2', '--from', '3')
  t.equal(code, 0)
  t.match(out, /^2 episodes, \d+\.\d simulated hours in \d+\.\d s \(\d+ times real time\), 0 violations$/)
})

t.test('a violation: its events, a row for each light, the seed, a command that replays it, exit code 1', async (t) => {
  const { code, out } = await simulate(t, '--mutant', 'C6')
  t.equal(code, 1)
  t.match(out, /^light1 \|[ ./Gax]{100}\|$/m)
  t.match(out, /^light2 \|[ ./Gax]{100}\|$/m)
  t.match(out, /^conflict: light\d and light\d are both non-red$/m)
  t.match(out, /shows green, which controller\d gave it until \d+\.\d{3} s$/m)
  t.match(out, /^conflicts: light1-light2/m, 'what the crossing is like')
  t.match(out, /^without C6: reports of another crossing file are believed/m, 'and what was left out')
  t.match(out.split('\n').at(-1), /, 1 violation$/)
  const replay = /crossing simulate (--from (\d+) --episodes 1 --mutant '(.*)')$/m.exec(out)
  const again = await simulate(t, '--from', replay?.[2] ?? '', '--episodes', '1', '--mutant', replay?.[3] ?? '')
  const withoutSummary = (text: string): string[] => text.split('\n').slice(0, -1)
  t.strictSame(withoutSummary(again.out), withoutSummary(out))
})

t.test("on a crossing of one's own", async (t) => {
  const file = join(ROOT, 'crossings/uk-two-way.json')
  const { code, out } = await simulate(t, '--episodes', '2', '--crossing', file)
  t.equal(code, 0, out)
  const found = await simulate(t, '--mutant', 'G5 red', '--crossing', file)
  t.match(found.out, /^high-street +\|/m)
  t.ok(found.out.includes(` --mutant 'G5 red' --crossing ${file}\n`))
})

t.test('--mutants lists all', async (t) => {
  const { code, out } = await simulate(t, '--mutants')
  t.equal(code, 0)
  t.equal(out.split('\n').length, MUTANTS.length)
})

t.test('what cannot be: exit code 2, and a file that is not there: 78', async (t) => {
  for (const argv of [
    ['--mutant', 'L7'],
    ['--episodes', '0'],
    ['--from', '-1'],
    ['--episodes', 'many'],
    ['--seed', '1'],
    ['surplus'],
  ]) {
    const { code, out } = await simulate(t, ...argv)
    t.equal(code, 2, argv.join(' '))
    t.equal(out, '')
  }
  t.equal((await simulate(t, '--crossing', 'nowhere.json')).code, 78)
})

t.test('on a terminal a bar shows how far it is', async (t) => {
  const isTTY = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY')
  Object.defineProperty(process.stderr, 'isTTY', { value: true, configurable: true })
  t.teardown(() => Object.defineProperty(process.stderr, 'isTTY', isTTY ?? { value: undefined, configurable: true }))
  const { err } = await simulate(t, '--episodes', '3')
  t.match(err, /\r\[#* *\] \d\/3 \d+\.\d h/)
})
