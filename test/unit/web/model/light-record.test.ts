import t from 'tap'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import {
  BARS_MAX,
  forgetOld,
  HISTORY_MS,
  hearCommand,
  hearReport,
  type LightRecord,
  loseSight,
  newLight,
  shownBy,
} from '../../../../src/web/model/light-record.ts'
import { AHEAD_MS, commandFor, reportAt } from '../../../fixtures/page-scene.ts'

const red = hearReport(newLight(0), reportAt(1000, 'red'), 1000)

t.test('a light of which nothing was heard shows nothing that is known', async (t) => {
  t.equal(shownBy(newLight(5)), 'unknown')
})

t.test('a change is drawn where the lamp stamped it, however late the report came', async (t) => {
  const late = hearReport(red, reportAt(2000, 'green'), 2700)
  const [fromMs, stampedMs] = [late.bars.at(-1)?.fromMs ?? 0, late.stampedMs ?? 0]
  t.ok(Math.abs(fromMs - 2000) < 5, `${fromMs}`)
  t.equal(stampedMs, fromMs)
})

t.test('the report that was least delayed says how the clocks stand', async (t) => {
  const slow = hearReport(newLight(0), reportAt(1000, 'red'), 1400)
  t.equal(slow.clock?.offsetMs, 400 - AHEAD_MS)
  const quick = hearReport(slow, reportAt(1200, 'red'), 1203)
  t.equal(quick.clock?.offsetMs, 3 - AHEAD_MS)
})

t.test('an old report, or a copy, changes nothing', async (t) => {
  const green = hearReport(red, reportAt(2000, 'green'), 2000)
  t.equal(hearReport(green, reportAt(1500, 'red'), 2100), green)
  t.equal(hearReport(green, reportAt(2000, 'red'), 2100), green)
})

t.test('another boot has a clock of its own', async (t) => {
  const other = hearReport(red, reportAt(90_000, 'red', { boot: 'boot-2' }), 2000)
  t.equal(other.clock?.boot, 'boot-2')
  t.equal(other.clock?.offsetMs, 2000 - 90_000 - AHEAD_MS)
})

t.test('what is asked for is drawn in page time; a renewal is the same, another green is not', async (t) => {
  const asked = hearCommand(red, commandFor(2000, 3500, 4500))
  t.strictSame(asked.intents, [{ boot: 'boot-1', fromMs: 2000, untilMs: 3500, redMs: 4500 }])
  const renewed = hearCommand(asked, commandFor(2001, 3600, 4600))
  t.equal(renewed.intents.length, 1)
  t.match(renewed.intents, [{ untilMs: 3600 }])
  t.equal(hearCommand(renewed, commandFor(8000, 9000, 9500)).intents.length, 2)
})

t.test('a command to another boot, one without an interval and one of red alone ask for nothing', async (t) => {
  t.equal(hearCommand(red, commandFor(2000, 3500, 4500, 'boot-0')), red)
  t.equal(hearCommand(red, { boot: 'boot-1', run: 1, n: 2 }), red)
  t.equal(hearCommand(red, commandFor(0, 0, 0)), red)
})

t.test('lateness is measured in the lamp’s own clock, whatever the network did', async (t) => {
  let light = hearCommand(red, commandFor(2000, 3500, 4500))
  light = hearReport(light, reportAt(2003, 'green'), 2900)
  t.equal(light.lateMs, 3)
  light = hearReport(light, reportAt(3501, 'amber'), 3600)
  t.equal(light.lateMs, 1)
  light = hearReport(light, reportAt(4499.5, 'red'), 4600)
  t.equal(light.lateMs, -0.5)
  light = hearReport(light, reportAt(5000, 'flashing-red'), 5000)
  t.equal(light.lateMs, null)
})

t.test('a light that is lost is unknown from its last stamp on', async (t) => {
  const lost = loseSight(hearReport(red, reportAt(2000, 'red'), 2000))
  t.equal(shownBy(lost), 'unknown')
  t.ok(Math.abs((lost.bars.at(-1)?.fromMs ?? 0) - 2000) < 5)
  t.equal(loseSight(lost), lost)
})

t.test('10,000 changes are no more to keep than what the diagram shows', async (t) => {
  let light: LightRecord = red
  for (let index = 0; index < 10_000; index++) {
    const atMs = 2000 + index * 10
    light = hearReport(light, reportAt(atMs, index % 2 === 0 ? 'green' : 'red'), atMs)
    light = hearCommand(light, commandFor(atMs + 5, atMs + 6, atMs + 7))
  }
  t.ok(light.bars.length <= BARS_MAX, `${light.bars.length} bars`)
  t.ok(light.intents.length <= BARS_MAX, `${light.intents.length} intents`)
})

t.test('what is older than the diagram is forgotten, and what lasts is not', async (t) => {
  const green = hearReport(hearCommand(red, commandFor(1500, 1800, 1900)), reportAt(2000, 'green'), 2000)
  const later = forgetOld(green, 2000 + HISTORY_MS + 100)
  t.strictSame(
    later.bars.map(({ shown }) => shown),
    ['green'],
  )
  t.strictSame(later.intents, [])
  t.equal(forgetOld(later, 3000 + HISTORY_MS), later)
})

t.test('times of a lamp and of the page are never mixed', async (t) => {
  const report = reportAt(1000, 'red')
  t.equal(report.now, lightTime(1000 + AHEAD_MS))
})
