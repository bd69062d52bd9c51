import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { array, type DType, dtypes, fromPending, NDArray, PendingError } from '@cotangent/autodiff/array'
import {
  Dataset,
  DatasetError,
  loadNpy,
  NpyError,
  npyDataset,
  npzDataset,
  loadNpz,
  readNpy,
  readNpz,
  saveNpy,
  saveNpz,
  writeNpy,
  writeNpz,
} from '@cotangent/data'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { draws } from '../helpers/draws.ts'

interface Case {
  readonly file: string
  readonly ok: boolean
  readonly npz?: boolean
  readonly arrays?: Record<string, Case>
  readonly why?: string
  readonly descr: string
  readonly shape: readonly number[]
  readonly fortranOrder: boolean
  readonly formatVersion: readonly number[]
  /** Complex numbers as pairs. */
  readonly valuesInCOrder: readonly (number | string | boolean | readonly number[])[]
}
const folder = new URL('../fixtures/data/npy/', import.meta.url)
const golden = JSON.parse(readFileSync(new URL('npy.json', folder), 'utf8')) as { cases: Case[] }
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)))

const dtypeOf: Record<string, DType> = {
  f4: 'float32',
  f8: 'float64',
  i4: 'int32',
  i8: 'int64',
  b1: 'bool',
  f2: 'float16',
  u1: 'uint8',
  c8: 'complex64',
}
/** No dtype holds what is in these. */
const notHere: Record<string, RegExp> = {
  'err_object.npy': /'\|O'.*never read/,
  'err_unicode.npy': /'<U2'.*strings/,
  'err_structured.npy': /structured dtype .*'a', '<i4'/,
  'err_truncated_data.npy': /claims shape \[10\] of '<f4', 40 bytes of data; the file has 37/,
  'err_magic.npy': /not a \.npy file/,
  'err_version9.npy': /version 9\.0 is unknown/,
  'err_no_shape.npy': /lacks the key shape/,
}

describe('reads what NumPy wrote', () => {
  for (const c of golden.cases) {
    if (c.npz) {
      test(c.file, () => {
        const read = readNpz(bytesOf(c.file))
        expect(Object.keys(read)).toEqual(Object.keys(c.arrays!))
        for (const [key, expected] of Object.entries(c.arrays!)) {
          expect([read[key]!.shape, read[key]!.dtype]).toEqual([expected.shape, dtypeOf[expected.descr.slice(1)]])
          expect([...read[key]!.dataSync()].map(Number)).toEqual(expected.valuesInCOrder.map(Number))
        }
      })
    } else if (notHere[c.file] !== undefined) {
      test(`${c.file} is refused`, () => {
        expect(() => readNpy(bytesOf(c.file), { name: c.file })).toThrow(NpyError)
        expect(() => readNpy(bytesOf(c.file), { name: c.file })).toThrow(notHere[c.file])
      })
    } else {
      test(c.file, () => {
        const x = readNpy(bytesOf(c.file))
        expect(x.shape).toEqual(c.shape)
        expect(x.dtype).toBe(dtypeOf[c.descr.slice(1)])
        const text = { inf: Infinity, '-inf': -Infinity, nan: Number.NaN } as Record<string, number>
        const read = (v: number | string | boolean): number | bigint =>
          typeof v === 'string' ? (text[v] ?? (x.dtype === 'int64' ? BigInt(v) : Number(v))) : Number(v)
        expect([...x.dataSync()]).toEqual(c.valuesInCOrder.flat().map(read))
      })
    }
  }
})

test('writes the bytes that NumPy writes', () => {
  const same = golden.cases.filter(
    (c) =>
      c.ok &&
      !c.npz &&
      /^(<f4|<f8|<i4|\|b1)$/.test(c.descr) &&
      c.formatVersion[0] === 1 &&
      !c.fortranOrder &&
      c.why === undefined,
  )
  expect(same.length).toBeGreaterThan(7)
  for (const { file } of same) expect(writeNpy(readNpy(bytesOf(file)))).toEqual(bytesOf(file))
})

