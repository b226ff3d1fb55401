import t from 'tap'
import {
  checkClockSteps,
  checkDisk,
  checkLoopDelay,
  checkNode,
  checkSlewRate,
} from '../../../src/doctor/machine-checks.ts'

t.test('Node.js is new enough', async (t) => {
  t.match(checkNode('20.0.0'), { state: 'ok' })
  t.match(checkNode('100.1.0'), { state: 'ok' })
  t.match(checkNode('18.20.4'), { state: 'wrong', detail: /18.20.4, and 20 or newer/, fix: /nvm install/ })
})

t.test('the wall clock is not stepped, and will not be', async (t) => {
  t.match(checkClockSteps({ movedMs: 200, isSynchronized: true }), { state: 'ok' })
  t.match(checkClockSteps({ movedMs: -3, isSynchronized: null }), { state: 'ok' })
  t.match(checkClockSteps({ movedMs: 201, isSynchronized: true }), { state: 'wrong', detail: /stepped by 201 ms/ })
  t.match(checkClockSteps({ movedMs: -5000, isSynchronized: null }), { state: 'wrong', fix: /^timedatectl/ })
  t.match(checkClockSteps({ movedMs: 0, isSynchronized: false }), { state: 'wrong', fix: /set-ntp true/ })
})

t.test('chrony slews no faster than the protocol stands', async (t) => {
  t.match(checkSlewRate(null), { state: 'skipped' })
  t.match(checkSlewRate('pool pool.ntp.org\nmaxslewrate 500\n'), { state: 'ok' })
  t.match(checkSlewRate('maxslewrate 1000\n  MaxSlewRate 100'), { state: 'ok' }, 'the last one counts')
  t.match(checkSlewRate('maxslewrate 501'), { state: 'wrong', fix: /maxslewrate 500/ })
  for (const unset of ['', '# maxslewrate 500', 'maxslewrate fast']) {
    t.match(checkSlewRate(unset), { state: 'wrong', fix: /systemctl restart chrony$/ }, unset)
  }
})

t.test('timers come in time', async (t) => {
  t.match(checkLoopDelay(80), { state: 'ok', detail: /80 ms late/ })
  t.match(checkLoopDelay(81), { state: 'wrong', fix: /^top/ })
})

t.test('there is room on the disk', async (t) => {
  const MB = 1024 * 1024
  t.match(checkDisk({ folder: '/x', freeBytes: 100 * MB }), { state: 'ok', detail: '100 MB free in /x' })
  t.match(checkDisk({ folder: '/x', freeBytes: 100 * MB - 1 }), { state: 'wrong', fix: /sudo/ })
})
