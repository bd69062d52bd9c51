import { integerRange, isFloat } from '../../../array/dtype.ts'
import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import type { Node, Operator } from '../node.ts'
import { spaceOf, type Windows, windowsOf } from './windows.ts'

interface Pooling extends Windows {
  readonly kernel: readonly number[]
  /** What the last windows reach beyond the padding, where the number of windows is rounded up. */
  readonly beyond: readonly number[]
}

function poolingOf(node: Node, x: NDArray): Pooling {
  const space = spaceOf(node, x.shape)
  const kernel = node.ints('kernel_shape') ?? []
  if (kernel.length !== space.length || kernel.some((n) => n < 1))
    throw node.error(`kernel_shape is [${kernel.join(', ')}] for ${space.length} spatial axes`)
  const windows = windowsOf(node, space, kernel)
  const beyond = space.map((n, i) => {
    if (node.int('ceil_mode', 0) === 0) return 0
    const [low, high] = windows.padding[i]!
    const [stride, reach] = [windows.strides[i]!, (kernel[i]! - 1) * windows.dilations[i]! + 1]
    let count = Math.ceil((n + low + high - reach) / stride) + 1
    // A window must not begin in the padding at the end.
    if ((count - 1) * stride >= n + low) count--
    return Math.max(0, (count - 1) * stride + reach - (n + low + high))
  })
  return { ...windows, kernel, beyond }
}

function pooled(x: NDArray, init: number, how: 'max' | 'add', pooling: Pooling, padding = pooling.padding): NDArray {
  const { kernel, strides, dilations, beyond } = pooling
  const pads = padding.map(([low, high], i): [number, number] => [low, high + beyond[i]!])
  return lax.reduceWindow(
    x,
    np.array(init, { dtype: x.dtype }),
    how,
    [1, 1, ...kernel],
    [1, 1, ...strides],
    [[0, 0], [0, 0], ...pads],
    {
      windowDilation: [1, 1, ...dilations],
    },
  )
}

function maximum(node: Node): NDArray {
  const x = node.input(0)
  if (node.wanted > 1 && node.source.outputs[1] !== '')
    throw node.error('its indices are wanted; only the maxima are supported')
  const least = isFloat(x.dtype) ? -Infinity : integerRange(x.dtype)[0]
  return pooled(x, least, 'max', poolingOf(node, x))
}

function average(node: Node): NDArray {
  const x = node.input(0)
  const pooling = poolingOf(node, x)
  const sum = pooled(x, 0, 'add', pooling)
  const withPadding = node.int('count_include_pad', 0) === 1
  const counted = withPadding ? pooling.padding : []
  const sizes = x.shape.slice(2).map((n, i) => n + (counted[i]?.[0] ?? 0) + (counted[i]?.[1] ?? 0))
  const ones = np.ones(node.shape([1, 1, ...sizes]), { dtype: x.dtype })
  const count = pooled(ones, 0, 'add', pooling, withPadding ? sizes.map(() => [0, 0] as const) : pooling.padding)
  return sum.div(count)
}

function powers(node: Node): NDArray {
  const x = node.input(0)
  const p = node.int('p', 2)
  const sum = pooled(lax.integerPow(np.abs(x), p), 0, 'add', poolingOf(node, x))
  return p === 1 ? sum : p === 2 ? np.sqrt(sum) : np.power(sum, 1 / p)
}

const global =
  (f: (x: NDArray, options: { readonly axis: number[]; readonly keepdims: true }) => NDArray): Operator =>
  (node) => {
    const x = node.input(0)
    return f(x, { axis: range(spaceOf(node, x.shape).length).map((i) => i + 2), keepdims: true })
  }

export const pooling: Readonly<Record<string, Operator>> = {
  AveragePool: average,
  GlobalAveragePool: global((x, options) => x.mean(options)),
  GlobalMaxPool: global((x, options) => x.max(options)),
  LpPool: powers,
  MaxPool: maximum,
}