const shapes = fc.array(fc.nat(5), { maxLength: 4 })
const arrays: fc.Arbitrary<NDArray> = fc
  .tuple(shapes, fc.constantFrom(...dtypes.filter((d) => d !== 'bfloat16')), fc.infiniteStream(fc.double()))
  .map(([shape, dtype, numbers]) => {
    const size = shape.reduce((a, b) => a * b, 1)
    return array(
      Float64Array.from({ length: size }, () => numbers.next().value as number),
      { shape, dtype },
    ) as NDArray
  })

test('reading undoes writing', () => {
  fc.assert(
    fc.property(arrays, fc.nat(3), (x, shift) => {
      // Also from the middle of another buffer, at any alignment.
      const bytes = writeNpy(x)
      const moved = new Uint8Array(bytes.length + shift).subarray(shift)
      moved.set(bytes)
      const y = readNpy(moved)
      expect([y.shape, y.dtype]).toEqual([x.shape, x.dtype])
      expect(y.dataSync()).toEqual(x.dataSync())
    }),
    draws(),
  )
})

test('damaged bytes give an NpyError or an array, never anything else', () => {
  const good = bytesOf('f4_2x3x4.npy')
  fc.assert(
    fc.property(
      fc.nat(good.length),
      fc.array(fc.tuple(fc.nat(139), fc.nat(255)), { maxLength: 4 }),
      (length, changes) => {
        const bytes = good.slice(0, length)
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
        try {
          expect(readNpy(bytes)).toBeInstanceOf(NDArray)
        } catch (error) {
          expect(error).toBeInstanceOf(NpyError)
        }
      },
    ),
    draws(1000),
  )
})

const file = (dict: string, data = new Uint8Array(8)) => {
  const head = new TextEncoder().encode(dict)
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    1,
    0,
    head.length & 255,
    head.length >> 8,
    ...head,
    ...data,
  ])
}

test.each([
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), }", /claims shape/],
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", /no tuple of sizes/],
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", /no tuple of sizes/],
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (2), }", /no tuple of sizes/],
  ["{'descr': '<f4', 'fortran_order': 1, 'shape': (2,), }", /cannot be parsed/],
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': True}", /keys beside/],
  ["{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", /twice/],
  ["{'descr': '<f4', 'fortran_order': False, 'shape': (02,), }", /no tuple of sizes/],
  ["{'descr': 'f4,f4', 'fortran_order': False, 'shape': (1,), }", /'f4,f4' cannot be read/],
  ["{'descr': ' <f4', 'fortran_order': False, 'shape': (2,), }", /' <f4' cannot be read/],
  ["{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}", /'<f3' cannot be read/],
  ["__import__('os')", /not a Python dict/],
])('the header %s is refused', (dict, message) => {
  expect(() => readNpy(file(dict))).toThrow(NpyError)
  expect(() => readNpy(file(dict))).toThrow(message)
})

// What NumPy 2.4 reads of the same bytes.
test.each([
  `{"shape": (2,), "fortran_order": True, "descr": "<f4"}`,
  "{'descr':'<f4','fortran_order':False,'shape':(2,)}",
  "  {  'descr' :  '<f4' ,\n 'fortran_order'\t: False , 'shape' : (\n 2 , ) }  \r",
  "{u'descr': u'<f4', u'fortran_order': False, u'shape': (2L,)}",
  "{'descr': '=f4', 'fortran_order': False, 'shape': (2,)}",
  "{'descr': '|f4', 'fortran_order': False, 'shape': (2,)}",
  "{'descr': 'f4', 'fortran_order': False, 'shape': (2,)}",
  "{'descr': 'f', 'fortran_order': False, 'shape': (2,)}",
  "{'descr': 'float32', 'fortran_order': False, 'shape': (2,)}",
])('the header %j is another spelling of the same', (dict) => {
  const x = readNpy(file(dict, new Uint8Array(Float32Array.of(1.5, -2).buffer)))
  expect([x.dtype, x.shape, [...x.dataSync()]]).toEqual(['float32', [2], [1.5, -2]])
})

