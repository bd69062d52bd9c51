import { DeviceError, type DeviceKind, jit, np } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { isWide } from '../helpers/coverage.ts'
import { cells, checkCase, has, type Side, sides } from '../helpers/device-cases.ts'
import { primitiveCases, type PrimitiveCase } from '../helpers/primitive-cases.ts'
import { isBeyond, refusal, testDevices, titleOn } from '../helpers/test-devices.ts'
import { everything } from '../helpers/wanted.ts'

/** All of them by COTANGENT_RUNS=1000; else a part that leaves out no primitive and no dtype. */
const chosen = (side: Side, cases: readonly PrimitiveCase[]): readonly PrimitiveCase[] => {
  const own = cases.filter((c) => has(side, c))
  if (everything) return own
  const dtype = cases[0]!.dtype
  if (side !== 'value') return dtype === 'float32' ? own.slice(0, 1) : []
  return ['float32', 'int32', 'bool'].includes(dtype) ? own : own.slice(0, 1)
}

async function check(side: Side, c: PrimitiveCase, kind: DeviceKind): Promise<void> {
  try {
    await checkCase(side, c, kind)
  } catch (e) {
    // A dtype that the device does not have may stand in the middle of a program too.
    if (kind !== 'webgpu' || !(e instanceof DeviceError) || !refusal.test(e.message)) throw e
    expect(isWide(c), e.message).toBe(true)
  }
}

for (const device of testDevices.filter((d) => d.kind !== 'cpu')) {
  describe.skipIf(device.missing !== undefined)(titleOn(device), () => {
    for (const side of sides) {
      const primitives = new Map<string, PrimitiveCase[]>()
      for (const cases of cells(primitiveCases).values()) {
        const { primitive } = cases[0]!
        primitives.set(primitive, [...(primitives.get(primitive) ?? []), ...chosen(side, cases)])
      }
      for (const [primitive, cases] of primitives) {
        if (cases.length === 0) continue
        test(`${primitive}, ${side}`, async () => {
          const problems: string[] = []
          for (const c of cases) {
            try {
              await check(side, c, device.kind)
            } catch (e) {
              problems.push(`${c.dtype} ${c.note}: ${(e as Error).message}`)
            }
          }
          expect(problems.join('\n')).toBe('')
        })
      }
    }
  })
}

const gpu = testDevices.find((d) => d.kind === 'webgpu')!
describe.skipIf(gpu.missing !== undefined)(`what ${titleOn(gpu)} cannot be had`, () => {
  test.each(['float64', 'int64', 'uint64'] as const)('%s is an error that names the operation and what to do', (d) => {
    const x = np.ones([3], { dtype: d })
    expect(isBeyond('webgpu', [d])).toBe(true)
    const f = jit((a: typeof x) => a.add(a), { device: 'webgpu' })
    expect(() => f(x)).toThrow(DeviceError)
    const to = d === 'float64' ? 'float32' : 'int32'
    expect(() => f(x)).toThrow(
      `webgpu: add of ${d} is not possible on this device, which computes in 32 bits; convert with x.astype("${to}"), or run with { device: "cpu" }`,
    )
  })
})
