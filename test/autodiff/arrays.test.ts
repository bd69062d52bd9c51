import { grad, jit, NDArray, np, type Operand, ShapeError } from '@cotangent/autodiff'
import { type DType, fromHost, fromPending, PendingError } from '@cotangent/autodiff/array'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

describe('np.array', () => {
  test.each<[string, Operand, DType, number[]]>([
    ['numbers, also whole ones', [0, 1], 'float32', [2]],
    ['a number', 3, 'float32', []],
    ['booleans', [true, false], 'bool', [2]],
    ['booleans and numbers', [true, 2], 'float32', [2]],
    ['an empty list', [], 'float32', [0]],
    ['empty rows', [[], []], 'float32', [2, 0]],
    [
      'nested lists',
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      'float32',
      [2, 3],
    ],
    ['a Float64Array', new Float64Array(2), 'float64', [2]],
    ['an Int32Array', new Int32Array(2), 'int32', [2]],
    ['a Uint32Array', new Uint32Array(2), 'uint32', [2]],
    ['integer arrays in a list', [np.ones([2], { dtype: 'int32' }), np.ones([2], { dtype: 'int32' })], 'int32', [2, 2]],
    ['an array and a number of one shape', [np.array(1, { dtype: 'int32' }), 2], 'int32', [2]],
    ['arrays of two dtypes', [np.ones([1], { dtype: 'int32' }), np.ones([1], { dtype: 'float64' })], 'float64', [2, 1]],
  ])('%s', (_, value, dtype, shape) => {
    const x = np.array(value)
    expect(x.dtype).toBe(dtype)
    expect(x.shape).toEqual(shape)
  })

  test('the dtype option converts: floats saturate as integers, NaN is 0, all but 0 is true', () => {
    expect(np.array([1.9, -1.9, 3e9, -3e9, NaN], { dtype: 'int32' }).jsSync()).toEqual([
      1, -1, 2147483647, -2147483648, 0,
    ])
    expect(np.array([-1, 5e9, 2.5], { dtype: 'uint32' }).jsSync()).toEqual([0, 4294967295, 2])
    expect(np.array([0, -0, 0.5, NaN], { dtype: 'bool' }).jsSync()).toEqual([false, false, true, true])
    expect(np.array([0.1], { dtype: 'float64' }).jsSync()).toEqual([0.1])
    expect(np.array([0.1]).jsSync()).toEqual([Math.fround(0.1)])
  })

  test('the shape option folds flat numbers', () => {
    expect(np.array(new Float32Array([1, 2, 3, 4]), { shape: [2, 2] }).jsSync()).toEqual([
      [1, 2],
      [3, 4],
    ])
  })
})

describe('arrays do not change', () => {
  test('np.array copies typed arrays', () => {
    const source = new Float32Array([1, 2])
    const x = np.array(source)
    source[0] = 9
    expect(x.jsSync()).toEqual([1, 2])
  })

  test('data and dataSync give the caller’s own copy', async () => {
    const x = np.array([1, 2])
    x.dataSync()[0] = 9
    const data = await x.data()
    data[1] = 9
    expect(x.jsSync()).toEqual([1, 2])
  })

  test('a reshaped array is another array, also where its numbers are shared', () => {
    const x = np.array([1, 2, 3, 4])
    const y = x.reshape([2, 2])
    y.dataSync()[0] = 9
    expect(x.jsSync()).toEqual([1, 2, 3, 4])
  })

  test('shapes are frozen and apart from the list that was given', () => {
    const shape = [2, 2]
    const x = np.zeros(shape)
    shape[0] = 7
    expect(x.shape).toEqual([2, 2])
    expect(Object.isFrozen(x.shape)).toBe(true)
  })
})

