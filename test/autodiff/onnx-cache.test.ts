import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { jit, type NDArray, np, ValueError } from '@cotangent/autodiff'
import { configureCache, createDevice } from '@cotangent/autodiff/onnx'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { LocalBackend } from '../../packages/autodiff/src/onnx/backend/local-backend.ts'
import { checksum, digestOf } from '../../packages/autodiff/src/onnx/runtime/digest.ts'
import { lowerJaxpr } from '../../packages/autodiff/src/onnx/lowering/lower.ts'
import { encodeModel } from '../../packages/autodiff/src/onnx/lowering/model.ts'
import { createSession } from '../../packages/autodiff/src/onnx/runtime/model-cache.ts'
import { loadRuntime, type Runtime } from '../../packages/autodiff/src/onnx/runtime/runtime.ts'
import { SharedSessions } from '../../packages/autodiff/src/onnx/device/shared-sessions.ts'

const options = {
  executionProviders: ['cpu'],
  graphOptimizationLevel: 'all',
  logSeverityLevel: 4,
  intraOpNumThreads: 1,
}

const network = (w: NDArray, x: NDArray): NDArray => np.tanh(np.maximum(x.matmul(w).add(1), 0)).sum(0)

function requestOf(f: (...args: NDArray[]) => NDArray, ...shapes: number[][]) {
  const { jaxpr } = jit(f).lower(...(shapes.map((shape) => ({ shape, dtype: 'float32' })) as never[]))
  const { graph } = lowerJaxpr(jaxpr, { target: 'cpu', selfContained: false })
  return { model: encodeModel(graph), inputs: graph.inputs, outputs: graph.outputs, options }
}

/** The runtime, counting what it is asked to make. */
function counting(): Runtime & { readonly made: Record<string, unknown>[] } {
  const runtime = loadRuntime()
  const made: Record<string, unknown>[] = []
  return {
    made,
    Tensor: runtime.Tensor,
    InferenceSession: {
      create(model, given) {
        made.push({ ...given, bytes: model.length })
        return runtime.InferenceSession.create(model, given)
      },
    },
  }
}

describe('sessions in memory', () => {
  test('programs that compute the same share one, whichever function they are of', async () => {
    const backend = new LocalBackend('cpu:test', loadRuntime(), false, options)
    const sessions = new SharedSessions(backend)
    const first = sessions.get(requestOf(network, [4, 3], [2, 4]))
    const second = sessions.get(requestOf((a, b) => network(a, b), [4, 3], [2, 4]))
    const other = sessions.get(requestOf(network, [4, 3], [5, 4]))
    const otherOptions = sessions.get({
      ...requestOf(network, [4, 3], [2, 4]),
      options: { ...options, intraOpNumThreads: 2 },
    })
    expect(second.session).toBe(first.session)
    expect([first.wasThere, second.wasThere, other.wasThere, otherOptions.wasThere]).toEqual([
      false,
      true,
      false,
      false,
    ])
    expect(sessions.size).toBe(3)
    await Promise.all([first, other, otherOptions].map(({ session }) => session.ready))
  })

  test('captured arrays are inputs, so that programs with other numbers in them share one too', async () => {
    const device = createDevice('cpu', { threads: 1 })
    const scaled = (by: number): NDArray => {
      const captured = np.ones([40, 50]).mul(by)
      const f = jit((x: NDArray) => x.mul(captured).sum(), { device })
      const result = f(np.ones([40, 50]))
      times.push(f.compilationTimes()[0]?.session)
      return result
    }
    const times: unknown[] = []
    expect([await scaled(2).js(), await scaled(3).js()]).toEqual([4000, 6000])
    expect(times).toEqual([undefined, 0])
    await device.close()
  })

  test('a session that could not be made is asked for again', async () => {
    const sessions = new SharedSessions(new LocalBackend('cpu:test', loadRuntime(), false, options))
    const broken = { ...requestOf(network, [4, 3], [2, 4]), model: Uint8Array.from([1, 2, 3]) }
    const first = sessions.get(broken)
    await expect(first.session.ready).rejects.toThrow('cpu:test could not make a session')
    expect(sessions.size).toBe(0)
    expect(sessions.get(broken).wasThere).toBe(false)
  })

  test('what nobody runs any more is collected', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const sessions = new SharedSessions(new LocalBackend('cpu:test', loadRuntime(), false, options))
    const make = async (n: number): Promise<void> => sessions.get(requestOf(network, [4, n], [2, 4])).session.ready
    for (let n = 1; n <= 30; n++) await make(n)
    for (let tries = 0; tries < 50 && sessions.size > 0; tries++) {
      collect()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(sessions.size).toBeLessThanOrEqual(1)
  })

  test('digests differ by any byte, and by what stands beside', () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, i) => i)
    const changed = bytes.map((x, i) => (i === 299 ? x ^ 1 : x))
    for (const of of [digestOf, (b: Uint8Array, s: string) => checksum(b, s, 7)]) {
      const all = [of(bytes, ''), of(changed, ''), of(bytes, 'x'), of(bytes.slice(1), ''), of(new Uint8Array(), '')]
      expect(new Set(all).size).toBe(5)
      expect(of(bytes.slice(), '')).toBe(all[0])
    }
    const many = Array.from({ length: 20_000 }, (_, i) => checksum(Uint8Array.of(i & 255, i >> 8), '', 1))
    expect(new Set(many).size).toBe(20_000)
  })
})