test('a huge header length is not believed', () => {
  const bytes = bytesOf('f4_version2.npy')
  new DataView(bytes.buffer).setUint32(8, 0xffffffff, true)
  expect(() => readNpy(bytes)).toThrow(/more than any header/)
})

test('64-bit integers keep every bit', () => {
  const header = (descr: string) => `{'descr': '${descr}', 'fortran_order': False, 'shape': (2,), }`
  const signed = readNpy(file(header('<i8'), new Uint8Array(BigInt64Array.of(-5n, 2n ** 63n - 1n).buffer)))
  expect(signed.jsSync()).toEqual([-5n, 2n ** 63n - 1n])
  const unsigned = readNpy(file(header('<u8'), new Uint8Array(BigUint64Array.of(5n, 2n ** 64n - 1n).buffer)))
  expect(unsigned.jsSync()).toEqual([5n, 2n ** 64n - 1n])
})

test('complex numbers are read, also from big-endian bytes and in Fortran order', () => {
  const numbers = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8)
  const swapped = new Uint8Array(numbers.buffer.slice(0))
  for (let i = 0; i < swapped.length; i += 4) swapped.subarray(i, i + 4).reverse()
  const header = (descr: string) => `{'descr': '${descr}', 'fortran_order': True, 'shape': (2, 2), }`
  const expected = [
    [
      { re: 1, im: 2 },
      { re: 5, im: 6 },
    ],
    [
      { re: 3, im: 4 },
      { re: 7, im: 8 },
    ],
  ]
  expect(readNpy(file(header('<c8'), new Uint8Array(numbers.buffer))).jsSync()).toEqual(expected)
  expect(readNpy(file(header('>c8'), swapped)).jsSync()).toEqual(expected)
})

test('numbers in Fortran order keep all their bits, those of signalling NaN too', () => {
  // The bits that NumPy writes for np.array([[0x7f800001, 1], [2, 3]], 'u4').view('f4'), as it is and transposed.
  const bits = Uint32Array.of(0x7f800001, 0xff801234, 0x3f800000, 0x7fc00001)
  const plain = writeNpy(array(new Float32Array(4), { shape: [2, 2], dtype: 'float32' }))
  const start = plain.length - 16
  plain.set(new Uint8Array(bits.buffer), start)
  const fortran = plain.slice()
  const text = new TextDecoder('latin1').decode(plain.subarray(0, start)).replace('False', 'True ')
  fortran.set(Uint8Array.from(text, (c) => c.charCodeAt(0)))
  const read = writeNpy(readNpy(fortran)).slice(start)
  expect([...new Uint32Array(read.buffer)]).toEqual([bits[0], bits[2], bits[1], bits[3]])
  expect(writeNpy(readNpy(plain))).toEqual(plain)
})

test('bfloat16, which NumPy has not, is not written', () => {
  expect(() => writeNpy(array([1], { dtype: 'bfloat16' }))).toThrow(/NumPy has no bfloat16; convert/)
})

