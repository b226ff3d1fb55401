import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as z from 'zod'
import { DEMO_CROSSING, parseCrossing } from '../../../src/protocol/crossing.ts'
import { crossingShape } from '../../../src/protocol/crossing-shape.ts'
import { ROOT } from '../../fixtures/root.ts'

const FOLDER = join(ROOT, 'crossings')
const SCHEMA = 'crossing.schema.json'
const SHIPPED = readdirSync(FOLDER).filter((name) => name.endsWith('.json') && name !== SCHEMA)

const read = (name: string) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))

/** As written: a field with a default may be left out. */
const generated = z.toJSONSchema(crossingShape, { io: 'input' })

// `tap --snapshot` writes the schema anew instead of comparing it.
if (process.env['TAP_SNAPSHOT'] === '1') writeFileSync(join(FOLDER, SCHEMA), `${JSON.stringify(generated, null, 2)}\n`)

t.test('the JSON Schema for editors says what the program checks', async (t) => {
  t.strictSame(read(SCHEMA), JSON.parse(JSON.stringify(generated)))
})

t.test('the JSON Schema describes every field', async (t) => {
  const fields = Object.entries(read(SCHEMA).properties)
  t.ok(fields.length > 8)
  for (const [name, field] of fields) t.match(field, { description: /.{10}/ }, name)
})

t.test('the JSON Schema, read on its own, refuses what is out of shape', async (t) => {
  const schema = z.fromJSONSchema(read(SCHEMA))
  const { file } = DEMO_CROSSING
  t.ok(schema.safeParse(file).success)
  for (const broken of [
    { lights: ['a'] },
    { amberSeconds: 0 },
    { more: 1 },
    { compatible: [['a']] },
    { constants: 'fast' },
  ]) {
    t.notOk(schema.safeParse({ ...file, ...broken }).success, { broken })
  }
})

t.test('a demo, a UK and a US two-way and a four-arm crossing are shipped', async (t) => {
  t.same([...SHIPPED].sort(), ['demo.json', 'four-arm.json', 'uk-two-way.json', 'us-two-way.json'])
})

for (const name of SHIPPED) {
  t.test(`crossings/${name} is sound, has the name of its file and names its schema`, async (t) => {
    const content = read(name)
    t.equal(parseCrossing(content, name).name, name.replace('.json', ''))
    t.equal(content.$schema, `./${SCHEMA}`)
    t.ok(z.fromJSONSchema(read(SCHEMA)).safeParse(content).success)
  })
}

t.test('crossings/demo.json is the built-in crossing', async (t) => {
  t.strictSame(parseCrossing(read('demo.json'), 'demo.json'), DEMO_CROSSING)
})
