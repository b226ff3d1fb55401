import { join } from 'node:path'
import t from 'tap'
import { ENDLESS } from '../../../../src/clients/display/display.ts'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { findFramebuffer } from '../../../../src/clients/display/framebuffer.ts'
import { openDisplay } from '../../../../src/clients/display/open.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { needs, SENSE_HAT_RIG } from '../../../fixtures/needs.ts'

t.test('on a machine with a HAT', async (t) => {
  if (!needs(t, 'a Sense HAT to make')) return
  const tests = join(import.meta.dirname, '../../../fixtures/sense-hat-tests.js')
  await t.spawn('sh', [SENSE_HAT_RIG, process.execPath, ...process.execArgv, tests], {}, 'the real sense-hat-led')
})

t.test('on a machine without one that is said, and what to do', async (t) => {
  if (findFramebuffer() !== null) return
  const faults: unknown[] = []
  const display = openDisplay('sense-hat', {
    light: 'light1',
    clock: systemClock,
    onFault: (error) => faults.push(error),
  })
  for (let frame = 0; frame < 3; frame++) display.show(frameOf('red', true), ENDLESS)
  t.match(faults, [{ code: 'failed', message: /^no Sense HAT was found: push it on firmly and restart the Pi/ }])
  t.equal(display.works?.(), false)
  display.close()
})
