import { fromHost, type NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as np from '../../../numpy/index.ts'
import { axisOf, type Node, type Operator } from '../node.ts'

/** Where output `i` lies among `n` entries. */
type Position = (i: number) => number

function positionOf(node: Node, mode: string, n: number, out: number, scale: number): Position {
  switch (mode) {
    case 'half_pixel':
      return (i) => (i + 0.5) / scale - 0.5
    case 'pytorch_half_pixel':
      return (i) => (out > 1 ? (i + 0.5) / scale - 0.5 : 0)
    case 'half_pixel_symmetric': {
      const adjustment = out / (n * scale)
      const offset = (n / 2) * (1 - adjustment)
      return (i) => offset + (i + 0.5) / scale - 0.5
    }
    case 'align_corners':
      return (i) => (out > 1 ? (i * (n - 1)) / (out - 1) : 0)
    case 'asymmetric':
      return (i) => i / scale
    default:
      throw node.error(`coordinate_transformation_mode ${JSON.stringify(mode)} is not supported`)
  }
}

const rounding: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
}

/** The entries that an output mixes, and how much of each. */
type Taps = (position: number) => readonly (readonly [entry: number, weight: number])[]

/** How much an entry at a distance counts, and from where on it does not. */
interface Filter {
  readonly radius: number
  weight(distance: number): number
}

const hat: Filter = { radius: 1, weight: (t) => Math.max(0, 1 - t) }

const cubic = (a: number): Filter => ({
  radius: 2,
  weight: (t) => (t <= 1 ? ((a + 2) * t - (a + 3)) * t * t + 1 : t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0),
})

/** Below a `stretch` of 1 a filter reaches farther, so that every entry counts where fewer are wanted. */
function filtered({ radius, weight }: Filter, stretch: number): Taps {
  const first = Math.floor(-radius / stretch) + 1
  const offsets = range(2 - 2 * first).map((i) => first + i)
  return (x) => {
    const low = Math.floor(x)
    const weights = offsets.map((d) => weight(Math.abs(x - low - d) * stretch))
    const total = stretch === 1 ? 1 : weights.reduce((sum, w) => sum + w, 0)
    return offsets.map((d, i) => [low + d, weights[i]! / total] as const)
  }
}

function tapsOf(node: Node, mode: string, stretch: number): Taps {
  if (mode === 'linear') return filtered(hat, stretch)
  if (mode === 'cubic') return filtered(cubic(node.float('cubic_coeff_a', -0.75)), stretch)
  if (mode !== 'nearest') throw node.error(`the mode ${JSON.stringify(mode)} is not supported`)
  const nearest =
    rounding[node.string('nearest_mode', node.source.operator === 'Upsample' ? 'floor' : 'round_prefer_floor')]
  if (nearest === undefined) throw node.error('its nearest_mode is not known')
  return (x) => [[nearest(x), 1]]
}

/** Each axis is a matrix product with few entries a row, or a choice of entries. */
function resizeAxis(
  x: NDArray,
  axis: number,
  rows: readonly (readonly (readonly [number, number])[])[],
  exclude: boolean,
): NDArray {
  const n = x.shape[axis]!
  const held = (i: number): number => Math.min(n - 1, Math.max(0, i))
  if (rows.every((row) => row.length === 1)) {
    const entries = Int32Array.from(rows, ([tap]) => held(tap![0]))
    return np.take(x, fromHost(entries, [rows.length], 'int32'), { axis, mode: 'clip' })
  }
  const matrix = new Float64Array(rows.length * n)
  rows.forEach((row, i) => {
    const inside = exclude ? row.filter(([entry]) => entry >= 0 && entry < n) : row
    const total = exclude ? inside.reduce((sum, [, w]) => sum + w, 0) : 1
    for (const [entry, w] of inside) matrix[i * n + held(entry)]! += w / total
  })
  const weights = fromHost(matrix, [rows.length, n], 'float64').astype(x.dtype)
  return np.moveaxis(np.tensordot(x, weights, [[axis], [1]]), -1, axis)
}

function resize(node: Node): NDArray {
  const x = node.input(0)
  const antialias = node.int('antialias', 0) !== 0
  node.expect('keep_aspect_ratio_policy', 'stretch')
  const axes = node.ints('axes')?.map((a) => axisOf(node, a, x.ndim)) ?? range(x.ndim)
  const old = node.version < 11
  const scalesAt = old ? 1 : 2
  const givenScales = node.inputs[scalesAt] === undefined ? (node.floats('scales') ?? []) : node.numbers(scalesAt)
  const sizes = givenScales.length > 0 ? undefined : node.optionalNumbers(3)
  const all = sizes ?? givenScales
  if (all.length !== axes.length) throw node.error(`${all.length} sizes or scales for ${axes.length} axes`)
  const mode = node.string('mode', 'nearest')
  const filter = mode === 'bilinear' ? 'linear' : mode
  const transformation = node.string('coordinate_transformation_mode', old ? 'asymmetric' : 'half_pixel')
  let y = x
  axes.forEach((axis, i) => {
    const n = x.shape[axis]!
    const out = sizes === undefined ? Math.floor(n * givenScales[i]!) : sizes[i]!
    const scale = sizes === undefined ? givenScales[i]! : out / n
    node.shape([...y.shape.slice(0, axis), out, ...y.shape.slice(axis + 1)])
    if (out === n && scale === 1) return
    if (n === 0) throw node.error('an axis is empty')
    const position = positionOf(node, transformation, n, out, scale)
    const taps = tapsOf(node, filter, antialias && scale > 0 ? Math.min(1, scale) : 1)
    const rows = range(out).map((j) => taps(position(j)))
    y = resizeAxis(y, axis, rows, filter !== 'nearest' && node.int('exclude_outside', 0) === 1)
  })
  return y
}

export const resizing: Readonly<Record<string, Operator>> = {
  Resize: resize,
  Upsample: resize,
}
