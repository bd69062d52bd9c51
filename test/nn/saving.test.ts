import { python, pythonHas, pythonScript } from '../helpers/python.ts'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DTypeError,
  evalShape,
  jit,
  np,
  NDArray,
  PendingError,
  random,
  shapeDtypeStruct,
  ShapeError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff'
import {
  allocate,
  bytesPerElement,
  type DType,
  dtypes,
  elementWidth,
  fromHost,
  hostData,
} from '@cotangent/autodiff/array'
import {
  adam,
  BatchNorm,
  Conv,
  Dense,
  Flatten,
  loadParams,
  readSafetensors,
  Relu,
  saveParams,
  saveParamsWhenReady,
  serial,
  writeSafetensors,
} from '@cotangent/nn'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { draws } from '../helpers/draws.ts'

const model = serial(Conv(3, [2, 2]), BatchNorm(), Relu, Flatten, Dense(2))
const key = random.PRNGKey(0)
const [, params] = model[0](key, [-1, 4, 4, 1])
const bytes = saveParams(params)

/** The bits of an array, whatever they mean. */
const bits = (x: NDArray): number[] => {
  const data = hostData(x) as unknown as Uint8Array
  return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]
}

describe('parameters', () => {
  test('come back bit by bit, in the tree and the type of the model', () => {
    const [, fresh] = model[0](random.PRNGKey(1), [-1, 4, 4, 1])
    const loaded: typeof params = loadParams(bytes, fresh)
    expect(loaded[0][0]).toBeIdentical(params[0][0])
    expect(loaded[4][1]).toBeIdentical(params[4][1])
    const x = random.normal(key, [2, 4, 4, 1])
    expect(model[1](loaded, x)).toBeIdentical(model[1](params, x))
  })

  test('have their places in the tree for names', () => {
    expect(Object.keys(readSafetensors(bytes).tensors).sort()).toEqual(['0.0', '0.1', '1.0', '1.1', '4.0', '4.1'])
    expect(Object.keys(readSafetensors(saveParams({ a: [np.ones([])], b: { w: 1 } })).tensors)).toEqual(['a.0', 'b.w'])
    expect(Object.keys(readSafetensors(saveParams(np.ones([2]))).tensors)).toEqual(['params'])
  })

  test('are found by shapes alone', () => {
    const like = evalShape((k: typeof key) => model[0](k, [-1, 4, 4, 1])[1], key)
    expect(loadParams(bytes, like)[4][1]).toBeIdentical(params[4][1])
  })

  test('go with the state of an optimizer and metadata', () => {
    const [init, update] = adam({ stepSize: 0.1 })
    const state = update(0, params, init(params))
    const saved = saveParams(state, { metadata: { epoch: '7', note: 'żółć "quoted"' } })
    expect(readSafetensors(saved).metadata).toEqual({ epoch: '7', note: 'żółć "quoted"' })
    expect(loadParams(saved, init(params)).v[0][0]).toBeIdentical(state.v[0][0])
  })

  test('that are still on their way are refused, and waited for', async () => {
    const double = jit((x: NDArray) => x.mul(2), { device: 'cpu' })
    await double(np.ones([3])).ready()
    const pending = double(np.ones([3]))
    expect(() => saveParams({ w: pending })).toThrow(PendingError)
    expect(() => saveParams({ w: pending })).toThrow(/'w' \(float32\[3\]\) are still on their way/)
    expect(loadParams(await saveParamsWhenReady({ w: pending }), { w: np.zeros([3]) }).w).toBeIdentical(np.full([3], 2))
  })

  test.each([
    [() => loadParams(bytes, [params[0]]), TreeError, /it has '4.0', '1.0'|it has .*for which there is no place/],
    [() => loadParams(saveParams({ w: 1 }), { w: 1, b: 2 }), TreeError, /another model: it lacks 'b'$/],
    [() => loadParams(saveParams({ w: 1, c: 1 }), { w: 1, b: 2 }), TreeError, /it lacks 'b', and it has 'c'/],
    [
      () => loadParams(saveParams({ w: np.ones([2, 3]) }), { w: np.ones([3, 2]) }),
      ShapeError,
      /'w' is \[2, 3\] in the file, it must be \[3, 2\]/,
    ],
    [
      () => loadParams(saveParams({ w: np.ones([2]) }), { w: np.ones([2], { dtype: 'float64' }) }),
      DTypeError,
      /'w' is float32 in the file, it must be float64/,
    ],
    [() => saveParams({ 'a.b': 1, a: { b: 2 } }), TreeError, /two arrays have the name 'a.b'/],
    [() => saveParams({ w: 'text' }), TreeError, /saveParams: params.w is a string/],
    [() => saveParams({ w: 1 }, { metadata: { epoch: 7 } } as never), ValueError, /metadata.epoch is a number/],
    [() => saveParams({ w: 1 }, { meta: {} } as never), ValueError, /saveParams has no option meta/],
    [
      () => saveParams({ w: shapeDtypeStruct([2], 'float32') }),
      TreeError,
      /saveParams: 'w' is a shape without numbers; save what init gives/,
    ],
    [() => writeSafetensors({ w: 'x' as never }), ValueError, /writeSafetensors: 'w' is "x"; it must be an array/],
    [
      () => saveParams({ '\ud800': 1 }),
      ValueError,
      /writeSafetensors: the name of an array, "\\ud800", holds half a character/,
    ],
    [
      () => saveParams({ w: 1 }, { metadata: { note: '\udc00' } }),
      ValueError,
      /writeSafetensors: metadata.note, "\\udc00", holds half a character/,
    ],
    [() => writeSafetensors({ __metadata__: np.ones([1]) }), ValueError, /no array can have the name __metadata__/],
  ] as const)('that do not fit are refused %#', (f, error, message) => {
    expect(f).toThrow(error)
    expect(f).toThrow(message)
  })
})

