import t from 'tap'
import { chained, isWell, jsonOf, linesOf, ok, runChecks, skipped, wrong } from '../../../src/doctor/finding.ts'

const CHECKS = [
  { name: 'one', run: () => ok('fine') },
  { name: 'two', run: async () => wrong('broken', 'mend it') },
  { name: 'three', run: () => skipped('not here') },
]

t.test('checks run in order, and each is told as soon as it is known', async (t) => {
  const told: string[] = []
  const findings = await runChecks(CHECKS, ({ name }) => told.push(name))
  t.same(told, ['one', 'two', 'three'])
  t.same(findings.map(linesOf), [
    ['ok       one                 fine'],
    ['wrong    two                 broken', '         fix:                mend it'],
    ['skipped  three               not here'],
  ])
  t.equal(isWell(findings), false)
  t.equal(isWell(findings.filter(({ name }) => name !== 'two')), true)
  t.same(JSON.parse(jsonOf(findings)), {
    ok: false,
    checks: [
      { name: 'one', ok: true, state: 'ok', detail: 'fine' },
      { name: 'two', ok: false, state: 'wrong', detail: 'broken', fix: 'mend it' },
      { name: 'three', ok: true, state: 'skipped', detail: 'not here' },
    ],
  })
})

t.test('a check that throws is wrong', async (t) => {
  const fail = () => {
    throw new Error('odd')
  }
  t.match(await runChecks([{ name: 'one', run: fail }], () => {}), [
    { state: 'wrong', detail: /could not be checked: odd/ },
  ])
})

t.test('in a chain nothing is checked that stands on what is wrong', async (t) => {
  const findings = await runChecks(
    chained([...CHECKS, { name: 'four', run: () => ok(`ran: ${t.fail('it ran')}`) }]),
    () => {},
  )
  t.match(findings, [
    { state: 'ok' },
    { state: 'wrong' },
    { state: 'skipped', detail: 'not before this is mended: two' },
    { state: 'skipped', detail: 'not before this is mended: two' },
  ])
})
