import t from 'tap'
import { deviceOf, openDisplay, parseDisplay } from '../../../../src/clients/display/open.ts'
import { systemClock } from '../../../../src/platform/clock.ts'

t.test('a display is opened by its name', async (t) => {
  const options = { light: 'light1', clock: systemClock, onFault: (error: unknown) => t.error(error) }
  for (const [name, kind] of [
    ['sense-hat', 'sense-hat'],
    ['emulator', 'emulator'],
    ['terminal', 'terminal'],
    ['none', 'none'],
    ['frames:3', 'frames'],
  ] as const) {
    const display = openDisplay(name, options)
    t.equal(display.kind, kind)
    display.close()
  }
})

t.test('the name of frames says the descriptor', async (t) => {
  t.same(parseDisplay('frames:12'), { kind: 'frames', fd: 12 })
})

t.test('an unknown name is refused with those that are known', async (t) => {
  for (const name of [
    '',
    'Terminal',
    'frames',
    'frames:',
    'frames:-1',
    'frames:x',
    'frames:3 ',
    'frames:12345',
    'sense',
    'auto',
  ]) {
    t.throws(
      () => parseDisplay(name),
      { code: 'usage', message: /expected auto, sense-hat, emulator, terminal or none$/ },
      `'${name}'`,
    )
  }
})

t.test('what no two lights can paint is one device, whoever opens it', async (t) => {
  t.same(['sense-hat', 'terminal', 'none', 'frames:3'].map(deviceOf), ['sense-hat', null, null, null])
  t.match(deviceOf('emulator'), /rpi-sense-emu-screen$/)
})