describe('files', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cotangent-npy-'))

  test('save and load', async () => {
    const path = join(directory, 'new', 'x.npy')
    const x = array([
      [1, 2],
      [3, 4],
    ])
    await saveNpy(path, x)
    expect((await loadNpy(path)).jsSync()).toEqual([
      [1, 2],
      [3, 4],
    ])
    await saveNpy(path, array([5]))
    expect((await loadNpy(path)).jsSync()).toEqual([5])
    await expect(saveNpy(path, x, { overwrite: false })).rejects.toThrow(DatasetError)
    expect(readdirSync(join(directory, 'new'))).toEqual(['x.npy'])
  })

  test('an array on its way is awaited; one that fails leaves the old file', async () => {
    const path = join(directory, 'pending.npy')
    const pending = fromPending(Promise.resolve(Float32Array.of(1, 2)), [2], 'float32')
    expect(() => writeNpy(pending)).toThrow(PendingError)
    await saveNpy(path, pending)
    const failing = fromPending(Promise.reject(new Error('device lost')), [2], 'float32')
    await expect(saveNpy(path, failing)).rejects.toThrow('device lost')
    expect((await loadNpy(path)).jsSync()).toEqual([1, 2])
  })

  test('errors name the file', async () => {
    const path = join(directory, 'bad.npy')
    writeFileSync(path, 'nonsense')
    await expect(loadNpy(path)).rejects.toThrow(/bad\.npy: not a \.npy file/)
    await expect(loadNpy(join(directory, 'absent.npy'))).rejects.toThrow(DatasetError)
  })

  test('folders are made; one that cannot be is an error, where Node’s own way to make them would not come back', async () => {
    const path = join(directory, 'a', 'b', 'c', 'x.npy')
    await saveNpy(path, array([3]))
    expect((await loadNpy(path)).jsSync()).toEqual([3])
    await expect(saveNpy(join(path, 'below', 'x.npy'), array([3]))).rejects.toThrow(/mkdir '.*x\.npy'/)
    if (existsSync('/proc/self'))
      await expect(saveNpy('/proc/none/x.npy', array([3]))).rejects.toThrow("mkdir '/proc/none'")
  })

  test('one file for each simulation', async () => {
    for (let seed = 0; seed < 12; seed++) await saveNpy(join(directory, `sim_${seed}.npy`), array([seed, 2 * seed]))
    const spec = { shape: [2], dtype: 'float32' } as const
    const dataset = npyDataset(join(directory, 'sim_*.npy'), { elementSpec: spec })
    expect([dataset.elementSpec, dataset.cardinality]).toEqual([spec, 'unknown'])
    const batches = await dataset.batch(5).toArray()
    expect(batches.map((b) => b.shape)).toEqual([
      [5, 2],
      [5, 2],
      [2, 2],
    ])
    expect(batches.flatMap((b) => (b.jsSync() as number[][]).map((row) => row[0]))).toEqual([...Array(12).keys()])

    const listed = npyDataset([join(directory, 'sim_3.npy'), join(directory, 'sim_1.npy')])
    expect(listed.cardinality).toBe(2)
    expect((await listed.toArray()).map((x) => x.jsSync())).toEqual([
      [3, 6],
      [1, 2],
    ])
    expect(await listed.spec()).toEqual(spec)

    const read = Dataset.fromGenerator(
      async function* () {
        for (let seed = 0; seed < 3; seed++) yield await loadNpy(join(directory, `sim_${seed}.npy`))
      },
      { elementSpec: spec },
    )
    expect((await read.batch(3).toArray())[0]?.jsSync()).toEqual([
      [0, 0],
      [1, 2],
      [2, 4],
    ])

    await expect(
      npyDataset(join(directory, 'sim_*.npy'), { elementSpec: { shape: [3], dtype: 'float32' } }).toArray(),
    ).rejects.toThrow(/sim_0\.npy has shape \[2\] where elementSpec promises \[3\]/)
    await expect(npyDataset(join(directory, 'none_*.npy')).toArray()).rejects.toThrow(/no file matches/)
  })
})