describe('reading', () => {
  test('item, js, data and iteration give the same numbers', async () => {
    const x = np.array([
      [1, 2],
      [3, 4],
    ])
    expect(x.at(1, 0).item()).toBe(3)
    expect(await x.js()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(await x.data()).toEqual(new Float32Array([1, 2, 3, 4]))
    expect([...x].map((row) => row.jsSync())).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(np.array([[true]]).item()).toBe(1)
    expect(x.ndim).toBe(2)
    expect(x.size).toBe(4)
    expect((await x.ready()) === x).toBe(true)
  })

  test('unstack gives a tuple', () => {
    const [a, b] = np
      .array([
        [1, 2],
        [3, 4],
      ])
      .unstack(2)
    expect(a.jsSync()).toEqual([1, 2])
    expect(b.jsSync()).toEqual([3, 4])
    expect(() => np.zeros([3]).unstack(2)).toThrow(ShapeError)
  })

  test('an array in JSON is its nested lists', () => {
    expect(
      JSON.stringify({
        x: np.array([
          [1, 2],
          [3, 4],
        ]),
      }),
    ).toBe('{"x":[[1,2],[3,4]]}')
  })
})

describe('printing', () => {
  test.each<[string, NDArray, string]>([
    ['a number', np.array(1.5), 'NDArray(1.5, float32[])'],
    ['a vector in columns', np.array([1, -2.5, 10]), 'NDArray([   1, -2.5,   10], float32[3])'],
    [
      'a matrix',
      np.array([
        [1, 2],
        [3, 40],
      ]),
      'NDArray([[ 1,  2],\n         [ 3, 40]], float32[2, 2])',
    ],
    ['booleans', np.array([true, false]), 'NDArray([ true, false], bool[2])'],
    ['integers', np.array([1, -2], { dtype: 'int32' }), 'NDArray([ 1, -2], int32[2])'],
    [
      'NaN, infinities and the sign of zero',
      np.array([NaN, -Infinity, -0]),
      'NDArray([      NaN, -Infinity,        -0], float32[3])',
    ],
    ['float32 shortly', np.array([0.1, 1 / 3]), 'NDArray([       0.1, 0.33333334], float32[2])'],
    [
      'float64 whole',
      np.array([0.1, 1 / 3], { dtype: 'float64' }),
      'NDArray([               0.1, 0.3333333333333333], float64[2])',
    ],
    ['nothing', np.zeros([0]), 'NDArray([], float32[0])'],
    ['rows of nothing', np.zeros([2, 0]), 'NDArray([[],\n         []], float32[2, 0])'],
    ['the ends of what is long', np.arange(2000), 'NDArray([   0,    1,    2, …, 1997, 1998, 1999], float32[2000])'],
  ])('%s', (_, x, text) => {
    expect(x.toString()).toBe(text)
  })

  test('printed numbers of float32 read back as themselves', () => {
    const numbers = [0.1, 1 / 3, 1e-45, 3.4028234663852886e38, 16777216, 1e20, 123456.79].map(Math.fround)
    const printed = np.array(numbers).toString().slice('NDArray(['.length).split(']')[0]!
    expect(printed.split(',').map((text) => Math.fround(Number(text)))).toEqual(numbers)
  })
})

describe('promotion', () => {
  // JAX's table with 64-bit dtypes on, but for uint32 beside signed integers, which JAX has meet in int64.
  const names = 'b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8'.split(' ')
  const dtypes = 'bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 bfloat16 float32 float64'.split(
    ' ',
  ) as DType[]
  const table = Object.fromEntries(
    [
      'b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8',
      'i1 i1 i2 i4 i8 i2 i4 i4 f8 f2 bf f4 f8',
      'i2 i2 i2 i4 i8 i2 i4 i4 f8 f2 bf f4 f8',
      'i4 i4 i4 i4 i8 i4 i4 i4 f8 f2 bf f4 f8',
      'i8 i8 i8 i8 i8 i8 i8 i8 f8 f2 bf f4 f8',
      'u1 i2 i2 i4 i8 u1 u2 u4 u8 f2 bf f4 f8',
      'u2 i4 i4 i4 i8 u2 u2 u4 u8 f2 bf f4 f8',
      'u4 i4 i4 i4 i8 u4 u4 u4 u8 f2 bf f4 f8',
      'u8 f8 f8 f8 f8 u8 u8 u8 u8 f2 bf f4 f8',
      'f2 f2 f2 f2 f2 f2 f2 f2 f2 f2 f4 f4 f8',
      'bf bf bf bf bf bf bf bf bf f4 bf f4 f8',
      'f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 f8',
      'f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 f8',
    ].map((row, i) => [dtypes[i], row.split(' ').map((name) => dtypes[names.indexOf(name)])]),
  ) as Record<DType, DType[]>
  test.each(dtypes)('%s beside each dtype', (a) => {
    const met = dtypes.map((b) => np.where(true, np.ones([1], { dtype: a }), np.ones([1], { dtype: b })).dtype)
    expect(met).toEqual(table[a])
    const swapped = dtypes.map((b) => np.where(true, np.ones([1], { dtype: b }), np.ones([1], { dtype: a })).dtype)
    expect(swapped).toEqual(table[a])
  })

  test.each<[DType, number | boolean, DType, number]>([
    ['float32', 2, 'float32', 3],
    ['float64', 0.1, 'float64', 1.1],
    ['int32', 2, 'int32', 3],
    ['int32', 0.5, 'float32', 1.5],
    ['uint32', 2, 'uint32', 3],
    ['uint32', -0.5, 'float32', 0.5],
    ['bool', 2, 'int32', 3],
    ['bool', 0.5, 'float32', 1.5],
    ['bool', true, 'bool', 1],
    ['int32', true, 'int32', 2],
    ['float32', true, 'float32', 2],
  ])('1 in %s + %s is %s', (dtype, number, expected, value) => {
    for (const sum of [np.add(np.ones([], { dtype }), number), np.add(number, np.ones([], { dtype }))]) {
      expect(sum.dtype).toBe(expected)
      expect(sum.item()).toBe(value)
    }
  })

  test('a number is weak only beside an array, and only once', () => {
    expect(np.add(1, 2).dtype).toBe('float32')
    expect(np.array(1, { dtype: 'int32' }).add(1).mul(np.array(0.5)).dtype).toBe('float32')
    expect(np.array(1, { dtype: 'float64' }).mul(np.add(1, 2)).dtype).toBe('float64')
    expect(np.array(0.1, { dtype: 'float64' }).add(0.2).item()).toBe(0.1 + 0.2)
  })

  test('lists and typed arrays are as strong as arrays', () => {
    const i = np.ones([2], { dtype: 'int32' })
    expect(i.add([1, 2]).dtype).toBe('float32')
    expect(i.add(new Int32Array([1, 2])).dtype).toBe('int32')
    expect(i.add(new Float64Array([1, 2])).dtype).toBe('float64')
  })

  test('division of integers is true division; integers wrap around', () => {
    const i = np.array([7, -7], { dtype: 'int32' })
    expect(i.div(2)).toBeIdentical(np.array([3.5, -3.5]))
    expect(np.floorDivide(i, 2).jsSync()).toEqual([3, -4])
    expect(i.mod(3).jsSync()).toEqual([1, 2])
    expect(np.fmod(i, 3).jsSync()).toEqual([1, -1])
    const large = np.array([2147483647], { dtype: 'int32' })
    expect(large.add(1).jsSync()).toEqual([-2147483648])
    expect(large.mul(large).jsSync()).toEqual([1])
    expect(np.array([4294967295], { dtype: 'uint32' }).add(1).jsSync()).toEqual([0])
    expect(np.sum(np.array([2147483647, 1], { dtype: 'int32' })).item()).toBe(-2147483648)
  })
})

describe('arrays on their way', () => {
  const later = (numbers: number[], wait: Promise<unknown> = Promise.resolve()): NDArray<'float32'> =>
    fromPending(
      wait.then(() => new Float32Array(numbers)),
      [numbers.length],
      'float32',
    )

  test('have a shape and a dtype, and numbers later', async () => {
    const x = later([1, 2])
    expect(x.shape).toEqual([2])
    expect(x.toString()).toBe('NDArray(float32[2], on its way)')
    expect(() => x.dataSync()).toThrow(PendingError)
    expect(() => x.jsSync()).toThrow(/float32\[2\].*await x\.data\(\)/)
    expect(await x.js()).toEqual([1, 2])
    expect(x.jsSync()).toEqual([1, 2])
    expect(x.toString()).toBe('NDArray([1, 2], float32[2])')
  })

  test('give arrays on their way', async () => {
    const x = later([1, 2])
    const y = x
      .mul(2)
      .add(np.ones([2]))
      .reshape([2, 1])
      .sum(1)
    expect(y.shape).toEqual([2])
    expect(() => y.jsSync()).toThrow(PendingError)
    expect(await y.js()).toEqual([3, 5])
    expect(x.add(1).jsSync()).toEqual([2, 3])
  })

  test('with wrong shapes are an error at once', () => {
    expect(() => later([1, 2]).add(np.ones([3]))).toThrow(ShapeError)
    expect(() => later([1, 2]).matmul(later([1, 2, 3]))).toThrow(ShapeError)
  })

  test('whose computation failed reject where they are read, and nowhere else', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    const x = later([1], Promise.reject(new RangeError('the device is gone')))
    const y = np
      .sin(x)
      .add(later([2]))
      .reshape([1, 1])
    const z = np.concatenate([y, y])
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(unhandled).toEqual([])
    process.off('unhandledRejection', listener)
    await expect(x.data()).rejects.toThrow('the device is gone')
    await expect(z.js()).rejects.toThrow('the device is gone')
    await expect(z.ready()).rejects.toThrow('the device is gone')
    expect(() => z.jsSync()).toThrow(PendingError)
  })
})

