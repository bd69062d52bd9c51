import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Script, scriptOf } from '../../helpers/child.ts'
import { seed, wanted } from '../../helpers/wanted.ts'

vi.setConfig({ testTimeout: 120_000 + 2000 * wanted })

let script: Script
beforeAll(async () => {
  const child = fileURLToPath(new URL('child.ts', import.meta.url))
  script = await scriptOf(`import ${JSON.stringify(child)}`)
})
afterAll(() => script.remove())

/** As many programs a process: what one leaves behind shows in the next ones. */
const EACH = 500

test(`${wanted} random programs on edge values, on cpu and the interpreter: no crash, and no error but the library’s`, async () => {
  for (let from = 0; from < wanted; from += EACH) {
    const count = Math.min(EACH, wanted - from)
    const ended = await script.run(String(count), String(seed + from / EACH), 'both')
    const told = `seed ${seed + from / EACH}: ${ended.stdout}\n${ended.stderr}`
    expect([ended.code, ended.signal], told).toEqual([0, null])
    const { computed } = JSON.parse(ended.stdout) as { computed: number }
    expect(computed, told).toBeGreaterThan(count)
  }
})