describe('the safetensors format', () => {
  const anyArray = fc
    .record({
      dtype: fc.constantFrom(...dtypes),
      shape: fc.array(fc.nat(3), { maxLength: 3 }),
      seed: fc.uint8Array({ minLength: 8, maxLength: 8 }),
    })
    .map(({ dtype, shape, seed }) => {
      const size = shape.reduce((product, n) => product * n, 1)
      const data = allocate(dtype, size)
      const raw = new Uint8Array(data.buffer)
      raw.forEach((_, i) => (raw[i] = dtype === 'bool' ? seed[i % 8]! % 2 : (seed[i % 8]! * (i + 1)) % 256))
      return fromHost(data, shape, dtype) as NDArray
    })

  test('keeps every dtype, shape and bit, and begins arrays at their alignment', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyArray, { maxKeys: 6 }), (tensors) => {
        const { __metadata__: _, ...named } = tensors
        const written = writeSafetensors(named)
        const read = readSafetensors(written).tensors
        expect(Object.keys(read).sort()).toEqual(Object.keys(named).sort())
        for (const [name, x] of Object.entries(named)) {
          expect([read[name]!.dtype, read[name]!.shape]).toEqual([x.dtype, x.shape])
          expect(bits(read[name]!)).toEqual(bits(x))
        }
        const start = 8 + Number(new DataView(written.buffer).getBigUint64(0, true))
        const header = JSON.parse(new TextDecoder().decode(written.subarray(8, start))) as Record<
          string,
          { data_offsets: number[] }
        >
        expect(start % 8).toBe(0)
        for (const [name, x] of Object.entries(named)) {
          expect(header[name]!.data_offsets[0]! % (bytesPerElement(x.dtype) / elementWidth(x.dtype))).toBe(0)
        }
      }),
      draws(60),
    )
  })

  /** A file of this header and so many bytes after it. */
  const file = (header: unknown, size: number, claimed?: bigint): Uint8Array => {
    const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
    const out = new Uint8Array(8 + json.length + size)
    new DataView(out.buffer).setBigUint64(0, claimed ?? BigInt(json.length), true)
    out.set(json, 8)
    return out
  }
  const f32 = (shape: unknown, data_offsets: unknown): object => ({ dtype: 'F32', shape, data_offsets })

  test.each([
    ['empty', new Uint8Array(), ValueError, /has 0 bytes/],
    ['without a header', new Uint8Array(8), ValueError, /no JSON object/],
    [
      'with a header longer than the file',
      file('{}', 0, 2n ** 63n),
      ValueError,
      /claims 9223372036854775808 bytes, 2 follow/,
    ],
    ['with a header of something else', file('[1]', 0), ValueError, /no JSON object/],
    ['with a header that is cut', file('{"w":', 0), ValueError, /no JSON object/],
    ['with text that is not UTF-8', file('{}', 0, 2n).fill(0xff, 8), ValueError, /no JSON object/],
    [
      'that claims 2^52 numbers',
      file({ w: f32([2 ** 50], [0, 2 ** 52]) }, 8),
      ValueError,
      /0 to 4503599627370496 of 'w' are not all there; 8 follow/,
    ],
    ['whose shape overflows', file({ w: f32([2 ** 40, 2 ** 40, 0], [0, 8]) }, 8), ValueError, /0 bytes, but has 8/],
    [
      'whose shape has too few numbers',
      file({ w: f32([1], [0, 8]) }, 8),
      ValueError,
      /'w' is float32\[1\], 4 bytes, but has 8/,
    ],
    [
      'with arrays that overlap',
      file({ a: f32([2], [0, 8]), b: f32([2], [4, 12]) }, 12),
      ValueError,
      /'b' shares bytes/,
    ],
    [
      'with a hole',
      file({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, 12),
      ValueError,
      /bytes 4 to 8 belong to no array/,
    ],
    [
      'with a name twice',
      file(`{"w":${JSON.stringify(f32([1], [0, 4]))},"\\u0077":${JSON.stringify(f32([1], [0, 4]))}}`, 4),
      ValueError,
      /its header has the name 'w' twice/,
    ],
    [
      'with two dtypes of one array',
      file('{"w":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4),
      ValueError,
      /its header has the name 'dtype' twice/,
    ],
    ['with more at the end', file({ a: f32([1], [0, 4]) }, 6), ValueError, /last 2 bytes belong to no array/],
    ['with offsets backwards', file({ a: f32([1], [4, 0]) }, 4), ValueError, /4 to 0/],
    ['with three offsets', file({ a: f32([1], [0, 4, 4]) }, 4), ValueError, /0 to 4 to 4/],
    ['with a negative size', file({ a: f32([-1], [0, 4]) }, 4), ValueError, /whole numbers/],
    ['with no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), ValueError, /whole numbers/],
    ['with null for an array', file({ a: null }, 0), ValueError, /whole numbers/],
    [
      'of an unknown dtype',
      file({ a: { dtype: 'F8_E4M3', shape: [1], data_offsets: [0, 1] } }, 1),
      DTypeError,
      /the dtype "F8_E4M3"; there are BOOL/,
    ],
    [
      'with metadata that are numbers',
      file({ __metadata__: { a: 1 } }, 0),
      ValueError,
      /__metadata__ is not a list of texts/,
    ],
  ] as const)('refuses a file %s', (_, malformed, error, message) => {
    expect(() => readSafetensors(malformed)).toThrow(error)
    expect(() => readSafetensors(malformed)).toThrow(message)
  })

  test('refuses what is cut off anywhere', () => {
    for (let n = 0; n < bytes.length; n++) expect(() => readSafetensors(bytes.subarray(0, n))).toThrow(ValueError)
    expect(() => readSafetensors('text' as never)).toThrow(/it takes the bytes of a file, a Uint8Array/)
  })

  test('throws nothing but its own errors for bytes that were changed', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = bytes.slice()
        changed[at] = value
        try {
          readSafetensors(changed)
        } catch (error) {
          expect([ValueError, DTypeError].some((type) => error instanceof type)).toBe(true)
        }
      }),
      draws(300),
    )
  })

  test('takes names that look like more of the header, and metadata of nothing', () => {
    const named = { 'a":{"b': np.ones([1]), '{}:': np.zeros([2]), '\\': np.ones([]), 'żółć 😀': np.ones([1]) }
    expect(Object.keys(readSafetensors(writeSafetensors(named)).tensors).sort()).toEqual(Object.keys(named).sort())
    expect(readSafetensors(file('{"__metadata__":null}', 0)).metadata).toEqual({})
  })

  test('takes bytes that begin anywhere in their memory', () => {
    const shifted = new Uint8Array(bytes.length + 3)
    shifted.set(bytes, 3)
    expect(loadParams(shifted.subarray(3), params)[0][0]).toBeIdentical(params[0][0])
  })
})

