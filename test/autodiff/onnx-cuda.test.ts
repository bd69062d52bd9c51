import { python, pythonScript } from '../helpers/python.ts'
import { grad, jit, lax, legacyRandom, type NDArray, np, random, vmap } from '@cotangent/autodiff'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { has, type Side } from '../helpers/device-cases.ts'
import { modelOf } from '../helpers/coverage.ts'
import { type PrimitiveCase, primitiveCases } from '../helpers/primitive-cases.ts'

/**
 * Without a GPU: ONNX Runtime makes a session of every program with all its nodes on CUDA, none left to the host.
 * `python test/python/cuda_stubs.py FOLDER` prepares what COTANGENT_CUDA_STUBS names; COTANGENT_PYTHON is the same python.
 */
const folder = process.env['COTANGENT_CUDA_STUBS']
const title = `on cuda${folder === undefined ? ' (skipped: COTANGENT_CUDA_STUBS names no folder that test/python/cuda_stubs.py prepared)' : ''}`

const models = mkdtempSync(join(tmpdir(), 'cotangent-cuda-'))
afterAll(() => rmSync(models, { recursive: true, force: true }))

/** The names of the models that are not placed on CUDA whole, with the runtime's message. */
function misplaced(list: readonly (readonly [name: string, model: Uint8Array])[]): Record<string, string> {
  const into = mkdtempSync(join(models, 'm'))
  list.forEach(([, model], i) => writeFileSync(join(into, `${i}.onnx`), model))
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: join(folder!, 'stub'),
    PYTHONPATH: [join(folder!, 'full'), join(folder!, 'deps')].join(':'),
  }
  const script = pythonScript('place_models.py')
  const printed = execFileSync(python, [script, into], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const failures = JSON.parse(printed) as Record<string, string>
  return Object.fromEntries(Object.entries(failures).map(([i, message]) => [list[Number(i)]![0], message]))
}

const program = (f: unknown, ...operands: NDArray[]): Uint8Array =>
  modelOf('value', { f, operands, primitive: '', note: '', dtype: 'float32' } as PrimitiveCase, 'cuda')!

/** A step of the tutorial's network: its loss, gradients and new weights. */
function fitStep(): Uint8Array {
  const [init, apply] = serial(Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(2))
  const [, parameters] = init(random.PRNGKey(0), [-1, 10])
  const [start, update, read] = adam({ stepSize: 1e-3 })
  const state = start(parameters)
  const loss = (p: typeof parameters, x: NDArray): NDArray => {
    const summaries = apply(p, x)
    const mean = np.mean(summaries, { axis: 0 })
    const centred = summaries.sub(mean)
    return np.linalg.det(np.matmul(centred.T, centred).mul(1 / 99)).log()
  }
  const step = (x: NDArray): unknown => read(update(0, grad(loss)(read(state), x), state))
  return program(jit(step as (x: NDArray) => NDArray[]), random.normal(random.PRNGKey(1), [100, 10]))
}

describe.skipIf(folder === undefined)(title, () => {
  test.each(['value', 'gradient'] as const)(
    'every primitive on every dtype, its %s',
    (side: Side) => {
      const list = primitiveCases
        .filter((c) => has(side, c))
        .flatMap((c) => {
          const model = modelOf(side, c, 'cuda')
          return model === undefined ? [] : [[`${c.primitive} ${c.dtype} ${c.note}`, model] as const]
        })
      expect(list.length).toBeGreaterThan(500)
      expect(misplaced(list)).toEqual({})
    },
    900_000,
  )

  test('programs: random numbers of both layouts, loops, linear algebra, a step of a fit', () => {
    const key = random.PRNGKey(3)
    const scanned = (x: NDArray): unknown => lax.scan((c: NDArray, y: NDArray) => [c.mul(y).add(1), c], x.at(0), x)
    const list = [
      ['normal', program((k: NDArray) => random.normal(k as typeof key, [8]), key)],
      ['legacy normal', program((k: NDArray) => legacyRandom.normal(k as typeof key, [8]), key)],
      ['split', program((k: NDArray) => random.split(k as typeof key, 3), key)],
      ['scan', program(scanned, np.ones([5]))],
      ['solves of a batch', program(vmap(np.linalg.inv), np.ones([2, 3, 3]))],
      ['fit step', fitStep()],
    ] as const
    expect(misplaced(list)).toEqual({})
  }, 120_000)
})
