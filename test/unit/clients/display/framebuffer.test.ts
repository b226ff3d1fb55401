import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { findFramebuffer, identify, writeBytes, writeChecked } from '../../../../src/clients/display/framebuffer.ts'

const HAT = 'RPi-Sense FB\n'

/** Folders in place of /sys/class/graphics and /dev. */
function places(t: Test, listed: Record<string, string>, devices: Record<string, string> = {}) {
  const graphics = Object.fromEntries(Object.entries(listed).map(([name, text]) => [name, { name: text }]))
  const folder = t.testdir({ graphics, devices })
  return { graphics: join(folder, 'graphics'), devices: join(folder, 'devices') }
}

/** A framebuffer that is a plain file, of which its listing says nothing else. */
function made(t: Test) {
  const framebuffer = findFramebuffer(places(t, { fb1: HAT }, { fb1: '' }))
  if (framebuffer === null) throw new Error('it was made')
  return framebuffer
}

t.test('it is found by its name, whatever its number', async (t) => {
  const found = (listed: Record<string, string>) => findFramebuffer(places(t, listed))?.path.split('/').at(-1) ?? null
  t.equal(found({ fb0: 'vc4drmfb\n', fb1: HAT }), 'fb1')
  t.equal(found({ fb0: HAT, fb1: 'vc4drmfb\n' }), 'fb0')
  t.equal(found({ fb0: 'vc4drmfb\n', fb12: HAT }), 'fb12')
  t.equal(found({ fb0: 'vc4drmfb\n' }), null)
  t.equal(found({ fbcon: HAT }), null)
  t.equal(findFramebuffer({ graphics: '/no/such/folder', devices: '/dev' }), null)
})

t.test('a device that is not there is never created', async (t) => {
  const framebuffer = made(t)
  fs.rmSync(framebuffer.path)
  t.throws(() => writeChecked(framebuffer, () => t.fail('written')), { message: /the Sense HAT is gone/ })
  t.throws(() => writeBytes(framebuffer, Buffer.alloc(128)), { code: 'ENOENT' })
  t.notOk(fs.existsSync(framebuffer.path))
})

t.test('a HAT that the kernel does not list any more is gone, whatever stands in /dev', async (t) => {
  const framebuffer = made(t)
  fs.writeFileSync(join(framebuffer.listing, 'name'), 'vc4drmfb\n')
  t.throws(() => identify(framebuffer), { message: /is gone/ })
  fs.rmSync(framebuffer.listing, { recursive: true })
  t.throws(() => identify(framebuffer), { message: /is gone/ })
})

t.test('where the kernel gives its number, nothing else passes for it', async (t) => {
  const framebuffer = made(t)
  fs.writeFileSync(join(framebuffer.listing, 'dev'), '29:1\n')
  t.throws(() => identify(framebuffer), {
    message: /is not the Sense HAT's device, which has the number 29:1: remove it/,
  })
  fs.writeFileSync(join(framebuffer.listing, 'dev'), '1:3\n')
  t.equal(identify({ ...framebuffer, path: '/dev/null' }).inode, fs.statSync('/dev/null').ino)
})

t.test('a file that a writer made in its place is a fault, and is taken away', async (t) => {
  const framebuffer = made(t)
  const recreate = (): void => {
    fs.renameSync(framebuffer.path, `${framebuffer.path}-pulled-out`)
    fs.writeFileSync(framebuffer.path, 'a frame')
  }
  t.throws(() => writeChecked(framebuffer, recreate), { message: /is gone/ })
  t.notOk(fs.existsSync(framebuffer.path))
  fs.renameSync(`${framebuffer.path}-pulled-out`, framebuffer.path)
  writeChecked(framebuffer, () => {})
  t.throws(() => writeChecked(framebuffer, () => fs.rmSync(framebuffer.path)), { message: /is gone/ })
})

t.test('bytes are written over those before', async (t) => {
  const framebuffer = made(t)
  fs.writeFileSync(framebuffer.path, 'abcdef')
  writeBytes(framebuffer, Buffer.from('xyz'))
  t.equal(fs.readFileSync(framebuffer.path, 'utf8'), 'xyzdef')
})