describe('.npz', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cotangent-npz-'))
  const pair = { x: array([[1, 2]]), flags: array([true, false]) }

  test('reading undoes writing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), arrays, { maxKeys: 4 }), fc.boolean(), (named, compress) => {
        const read = readNpz(writeNpz(named, { compress }))
        expect(Object.keys(read).sort()).toEqual(Object.keys(named).sort())
        for (const [key, x] of Object.entries(named)) {
          expect([read[key]!.shape, read[key]!.dtype]).toEqual([x.shape, x.dtype])
          expect(read[key]!.dataSync()).toEqual(x.dataSync())
        }
      }),
      draws(),
    )
  })

  test('damaged bytes give an NpyError, or the arrays', () => {
    for (const good of [bytesOf('plain.npz'), bytesOf('deflated.npz'), writeNpz(pair, { compress: true })]) {
      const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 })
      fc.assert(
        fc.property(fc.oneof(fc.constant(good.length), fc.nat(good.length)), damage, (length, changes) => {
          const bytes = good.slice(0, length)
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte
          try {
            for (const x of Object.values(readNpz(bytes))) expect(x).toBeInstanceOf(NDArray)
          } catch (error) {
            expect(error).toBeInstanceOf(NpyError)
          }
        }),
        draws(400),
      )
    }
  })

  test('what the directory claims is not believed', () => {
    const bytes = writeNpz(pair)
    const view = new DataView(bytes.buffer)
    const directoryAt = view.getUint32(bytes.length - 6, true)
    const changed = (offset: number, value: number) => {
      const copy = bytes.slice()
      new DataView(copy.buffer).setUint32(directoryAt + offset, value, true)
      return () => readNpz(copy, { name: 'x.npz' })
    }
    expect(changed(16, 0)).toThrow(/x\.npz: x\.npy is corrupted: its checksum/)
    expect(changed(20, 0xfffffff0)).toThrow(/x\.npy claims 4294967280 bytes, more than there are/)
    expect(changed(24, 0xfffffff0)).toThrow(/has 136 bytes where the directory says 4294967280/)
    expect(changed(42, 7)).toThrow(/is not where the directory says/)
    expect(changed(8, 0x00080001)).toThrow(/encrypted/)
    expect(changed(8, 0x000c0000)).toThrow(/compressed by method 12/)
    expect(() => readNpz(bytes.slice(0, 30))).toThrow(/no directory at its end/)
    const bomb = writeNpz({ x: array(new Float32Array(1 << 20)) }, { compress: true })
    const at = new DataView(bomb.buffer).getUint32(bomb.length - 6, true)
    new DataView(bomb.buffer).setUint32(at + 24, 1000, true)
    expect(() => readNpz(bomb)).toThrow(/unpacks to more than the 1000 bytes/)
  })

  test('files: all arrays or some, one element each', async () => {
    const path = join(directory, 'a_1.npz')
    await saveNpz(path, pair, { compress: true })
    await saveNpz(join(directory, 'a_0.npz'), { x: array([[5, 6]]), flags: array([false, false]) })
    expect((await loadNpz(path)).x!.jsSync()).toEqual([[1, 2]])
    await expect(loadNpz(path, { keys: ['y'] })).rejects.toThrow(/a_1\.npz: there is no array y; there are x, flags/)
    await expect(saveNpz(path, pair, { overwrite: false })).rejects.toThrow(/is there already/)
    await expect(loadNpz(join(directory, 'absent.npz'))).rejects.toThrow(DatasetError)
    expect(() => writeNpz([array([1])] as never)).toThrow(/arrays by name/)
    expect(() => writeNpz({ x: 3 } as never)).toThrow(/writeNpz: x is no array; np\.array/)
    await expect(saveNpz(path, null as never)).rejects.toThrow(/takes arrays by name/)
    const dataset = npzDataset(join(directory, 'a_*.npz'), { keys: ['x'] })
    expect((await dataset.toArray()).map(({ x }) => x!.jsSync())).toEqual([[[5, 6]], [[1, 2]]])
    const elementSpec = { x: { shape: [2, 2], dtype: 'float32' } } as const
    await expect(npzDataset(path, { keys: ['x'], elementSpec }).toArray()).rejects.toThrow(
      /a_1\.npz\.x has shape \[1, 2\] where elementSpec promises \[2, 2\]/,
    )
  })
})
