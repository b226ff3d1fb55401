import t from 'tap'
import { chooseDisplay, displayFacts } from '../../../../src/clients/display/choose.ts'

const NOTHING = { framebuffer: null, isWritable: false, isEmulatorRunning: false }

t.test('the first of a Sense HAT, its emulator and the terminal, and why not those before', async (t) => {
  t.same(chooseDisplay({ framebuffer: '/dev/fb1', isWritable: true, isEmulatorRunning: true }), {
    display: 'sense-hat',
    whyNot: {},
  })
  t.match(chooseDisplay({ ...NOTHING, isEmulatorRunning: true }), {
    display: 'emulator',
    whyNot: { 'sense-hat': /^no Sense HAT was found/ },
  })
  t.match(chooseDisplay(NOTHING), {
    display: 'terminal',
    whyNot: { 'sense-hat': /^no Sense HAT was found/, emulator: /does not run: open its window first/ },
  })
})

t.test('a HAT that this user may not write to is passed over, and how that is mended is said', async (t) => {
  t.match(chooseDisplay({ ...NOTHING, framebuffer: '/dev/fb1' }), {
    display: 'terminal',
    whyNot: { 'sense-hat': /may not write to \/dev\/fb1: sudo usermod -aG video/ },
  })
})

t.test('the facts are those of this machine', async (t) => {
  const { framebuffer, isWritable } = displayFacts()
  t.ok(framebuffer !== null || !isWritable)
})
