import t from 'tap'
import { conflictMs, readTrace, type Showing } from '../../../bench/trace.ts'

const RED = [255, 0, 0]
const AMBER = [255, 140, 0]
const GREEN = [0, 255, 0]
const DARK = [0, 0, 0]

const painted = (atMs: number, light: string, rgb: readonly number[]): string =>
  `${JSON.stringify({ t_ns: atMs * 1e6, light, rgb })}\n`

const showing = (atMs: number, light: string, colour: Showing['colour']): Showing => ({ atMs, light, colour })

t.test('a trace is read in the order of time, whichever process wrote first', (t) => {
  const lines = [painted(30, 'light1', AMBER), painted(10, 'light1', GREEN), painted(20, 'light2', DARK)]
  const folder = t.testdir({ trace: lines.join('') })
  t.strictSame(readTrace(`${folder}/trace`), [
    showing(10, 'light1', 'green'),
    showing(20, 'light2', 'dark'),
    showing(30, 'light1', 'amber'),
  ])
  t.end()
})

t.test('a line that is no frame is refused, so that no picture is misread', (t) => {
  for (const line of [painted(1, 'light1', [1, 2, 3]), '{"t_ns": "1", "light": "light1", "rgb": [255,0,0]}\n']) {
    const folder = t.testdir({ trace: painted(0, 'light1', RED) + line })
    t.throws(() => readTrace(`${folder}/trace`), TypeError)
  }
  t.end()
})

t.test('a right of way that ends before the next one begins is no conflict', (t) => {
  const trace = [
    showing(0, 'light1', 'green'),
    showing(10, 'light1', 'amber'),
    showing(20, 'light1', 'red'),
    showing(20, 'light2', 'green'),
    showing(40, 'light2', 'dark'),
    showing(41, 'light1', 'green'),
  ]
  t.equal(conflictMs(trace), 0)
  t.end()
})

t.test('the time for which two lights are green or amber at once is added up', (t) => {
  const trace = [
    showing(0, 'light1', 'green'),
    showing(5, 'light2', 'green'),
    showing(7, 'light1', 'amber'),
    showing(8, 'light1', 'red'),
    showing(9, 'light1', 'amber'),
    showing(10, 'light2', 'dark'),
  ]
  t.equal(conflictMs(trace), 4)
  t.end()
})

t.test('a conflict that a trace ends with has no end', (t) => {
  t.equal(conflictMs([showing(0, 'light1', 'green'), showing(5, 'light2', 'amber')]), Number.POSITIVE_INFINITY)
  t.end()
})
