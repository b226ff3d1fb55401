import t from 'tap'
import { libraryFault } from '../../../src/clients/display/sense-hat-library.ts'
import {
  checkEmulator,
  checkGroup,
  checkHat,
  checkLibrary,
  checkRights,
  type EmulatorFacts,
  type HatFacts,
} from '../../../src/doctor/display-checks.ts'

const NO_HAT: HatFacts = {
  device: null,
  deviceFault: null,
  isWritable: false,
  group: null,
  user: 'pi',
  isInGroup: false,
  isListedInGroup: false,
  libraryFault: null,
}
const HAT: HatFacts = { ...NO_HAT, device: '/dev/fb1', isWritable: true, group: 'video', isInGroup: true }

t.test('without a HAT only a light that asks for one is wrong', async (t) => {
  t.match(checkHat(NO_HAT, 'auto'), { state: 'skipped' })
  t.match(checkHat(NO_HAT, 'sense-hat'), {
    state: 'wrong',
    detail: /^no Sense HAT was found$/,
    fix: /^push it on firmly/,
  })
  t.match(checkRights(NO_HAT), { state: 'skipped' })
  t.match(checkGroup(NO_HAT), { state: 'skipped' })
})

t.test('a HAT that works is well', async (t) => {
  t.same(checkHat(HAT, 'auto'), { state: 'ok', detail: '/dev/fb1' })
  for (const check of [checkRights, checkGroup]) t.match(check(HAT), { state: 'ok' })
  t.match(checkLibrary(HAT, 'auto'), { state: 'ok' })
})

t.test('something else in place of its device is wrong', async (t) => {
  const facts = { ...HAT, deviceFault: new Error('it is a plain file') }
  t.match(checkHat(facts, 'auto'), { state: 'wrong', detail: 'it is a plain file', fix: /^sudo rm \/dev\/fb1/ })
  const gone = { ...facts, group: null, isWritable: false }
  t.match(checkHat(gone, 'auto'), { state: 'wrong', fix: 'sudo reboot' })
  for (const check of [checkRights, checkGroup]) t.match(check(gone), { state: 'skipped' })
})

t.test('a user without the right is told the group, and one who was put into it lately to log in again', async (t) => {
  const facts = { ...HAT, isWritable: false, isInGroup: false }
  t.match(checkRights(facts), { state: 'wrong', fix: 'sudo usermod -aG video pi, then log in again' })
  t.match(checkGroup(facts), { state: 'wrong', fix: 'sudo usermod -aG video pi, then log in again' })
  t.match(checkGroup({ ...facts, isListedInGroup: true }), { state: 'wrong', fix: /^log out and in again/ })
  t.match(checkRights({ ...facts, isInGroup: true }), { state: 'wrong', fix: 'sudo chmod g+rw /dev/fb1' })
  for (const check of [checkRights, checkGroup]) {
    t.match(
      check({ ...facts, group: 'root' }),
      { fix: /^sudo chgrp video \/dev\/fb1 .*usermod -aG video pi/ },
      'never root',
    )
  }
})

t.test('what is missing of the library comes with its command', async (t) => {
  const missing = libraryFault(Object.assign(new Error('no'), { code: 'MODULE_NOT_FOUND' }))
  t.match(checkLibrary({ ...HAT, libraryFault: missing }, 'auto'), {
    state: 'wrong',
    detail: /not installed.* written to directly meanwhile$/,
    fix: 'sudo apt install g++ make python3, then npm ci',
  })
  t.match(checkLibrary({ ...NO_HAT, libraryFault: missing }, 'auto'), { state: 'skipped' })
  t.match(checkLibrary({ ...NO_HAT, libraryFault: missing }, 'sense-hat'), { state: 'wrong' })
})

t.test('the emulator', async (t) => {
  const open: EmulatorFacts = { isInstalled: true, isRunning: true, screen: '/dev/shm/screen', screenFault: null }
  t.match(checkEmulator(open, 'auto'), { state: 'ok' })
  t.match(checkEmulator({ ...open, isRunning: false }, 'auto'), { state: 'skipped' })
  t.match(checkEmulator({ ...open, isRunning: false }, 'emulator'), { state: 'wrong', fix: 'sense_emu_gui &' })
  t.match(checkEmulator({ ...open, isRunning: false, isInstalled: false }, 'emulator'), {
    state: 'wrong',
    fix: /^sudo apt install sense-emu-tools/,
  })
  t.match(checkEmulator({ ...open, screenFault: new Error('EACCES') }, 'auto'), {
    state: 'wrong',
    detail: /cannot be written to: EACCES/,
    fix: /^sudo chown/,
  })
})
