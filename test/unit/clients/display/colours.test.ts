import t from 'tap'
import { backgroundOf, coloursOf } from '../../../../src/clients/display/colours.ts'
import type { Rgb } from '../../../../src/clients/display/frame.ts'

t.test('a terminal has the colours that its environment names', async (t) => {
  for (const [environment, colours] of [
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'full'],
    [{ TERM: 'xterm', COLORTERM: '24bit' }, 'full'],
    [{ TERM: 'xterm-direct' }, 'full'],
    [{ TERM: 'xterm-256color' }, '256'],
    [{ TERM: 'screen-256color', COLORTERM: 'yes' }, '256'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'xterm' }, '16'],
    [{ COLORTERM: 'gnome' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
    [{}, 'none'],
    [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
    [{ TERM: 'xterm', COLORTERM: 'truecolor', NO_COLOR: '0' }, 'none'],
    [{ TERM: 'xterm', COLORTERM: 'truecolor', NO_COLOR: '' }, 'full'],
  ] as const) {
    t.equal(coloursOf(environment), colours, JSON.stringify(environment))
  }
})

const RED: Rgb = [255, 0, 0]
const AMBER: Rgb = [255, 140, 0]
const GREEN: Rgb = [0, 255, 0]
const DARK: Rgb = [0, 0, 0]

t.test('pixels are what comes nearest', async (t) => {
  const all = (colours: 'full' | '256' | '16'): string[] =>
    [RED, AMBER, GREEN, DARK].map((pixel) => backgroundOf(pixel, colours).slice(2, -1))
  t.same(all('full'), ['48;2;255;0;0', '48;2;255;140;0', '48;2;0;255;0', '48;2;0;0;0'])
  t.same(all('256'), ['48;5;196', '48;5;208', '48;5;46', '48;5;16'])
  t.same(all('16'), ['41', '43', '42', '40'])
})

t.test('a dim pixel keeps its colour and is never black', async (t) => {
  t.same(
    [[48, 0, 0] as const, [87, 48, 0] as const, [0, 48, 0] as const].map((pixel) => backgroundOf(pixel, '16')),
    [RED, AMBER, GREEN].map((pixel) => backgroundOf(pixel, '16')),
  )
  for (const pixel of [[48, 0, 0] as const, [0, 48, 0] as const, [1, 0, 0] as const]) {
    t.not(backgroundOf(pixel, '256'), backgroundOf(DARK, '256'))
  }
})
