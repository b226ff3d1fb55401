import t from 'tap'
import { ENDLESS } from '../../../../src/clients/display/display.ts'
import { frameOf, type Rgb } from '../../../../src/clients/display/frame.ts'
import { namePixels, SCROLL_MS } from '../../../../src/clients/display/name-frame.ts'
import { LOOK_MS, openPanel } from '../../../../src/clients/display/panel.ts'
import { PLAIN_STYLE } from '../../../../src/clients/display/panel-style.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

function rig() {
  const clock = new ManualClock()
  const written: (readonly Rgb[])[] = []
  const faults: unknown[] = []
  const device = { fault: null as Error | null, looks: 0 }
  const meet = (): void => {
    if (device.fault !== null) throw device.fault
  }
  const panel = openPanel(
    {
      kind: 'odd',
      write(pixels) {
        meet()
        written.push(pixels)
      },
      check() {
        device.looks++
        meet()
      },
    },
    { light: 'light1', clock, onFault: (error) => faults.push(error), style: PLAIN_STYLE },
  )
  return { clock, written, faults, device, panel }
}

t.test('a panel is seen to work, which is looked at ten times a second at most', async (t) => {
  const { clock, panel, device } = rig()
  t.equal(panel.works?.(), true, 'before anything was shown')
  panel.show(frameOf('green', true), ENDLESS)
  for (let ms = 0; ms < 1000; ms += 20) {
    t.equal(panel.works?.(), true)
    clock.advance(20)
  }
  t.equal(device.looks, Math.floor(980 / LOOK_MS))
})

t.test('a panel that is gone is told of at once, and shows the newest frame when it is back', async (t) => {
  const { clock, panel, device, faults, written } = rig()
  panel.show(frameOf('green', true), ENDLESS)
  device.fault = new Error('gone')
  clock.advance(LOOK_MS)
  t.equal(panel.works?.(), false)
  t.same(faults, [device.fault])
  panel.show(frameOf('red', true), ENDLESS)
  clock.advance(LOOK_MS)
  t.equal(panel.works?.(), false)
  t.equal(faults.length, 1)
  device.fault = null
  t.equal(panel.works?.(), false, 'it is not tried at every question')
  clock.advance(LOOK_MS)
  t.equal(panel.works?.(), true)
  t.same(written, [frameOf('green', true).pixels, frameOf('red', true).pixels])
  device.fault = new Error('gone')
  clock.advance(LOOK_MS)
  panel.works?.()
  t.equal(faults.length, 2, 'the same fault is news after it worked')
})

t.test('a frame that could not be written is a fault at once', async (t) => {
  const { panel, device, faults } = rig()
  device.fault = new Error('EIO')
  panel.show(frameOf('green', true), ENDLESS)
  t.same([faults.length, panel.works?.()], [1, false])
})

t.test('the name runs in place of red until the controller was heard, and in place of nothing else', async (t) => {
  const { clock, panel, written } = rig()
  const nameNow = () => namePixels('light1', clock.monotonicMs())
  panel.show(frameOf('red', true), { endsAtMs: null, heard: false })
  t.same(written.at(-1), nameNow())
  clock.advance(3 * SCROLL_MS)
  t.equal(written.length, 4)
  t.same(written.at(-1), nameNow())
  panel.show(frameOf('amber', true), { endsAtMs: null, heard: false })
  t.same(written.at(-1), frameOf('amber', true).pixels)
  panel.show(frameOf('flashing-red', false), { endsAtMs: null, heard: false })
  t.same(written.at(-1), nameNow())
  panel.show(frameOf('red', true), ENDLESS)
  t.same(written.at(-1), frameOf('red', true).pixels)
  const before = written.length
  clock.advance(10 * SCROLL_MS)
  t.equal(written.length, before, 'another process may paint now')
})

t.test('a closed panel leaves everything alone', async (t) => {
  const { clock, panel, written, device } = rig()
  panel.show(frameOf('red', true), { endsAtMs: null, heard: false })
  panel.close()
  panel.close()
  panel.show(frameOf('green', true), ENDLESS)
  clock.advance(1000)
  panel.works?.()
  t.same([written.length, device.looks, clock.delays.length], [1, 0, 0])
})
