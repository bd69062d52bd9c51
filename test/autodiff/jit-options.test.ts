import {
  grad,
  jit,
  np,
  type NDArray,
  PendingError,
  setWarningHandler,
  shapeDtypeStruct,
  vmap,
} from '@cotangent/autodiff'
import { afterEach, describe, expect, test } from 'vitest'

const numbers = (n: number): NDArray => np.arange(n).astype('float32')

describe('static arguments', () => {
  const traced: unknown[] = []
  const power = (x: NDArray, n: number | string | null): NDArray => {
    traced.push(n)
    return n === 'square' ? x.mul(x) : np.power(x, Number(n))
  }

  test('reach the function as they are, and each value is a program of its own', async () => {
    traced.length = 0
    const f = jit(power, { staticArgnums: 1 })
    const x = np.array([2, 3])
    expect(await f(x, 3).js()).toEqual([8, 27])
    expect(await f(x, 'square').js()).toEqual([4, 9])
    expect(await f(x, 3).js()).toEqual([8, 27])
    expect(await f(np.array([1, 4]), 2).js()).toEqual([1, 16])
    expect(traced).toEqual([3, 'square', 2])
    expect(f.cacheSize()).toBe(3)
    expect(f.compilations).toBe(3)
  })

  test('are told apart by value: −0 from 0, "1" from 1, null from undefined; NaN is itself', () => {
    const f = jit((x: NDArray, n: unknown) => x.add(typeof n === 'string' ? 1 : 2), {
      staticArgnums: [1],
      device: 'js',
    })
    const x = numbers(2)
    for (const n of [0, -0, Number.NaN, 1, '1', null, undefined, true, 'true', 1n]) f(x, n)
    expect(f.cacheSize()).toBe(10)
    for (const n of [0, -0, Number.NaN, 1, '1', null, undefined, true, 'true', 1n]) f(x, n)
    expect(f.compilations).toBe(10)
  })

  test('functions are told apart by identity, frozen lists by what they hold', () => {
    const f = jit((x: NDArray, g: (y: NDArray) => NDArray, shape: readonly number[]) => g(x).reshape(shape), {
      staticArgnums: [1, -1],
      device: 'js',
    })
    const double = (y: NDArray): NDArray => y.mul(2)
    const shape = (): readonly number[] => Object.freeze([2, 3])
    expect(f(numbers(6), double, shape()).jsSync()).toEqual([
      [0, 2, 4],
      [6, 8, 10],
    ])
    f(numbers(6), double, shape())
    expect(f.cacheSize()).toBe(1)
    f(numbers(6), (y) => y.mul(2), shape())
    f(numbers(6), double, Object.freeze([3, 2]))
    expect(f.cacheSize()).toBe(3)
  })

  test.each([
    ['a list', [2, 3], 'static argument 1 is a list, which can change', 'Object.freeze'],
    ['an array', np.zeros([2]), 'static argument 1 is a NDArray', 'not static'],
    ['an object', { a: 1 }, 'static argument 1 is a Object', 'not static'],
    ['a frozen list of one', Object.freeze([[1]]), 'static argument 1 is a list', 'Object.freeze'],
    ['a symbol', Symbol('s'), 'static argument 1 is a Symbol', 'not static'],
  ])('%s is refused', (_, value, says, remedy) => {
    const f = jit((x: NDArray, __: unknown) => x, { staticArgnums: 1, device: 'js' })
    expect(() => f(numbers(2), value)).toThrow(says)
    expect(() => f(numbers(2), value)).toThrow(remedy)
  })

  test('positions that name no argument are refused, as are those that are no whole numbers', () => {
    const f = (x: NDArray): NDArray => x
    expect(() => jit(f, { staticArgnums: 2, device: 'js' })(numbers(2))).toThrow(
      'jit of f: staticArgnums names argument 2; the function was called with 1 argument',
    )
    expect(() => jit(f, { donateArgnums: -2, device: 'js' })(numbers(2))).toThrow('donateArgnums names argument -2')
    expect(() => jit(f, { staticArgnums: 0.5 })).toThrow('staticArgnums has 0.5')
    expect(() => jit(f, { staticArgnums: ['x'] as never })).toThrow('staticArgnums has "x"')
    expect(() => jit(f, { staticArgnums: 0, donateArgnums: 0 })(numbers(2))).toThrow('argument 0 is static and donated')
    expect(() => jit(f, { static: 0 } as never)).toThrow(
      'jit of f has no option static; it has device, staticArgnums, donateArgnums',
    )
  })

  test('stand under grad and vmap, and in lower', async () => {
    const f = jit(power, { staticArgnums: 1, device: 'js' })
    expect(grad((x: NDArray) => f(x, 3).sum())(np.array([2, 3])).jsSync()).toEqual([12, 27])
    expect(vmap((x: NDArray) => f(x, 'square'))(np.array([[2], [3]])).jsSync()).toEqual([[4], [9]])
    // Transformations trace all that they are given.
    const direct = grad(jit((x: NDArray, n: number) => x.mul(n).sum(), { staticArgnums: 1, device: 'js' }))
    expect(() => direct(np.array([2, 3]), 3)).toThrow(
      /static argument 1 is a value that grad.* traces.*\(x\) => f\(x, 3\)/,
    )
    const lowered = f.lower(shapeDtypeStruct([5]), 'square')
    expect(lowered.toString()).toContain('mul a a')
    expect(lowered.inputs).toEqual([{ shape: [5], dtype: 'float32' }])
  })
})

