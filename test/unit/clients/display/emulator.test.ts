import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ENDLESS } from '../../../../src/clients/display/display.ts'
import { isEmulatorRunning, openEmulator, screenFile } from '../../../../src/clients/display/emulator.ts'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { LOOK_MS } from '../../../../src/clients/display/panel.ts'
import { PLAIN_STYLE } from '../../../../src/clients/display/panel-style.ts'
import { rgb565 } from '../../../../src/clients/display/rgb565.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { displayContract } from '../../../fixtures/display-contract.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { panelReader, panelShows } from '../../../fixtures/panel-reader.ts'

const GAMMA = '0000000000000101020203030405060708090a0b0c0e0f1112141517191b1d1f'
const SCREEN_BYTES = 160

t.test('keeps the contract of displays', async (t) => {
  displayContract(t, async (t) => {
    const folder = t.testdir({})
    return {
      open: (onFault) => openEmulator({ light: 'light1', clock: systemClock, onFault, style: PLAIN_STYLE, folder }),
      // A file never goes away but by force: a folder in its place is as good.
      reader: panelReader(screenFile(folder), () => {
        fs.rmSync(screenFile(folder), { force: true })
        fs.mkdirSync(screenFile(folder))
      }),
      shows: panelShows,
      framesToFill: 100,
      elsewhere: null,
    }
  })
})

function rig(t: Test, folder: string = t.testdir({})) {
  const clock = new ManualClock()
  const faults: unknown[] = []
  const onFault = (error: unknown): void => void faults.push(error)
  const display = openEmulator({ light: 'light1', clock, onFault, style: PLAIN_STYLE, folder })
  t.teardown(() => display.close())
  const file = screenFile(folder)
  return { clock, faults, display, folder, file, bytes: () => fs.readFileSync(file) }
}

const GREEN = rgb565(frameOf('green', true).pixels)

t.test(
  'a screen that is not there yet is made whole, with the emulator’s gamma, for a window of any user',
  async (t) => {
    const { display, file, bytes } = rig(t)
    display.show(frameOf('green', true), ENDLESS)
    t.equal(bytes().length, SCREEN_BYTES)
    t.ok(bytes().subarray(0, 128).equals(GREEN))
    t.equal(bytes().subarray(128).toString('hex'), GAMMA)
    t.equal(fs.statSync(file).mode & 0o777, 0o666)
  },
)

t.test('a screen that a window maps is neither replaced nor made shorter, nor its gamma changed', async (t) => {
  const gamma = Buffer.alloc(32, 7)
  const folder = t.testdir({ 'rpi-sense-emu-screen': '' })
  fs.writeFileSync(screenFile(folder), Buffer.concat([Buffer.alloc(128), gamma, Buffer.from('more')]))
  const { display, file, bytes } = rig(t, folder)
  const { ino } = fs.statSync(file)
  const sizes = new Set<number>()
  for (const aspect of ['red', 'green', 'amber', 'green'] as const) {
    display.show(frameOf(aspect, true), ENDLESS)
    sizes.add(fs.statSync(file).size)
  }
  t.same([...sizes], [164])
  t.equal(fs.statSync(file).ino, ino)
  t.ok(bytes().subarray(0, 128).equals(GREEN))
  t.ok(bytes().subarray(128, 160).equals(gamma))
})

t.test('a screen without gamma, or too short for one, is given it', async (t) => {
  for (const length of [0, 128, 140, 160]) {
    const folder = t.testdir({ 'rpi-sense-emu-screen': '' })
    fs.writeFileSync(screenFile(folder), Buffer.alloc(length))
    const { display, bytes } = rig(t, folder)
    display.show(frameOf('green', true), ENDLESS)
    t.equal(bytes().subarray(128).toString('hex'), GAMMA, `${length} bytes`)
  }
})

t.test('a window that opens later, with a screen of its own, comes to show the light', async (t) => {
  const { display, clock, file, bytes, faults } = rig(t)
  display.show(frameOf('green', true), ENDLESS)
  for (const become of [
    () => fs.rmSync(file),
    () => {
      fs.rmSync(file)
      fs.writeFileSync(file, Buffer.alloc(SCREEN_BYTES))
    },
  ]) {
    become()
    for (let ms = 0; ms <= 2 * LOOK_MS; ms += 20) {
      t.equal(display.works?.(), true)
      clock.advance(20)
    }
    t.ok(bytes().subarray(0, 128).equals(GREEN))
  }
  t.same(faults, [])
})

t.test('a screen that cannot be written to is a fault that says what to do, and over when it can', async (t) => {
  const { display, clock, file, faults } = rig(t)
  fs.mkdirSync(file)
  display.show(frameOf('red', true), ENDLESS)
  t.match(faults, [{ message: /screen .*cannot be written to .*: run the emulator and this light as the same user/ }])
  t.equal(display.works?.(), false)
  fs.rmdirSync(file)
  clock.advance(LOOK_MS)
  t.equal(display.works?.(), true)
})

t.test('a link in place of the screen is not followed', async (t) => {
  const folder = t.testdir({ precious: 'something' })
  fs.symlinkSync(join(folder, 'precious'), screenFile(folder))
  const { display, faults } = rig(t, folder)
  display.show(frameOf('red', true), ENDLESS)
  t.equal(faults.length, 1)
  t.equal(fs.readFileSync(join(folder, 'precious'), 'utf8'), 'something')
})

t.test('the window is open while the process lives that its file names', async (t) => {
  const folder = t.testdir({})
  const file = join(folder, 'rpi-sense-emu-pid')
  t.equal(isEmulatorRunning(folder), false)
  fs.writeFileSync(file, `${process.pid}\n`)
  t.equal(isEmulatorRunning(folder), true)
  for (const stale of ['999999999', '', '..', '-1', 'self']) {
    fs.writeFileSync(file, stale)
    t.equal(isEmulatorRunning(folder), false, `'${stale}'`)
  }
})