describe('models on disk', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cotangent-cache-'))
  })
  afterEach(() => {
    for (const file of readdirSync(folder)) rmSync(join(folder, file), { recursive: true })
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const request = requestOf(network, [4, 3], [2, 4])
  const feeds = () => {
    const { Tensor } = loadRuntime()
    const [w, x] = [new Float32Array(12).map((_, i) => i / 7 - 1), new Float32Array(8).map((_, i) => i / 5 - 1)]
    return { in0: new Tensor('float32', w, [4, 3]), in1: new Tensor('float32', x, [2, 4]) }
  }
  const run = async (runtime: Runtime): Promise<number[]> => {
    const session = await createSession(runtime, request.model, options, folder)
    const result = Object.values(await session.run(feeds()))[0]!
    await session.release()
    return Array.from(result.data as Float32Array)
  }

  test('are written by the first process and read by the next, with the same numbers', async () => {
    const runtime = counting()
    const first = await run(runtime)
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.model$/)])
    expect(await run(runtime)).toEqual(first)
    expect(runtime.made.map((made) => made['graphOptimizationLevel'])).toEqual(['all', 'disabled'])
    expect(runtime.made[0]).toHaveProperty('optimizedModelFilePath')
    expect(runtime.made[1]).not.toHaveProperty('optimizedModelFilePath')
    expect(readdirSync(folder)).toHaveLength(1)
  })

  test.each([
    ['cut off', (bytes: Uint8Array) => bytes.slice(0, bytes.length >> 1)],
    ['changed in one byte', (bytes: Uint8Array) => bytes.map((x, i) => (i === bytes.length - 9 ? x ^ 16 : x))],
    ['empty', () => new Uint8Array()],
    ['a file of somebody else’s', () => new TextEncoder().encode('{"hello": "world"}\n')],
  ])('one that is %s is passed over and written anew', async (_, damage) => {
    const first = await run(loadRuntime())
    const [file] = readdirSync(folder) as [string]
    const whole = readFileSync(join(folder, file))
    writeFileSync(join(folder, file), damage(Uint8Array.from(whole)))
    const runtime = counting()
    expect(await run(runtime)).toEqual(first)
    expect(runtime.made.map((made) => made['graphOptimizationLevel'])).toEqual(['all'])
    expect(readdirSync(folder)).toEqual([file])
    expect(await run(runtime)).toEqual(first)
    expect(runtime.made.at(-1)?.['graphOptimizationLevel']).toBe('disabled')
  })

  test('one that is whole, and that the runtime still refuses, is passed over', async () => {
    const first = await run(loadRuntime())
    const [file] = readdirSync(folder) as [string]
    const nonsense = Uint8Array.from([7, 7, 7])
    const head = new TextEncoder().encode(`cotangent model 1\n${digestOf(nonsense, '')}\n`)
    writeFileSync(join(folder, file), Uint8Array.from([...head, ...nonsense]))
    expect(await run(loadRuntime())).toEqual(first)
    expect(readFileSync(join(folder, file)).length).toBeGreaterThan(100)
  })

  test('other options and other programs have files of their own; a folder that cannot be is no error', async () => {
    const runtime = loadRuntime()
    await run(runtime)
    await createSession(runtime, request.model, { ...options, intraOpNumThreads: 2 }, folder)
    await createSession(runtime, requestOf(network, [4, 3], [3, 4]).model, options, folder)
    expect(readdirSync(folder)).toHaveLength(3)
    writeFileSync(join(folder, 'file'), '')
    await createSession(runtime, request.model, options, join(folder, 'file', 'inside'))
    const foreign = await createSession(runtime, request.model, options, join(folder, 'new', 'deep'))
    expect(foreign).toBeDefined()
    expect(readdirSync(join(folder, 'new', 'deep'))).toHaveLength(1)
  })

  test('a program that is wrong fails as it does without, and leaves nothing', async () => {
    await expect(createSession(loadRuntime(), Uint8Array.from([1, 2]), options, folder)).rejects.toThrow()
    expect(readdirSync(folder)).toEqual([])
  })

  test('processes that write at the same time do not disturb each other', async () => {
    // Beside the installed packages, where the runtime is found.
    const programs = mkdtempSync(fileURLToPath(new URL('../../node_modules/.cotangent-writers-', import.meta.url)))
    try {
      const sources = new URL('../../packages/autodiff/src/onnx/runtime/', import.meta.url)
      const [writer, model, kept] = ['writer.ts', 'model.onnx', 'kept'].map((name) => join(programs, name)) as [
        string,
        string,
        string,
      ]
      writeFileSync(model, request.model)
      writeFileSync(
        writer,
        `import { readFileSync } from 'node:fs'
         import { createSession } from ${JSON.stringify(fileURLToPath(new URL('model-cache.ts', sources)))}
         import { loadRuntime } from ${JSON.stringify(fileURLToPath(new URL('runtime.ts', sources)))}
         const bytes = readFileSync(${JSON.stringify(model)})
         for (let i = 0; i < 3; i++)
           await createSession(loadRuntime(), bytes, ${JSON.stringify(options)}, ${JSON.stringify(kept)})
         console.log('done')`,
      )
      const bundle = await rolldown({ input: writer, platform: 'node' })
      await bundle.write({ file: join(programs, 'writer.mjs'), format: 'esm' })
      const start = () => promisify(execFile)(process.execPath, [join(programs, 'writer.mjs')])
      const outputs = await Promise.all([start(), start(), start()])
      expect(outputs.map(({ stdout }) => stdout.trim())).toEqual(['done', 'done', 'done'])
      expect(readdirSync(kept)).toEqual([expect.stringMatching(/\.model$/)])
      const counted = counting()
      await createSession(counted, request.model, options, kept)
      expect(counted.made.map((made) => made['graphOptimizationLevel'])).toEqual(['disabled'])
    } finally {
      rmSync(programs, { recursive: true })
    }
  })

  test('a folder that cannot be made or written to is refused at once, with the reason', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    const inside = join(file, 'inside')
    const refused: [directory: string, ...says: string[]][] = [
      [file, 'is a file', 'EEXIST'],
      [inside, 'cannot be made', 'ENOTDIR'],
      [`${folder}/a\0b`, 'cannot be made', 'null bytes'],
    ]
    // Where Node's recursive mkdir does not return.
    if (process.platform === 'linux') {
      refused.push(['/proc/cotangent', 'cannot be made', 'ENOENT'], ['/proc/a/b/c', 'cannot be made', 'ENOENT'])
      refused.push(['/proc', 'cannot be written to'])
    }
    configureCache({ directory: join(folder, 'kept') })
    try {
      for (const [directory, ...says] of refused) {
        let message = ''
        try {
          configureCache({ directory })
        } catch (error) {
          expect(error).toBeInstanceOf(ValueError)
          message = (error as Error).message
        }
        expect(message).toContain(`configureCache: the directory ${JSON.stringify(directory)} ${says[0]} (`)
        for (const part of says) expect(message).toContain(part)
        expect(message).toContain('; name one that can be written to, or null for none')
      }
      const device = createDevice('cpu', { threads: 1 })
      await jit((x: NDArray) => np.sin(x).add(44), { device })(np.ones([3])).ready()
      expect(readdirSync(join(folder, 'kept')), 'the folder that was configured before').toHaveLength(1)
      await device.close()
    } finally {
      configureCache({ directory: null })
    }
    if (process.platform === 'linux')
      expect(await createSession(loadRuntime(), request.model, options, '/proc/cotangent')).toBeDefined()
  })

  test('are used by compiled functions when a folder is configured', async () => {
    configureCache({ directory: folder })
    try {
      const device = createDevice('cpu', { threads: 1 })
      const f = jit((x: NDArray) => np.sin(x).add(42), { device })
      await f(np.ones([3])).ready()
      expect(readdirSync(folder)).toHaveLength(1)
      await device.close()
    } finally {
      configureCache({ directory: null })
    }
    await jit((x: NDArray) => np.sin(x).add(43))(np.ones([3])).ready()
    expect(readdirSync(folder)).toHaveLength(1)
    expect(() => configureCache({ directory: 3 as never })).toThrow('configureCache: directory is 3; it is a path')
    expect(() => configureCache({ folder } as never)).toThrow('configureCache has no option folder')
  })
})
