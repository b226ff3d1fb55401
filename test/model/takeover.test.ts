/** The model of takeovers, checked to its last state; test/model/README.md says what is in it. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { needs } from '../fixtures/needs.ts'
import { ROOT } from '../fixtures/root.ts'
import '../fixtures/background.ts'

const SCRIPT = join(ROOT, 'test/model/check.sh')

/** Two boots of each light, so that it takes no time; more by hand. */
const SIZE = '-DNB=2'

function check(...definitions: string[]): { status: number | null; text: string } {
  const env = { ...process.env, CFLAGS: '-O0' }
  const { status, stdout, stderr } = spawnSync(SCRIPT, [SIZE, ...definitions], { encoding: 'utf8', env })
  return { status, text: `${stdout}${stderr}` }
}

t.test('two controllers and lights that restart never make both lights non-red', async (t) => {
  if (!(needs(t, 'spin') && needs(t, 'gcc'))) return
  const { status, text } = check()
  t.equal(status, 0, text)
  t.match(text, /107510 states, stored/, 'the README gives the number of states')
})

for (const [left, rule] of [
  ['NORUNORDER', 'the order of runs (L2)'],
  ['NOBUSY', 'that a busy light keeps its run (L2)'],
  ['NOBOOT', 'boots (L1)'],
  ['NOHAND', 'the echo since the last adoption (G1)'],
] as const) {
  t.test(`without ${rule} the model finds both lights non-red`, async (t) => {
    if (!(needs(t, 'spin') && needs(t, 'gcc'))) return
    const { status, text } = check(`-D${left}`)
    t.equal(status, 1, text)
  })
}