describe('using', () => {
  test('gives the numbers back at the end of the block', () => {
    let kept: NDArray
    {
      using x = np.array([1, 2])
      kept = x
      expect(x.jsSync()).toEqual([1, 2])
    }
    expect(() => kept.jsSync()).toThrow(PendingError)
    expect(() => kept.add(1)).toThrow(/released/)
  })

  test('rejects where numbers on their way are read after it', async () => {
    const x = fromPending(Promise.resolve(new Float32Array(1)), [1], 'float32')
    x[Symbol.dispose]()
    await expect(x.data()).rejects.toThrow(/released/)
    expect(() => x.jsSync()).toThrow(/released/)
  })

  test('leaves alone what was made of the array before', () => {
    const x = fromHost(new Float32Array([1, 2]), [2], 'float32')
    const [y, z] = [x.mul(2), x.reshape([2, 1])]
    x[Symbol.dispose]()
    expect(y.jsSync()).toEqual([2, 4])
    expect(z.jsSync()).toEqual([[1], [2]])
  })
})

test.each(['js', 'cpu'] as const)('what has been passed to a program on %s may be released', async (device) => {
  const [twice, next] = [jit((x: NDArray) => x.mul(2), { device }), jit((x: NDArray) => x.add(1), { device })]
  const x = np.array([1, 2])
  const y = twice(x)
  const z = next(y)
  for (const used of [x, y]) used[Symbol.dispose]()
  expect(await z.js()).toEqual([3, 5])
  expect(() => twice(x)).toThrow(/released/)
})