describe('donated arguments', () => {
  const step = (state: { w: NDArray; n: number }, x: NDArray): { w: NDArray } => ({ w: state.w.add(x) })

  test.each(['js', 'cpu'] as const)('are gone after the call, on %s', async (device) => {
    const f = jit(step, { donateArgnums: 0, device })
    const [w, x] = [numbers(3), numbers(3)]
    const next = f({ w, n: 1 }, x)
    expect(w.storage.isReleased).toBe(true)
    expect(() => w.dataSync()).toThrow(PendingError)
    expect(() => w.dataSync()).toThrow('this array was donated to jit of step (as arguments[0].w, by donateArgnums)')
    await expect(w.js()).rejects.toThrow('donated to jit of step')
    expect(() => f({ w, n: 1 }, x)).toThrow('donated to jit of step')
    expect(await next.w.js()).toEqual([0, 2, 4])
    expect(await x.js()).toEqual([0, 1, 2])
  })

  test('a loop hands its state on', async () => {
    const f = jit((w: NDArray) => w.add(1), { donateArgnums: 0 })
    let w: NDArray = np.zeros([4])
    for (let i = 0; i < 50; i++) w = f(w)
    expect(await w.js()).toEqual([50, 50, 50, 50])
  })

  test('what passes through is the result’s own', async () => {
    const f = jit((x: NDArray, y: NDArray) => [x, y.mul(2)], { donateArgnums: 0 })
    const x = numbers(2)
    const [same] = f(x, numbers(2)) as [NDArray]
    expect(await same.js()).toEqual([0, 1])
    expect(() => x.jsSync()).toThrow('donated')
  })

  test('one array cannot be donated twice, or be passed beside itself', () => {
    const f = jit((x: NDArray, y: NDArray) => x.add(y), { donateArgnums: 0, device: 'js' })
    const x = numbers(2)
    expect(() => f(x, x)).toThrow('jit: arguments[0] and arguments[1] are one array, and it is donated')
    const second = jit((a: NDArray, b: NDArray) => a.add(b), { donateArgnums: 1, device: 'js' })
    expect(() => second(x, x)).toThrow('are one array')
    expect(x.jsSync()).toEqual([0, 1])
  })

  test('inside a trace nothing is given back, and a call that fails keeps everything', () => {
    const inner = jit((x: NDArray) => x.mul(2).sum(), { donateArgnums: 0, device: 'js' })
    const x = numbers(3)
    expect(grad(inner)(x).jsSync()).toEqual([2, 2, 2])
    expect(x.jsSync()).toEqual([0, 1, 2])
    const failing = jit((y: NDArray) => y.add(numbers(7)), { donateArgnums: 0, device: 'js' })
    expect(() => failing(x)).toThrow('shapes [3] and [7]')
    expect(x.jsSync()).toEqual([0, 1, 2])
  })
})