test.skipIf(!pythonHas('numpy', 'safetensors', 'ml_dtypes'))(
  'Python reads our files and we read its, every dtype',
  { timeout: 60_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cotangent-safetensors-'))
    const script = pythonScript('check_safetensors.py')
    const numbers = [0, 1, 2, 3, 1, 0]
    const tensors = Object.fromEntries(
      dtypes
        .filter((dtype) => dtype !== 'complex64')
        .map((dtype: DType) => [dtype, np.array(numbers, { dtype: 'float32' }).astype(dtype).reshape([2, 3])]),
    )
    writeFileSync(join(folder, 'ours_dtypes.safetensors'), writeSafetensors(tensors, { by: 'us' }))
    writeFileSync(join(folder, 'ours_model.safetensors'), bytes)
    const { stdout, status, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8' })
    expect(stderr.includes('Error') ? stderr : status).toBe(0)
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const ofDTypes = rows.filter(({ file }) => file === 'ours_dtypes.safetensors')
    expect(new Set(ofDTypes.map(({ name }) => name))).toEqual(new Set(Object.keys(tensors)))
    for (const { name, dtype, shape, values, metadata } of ofDTypes) {
      expect([dtype, shape, metadata]).toEqual([name, [2, 3], { by: 'us' }])
      const expected =
        name === 'float16' || name === 'bfloat16' ? [...(hostData(tensors[name]!) as Uint16Array)] : numbers
      expect((values as string[]).map((v) => (v === 'True' ? 1 : v === 'False' ? 0 : Number(v)))).toEqual(
        name === 'bool' ? expected.map((v) => (v === 0 ? 0 : 1)) : expected,
      )
    }
    const theirs = readSafetensors(new Uint8Array(readFileSync(join(folder, 'theirs_dtypes.safetensors'))))
    expect(theirs.metadata).toEqual({ by: 'python' })
    for (const [name, x] of Object.entries(tensors)) expect(bits(theirs.tensors[name]!)).toEqual(bits(x as NDArray))
    const back = loadParams(new Uint8Array(readFileSync(join(folder, 'theirs_model.safetensors'))), params)
    expect(back[0][0]).toBeIdentical(params[0][0])
  },
)