test('releasing a result leaves the argument it is equal to', async () => {
  const x = np.array([1, 2])
  const results = [
    x.mul(1),
    x.reshape([2]),
    x.astype('float32'),
    jit((v: NDArray) => v, { device: 'js' })(x),
    jit((v: NDArray) => v)(x),
  ]
  for (const y of results) y[Symbol.dispose]()
  expect(x.jsSync()).toEqual([1, 2])
  for (const y of results) await expect(y.data()).rejects.toThrow('released')
  const [first, second] = jit((v: NDArray): [NDArray, NDArray] => {
    const sum = v.add(1)
    return [sum, sum]
  })(x)
  first[Symbol.dispose]()
  expect(await second.js()).toEqual([2, 3])
})

test('options come last, after as many numbers as are wanted', () => {
  expect(np.arange(3, { dtype: 'int32' }).toString()).toBe('NDArray([0, 1, 2], int32[3])')
  expect(np.arange(1, 3, { dtype: 'float64' }).dtype).toBe('float64')
  expect(np.arange(1, 6, 2).jsSync()).toEqual([1, 3, 5])
  expect(np.eye(2, { dtype: 'bool' }).jsSync()).toEqual([
    [true, false],
    [false, true],
  ])
  expect(np.linspace(0, 1, { endpoint: false }).shape).toEqual([50])
})

test('a released array still prints', () => {
  const x = np.array([1, 2])
  x[Symbol.dispose]()
  expect(x.toString()).toBe('NDArray(float32[2], released)')
})

test('powers of float32 overflow as float32 does, eager and compiled', async () => {
  const f = (x: NDArray): NDArray => x.pow(-2)
  expect(f(np.array(1e20)).item()).toBe(0)
  expect(await jit(f)(np.array(1e20)).js()).toBe(0)
})

test('unsigned integers are divided as the numbers they are', () => {
  const large = np.array([4294967295], { dtype: 'uint32' })
  expect(np.divide(large, np.array([2], { dtype: 'int32' })).jsSync()).toEqual([2147483648])
  expect(np.divide(np.array([1], { dtype: 'float64' }), 3).dtype).toBe('float64')
})

test('log1p does not overflow, eager and compiled', async () => {
  expect(np.log1p(1e38).item()).toBeCloseTo(87.498, 3)
  expect(await jit((x: NDArray) => np.log1p(x))(np.array(1e38)).js()).toBeCloseTo(87.498, 3)
})

test('what is no function, or no device, is refused by name', () => {
  const notAFunction = 3 as unknown as (x: NDArray) => NDArray
  expect(() => grad(notAFunction)).toThrow('grad: takes a function, not number')
  const device = {} as unknown as 'cpu'
  expect(() => jit((x: NDArray) => x, { device })).toThrow(
    "jit: device is a Object, which is no device; use devices('cpu')[0]",
  )
})
