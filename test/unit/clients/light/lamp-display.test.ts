import { existsSync } from 'node:fs'
import t from 'tap'
import { ENDLESS } from '../../../../src/clients/display/display.ts'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { openLampDisplay } from '../../../../src/clients/light/lamp-display.ts'
import { systemClock } from '../../../../src/platform/clock.ts'

t.test('what cannot be written to is named, and told once', { skip: !existsSync('/dev/full') }, async (t) => {
  const faults: unknown[] = []
  const trace = { file: '/dev/full', light: 'light1' }
  const display = openLampDisplay(
    { light: 'light1', display: 'frames:9999', trace },
    { clock: systemClock, onFault: (error) => faults.push(error), successor: false },
  )
  t.teardown(() => display.close())
  for (let frame = 0; frame < 3; frame++) display.show(frameOf('red', true), ENDLESS)
  t.match(faults, [
    { code: 'failed', message: /^the trace \/dev\/full cannot be written to \(ENOSPC.*: mend that, or choose another/ },
    { code: 'failed', message: /^--display frames:9999 cannot be written to \(EBADF/ },
  ])
  t.equal(faults.length, 2)
})