describe('programs', () => {
  test('are counted, forgotten on demand, and made again', async () => {
    const f = jit((x: NDArray) => x.mul(2))
    await f(numbers(2)).ready()
    await f(numbers(3)).ready()
    await f(numbers(2)).ready()
    expect([f.cacheSize(), f.compilations]).toEqual([2, 2])
    f.clearCache()
    expect([f.cacheSize(), f.compilations]).toEqual([0, 2])
    expect(await f(numbers(2)).js()).toEqual([0, 2])
    expect([f.cacheSize(), f.compilations]).toEqual([1, 3])
  })

  test('lower, compile and call make one program, for structs too', async () => {
    const f = jit((x: NDArray, s: number) => x.mul(s))
    const lowered = f.lower({ shape: [2], dtype: 'float32' }, np.array(3) as never)
    expect(lowered.compilationTimes.trace).toBeGreaterThan(0)
    expect(lowered.compilationTimes.lower).toBeUndefined()
    const compiled = await lowered.compile()
    expect(compiled.compilationTimes.lower).toBeGreaterThan(0)
    expect(compiled.compilationTimes.session).toBeGreaterThan(0)
    expect(await compiled(numbers(2), np.array(2) as never).js()).toEqual([0, 2])
    expect(await f(numbers(2), np.array(5) as never).js()).toEqual([0, 5])
    expect(f.compilations).toBe(1)
    expect(f.compilationTimes()).toEqual([compiled.compilationTimes])
    expect(() => compiled(numbers(3), np.array(2) as never)).toThrow(
      'jit: compiled for float32[2], float32[] in [*, *], and called with other arguments',
    )
  })
})

describe('a function that is compiled over and over', () => {
  const messages: string[] = []
  const before = setWarningHandler((message) => messages.push(message))
  setWarningHandler(before)
  afterEach(() => {
    setWarningHandler(before)
    messages.length = 0
  })

  test('a handler is a function', () => {
    expect(() => setWarningHandler(5 as never)).toThrow(
      'setWarningHandler: takes a function of the message, not number',
    )
    expect(() => setWarningHandler(null as never)).toThrow('not null')
  })

  test('warns once, and says which shape changed', () => {
    setWarningHandler((message) => messages.push(message))
    const loss = ({ w }: { w: NDArray }, x: NDArray): NDArray => w.mul(x).sum()
    const f = jit(loss, { device: 'js' })
    for (let n = 1; n <= 30; n++) f({ w: np.ones([]) }, numbers(n))
    expect(messages).toEqual([
      'jit of loss was compiled 10 times in 10 calls, and compiling takes far longer than running. The last time the shape of arguments[1] changed: float32[9] became float32[10]. Pad arguments to one shape, or to a few',
    ])
  })

  test('says which dtype, structure or static value changed', () => {
    setWarningHandler((message) => messages.push(message))
    const dtypes = jit((x: NDArray) => x.add(1), { device: 'js' })
    for (let n = 1; n < 10; n++) dtypes(numbers(n))
    dtypes(numbers(9).astype('float64'))
    const functions = jit((x: NDArray, g: (y: NDArray) => NDArray) => g(x), { device: 'js', staticArgnums: 1 })
    for (let n = 0; n < 10; n++) functions(numbers(2), (y) => y.add(n))
    const trees = jit((x: readonly NDArray[]) => x[0] as NDArray, { device: 'js' })
    for (let n = 1; n <= 10; n++) trees(Array.from({ length: n }, () => np.ones([])))
    const statics = jit((x: NDArray, n: number) => x.add(n), { device: 'js', staticArgnums: 1 })
    for (let n = 1; n <= 10; n++) statics(numbers(2), n)
    expect(messages).toHaveLength(4)
    expect(messages[0]).toContain('the dtype of arguments[0] changed: float32[9] became float64[9]')
    expect(messages[1]).toMatch(
      /static argument 1 changed from function .* to function .*make it once, outside the loop/,
    )
    expect(messages[2]).toMatch(
      /the structure of the arguments changed from \[\[\*(, \*){8}\]\] to \[\[\*(, \*){9}\]\]/,
    )
    expect(messages[3]).toContain('static argument 1 changed from 9 to 10. Pass what changes often as an array')
  })

  test('does not warn where most calls find their program', () => {
    setWarningHandler((message) => messages.push(message))
    const f = jit((x: NDArray) => x.add(1), { device: 'js' })
    for (let n = 1; n <= 20; n++) for (let k = 0; k < 3; k++) f(numbers(n))
    expect(f.compilations).toBe(20)
    expect(messages).toEqual([])
  })

  test('by default the process is warned', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    const f = jit((x: NDArray) => x.add(1), { device: 'js' })
    for (let n = 1; n <= 10; n++) f(numbers(n))
    const { name, message } = await warned
    expect(name).toBe('CotangentWarning')
    expect(message).toContain('jit was compiled 10 times')
  })
})
