/** Imported for what it does, before any module that makes a schema: the page's policy allows no code made of text. */
import * as z from 'zod'

z.config({ jitless: true })
