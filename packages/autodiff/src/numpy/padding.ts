import { checkOptions, checkList } from '../array/options.ts'
import { isFloat, isInteger } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { range, shapesEqual, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { floor, round } from '../primitives/arithmetic.ts'
import { broadcastAxis, broadcastTo, full } from '../primitives/broadcast.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { reshape } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { pad as padWith, sliceAxis } from '../primitives/slicing.ts'
import { applyAlongAxis } from './functions.ts'
import { asArray, asArrayBeside, asNumbers } from './operands.ts'
import { median } from './quantiles.ts'
import { max, mean, min } from './reductions.ts'

/** Numbers before and after: for all axes one, or two, or a pair, or a pair for each axis. */
export type PadWidth = number | readonly number[] | readonly (readonly number[])[]

/** What stands in the new entries. */
export type PadMode =
  | 'constant'
  | 'edge'
  | 'reflect'
  | 'symmetric'
  | 'wrap'
  | 'linear_ramp'
  | 'maximum'
  | 'minimum'
  | 'mean'
  | 'median'
  | 'empty'

/** Fills the new entries at the ends of a row, in which they are 0, and gives the whole row. */
export type PadFunction = (row: NDArray, widths: readonly [before: number, after: number], axis: number) => NDArray

export interface PadOptions {
  /**
   * 'constant' takes `constantValues`; 'edge' the last entry; 'reflect' and 'symmetric' mirror the entries without and
   * with the last one; 'wrap' goes on at the other end; 'linear_ramp' goes down to `endValues`; 'maximum', 'minimum',
   * 'mean' and 'median' are those of `statLength` entries; 'empty' is 0; a function fills rows.
   * @defaultValue 'constant'
   */
  readonly mode?: PadMode | PadFunction
  /** With 'constant': a number, or numbers before and after, or a pair of them an axis. @defaultValue 0 */
  readonly constantValues?: Operand
  /** With 'linear_ramp': the numbers at the ends, as `constantValues`. @defaultValue 0 */
  readonly endValues?: Operand
  /** With the statistics: of how many entries from each end, as `padWidth`. @defaultValue all */
  readonly statLength?: PadWidth
  /** With 'reflect' and 'symmetric': 'odd' mirrors about the value at the edge too. @defaultValue 'even' */
  readonly reflectType?: 'even' | 'odd'
}

type Pair = readonly [before: number, after: number]

const belongsTo: Readonly<Record<Exclude<keyof PadOptions, 'mode'>, readonly PadMode[]>> = {
  constantValues: ['constant'],
  endValues: ['linear_ramp'],
  statLength: ['maximum', 'minimum', 'mean', 'median'],
  reflectType: ['reflect', 'symmetric'],
}

/**
 * An array with entries added at the ends of its axes.
 *
 * @throws ShapeError for widths or values that are not one, two, or two an axis; ValueError for an unknown mode, an
 *   option of another mode, or widths that are not whole or negative.
 * @see NumPy's `pad`
 * @example
 * np.pad([1, 2], 1) // [0, 1, 2, 0]
 * np.pad([1, 2, 3], [2, 1], { mode: 'reflect' }) // [3, 2, 1, 2, 3, 2]
 */
export function pad(x: Operand, padWidth: PadWidth, options: PadOptions = {}): NDArray {
  checkOptions('pad', options, ['mode', 'constantValues', 'endValues', 'statLength', 'reflectType'])
  const array = options.reflectType === 'odd' ? asNumbers('pad', x) : asArray(x)
  const { mode = 'constant', constantValues = 0, endValues = 0, statLength, reflectType = 'even' } = options
  checkPadOptions(mode, options)
  const widths = pairsOf('padWidth', padWidth, array.ndim)
  if (widths.flat().some((n) => !Number.isInteger(n) || n < 0))
    throw new ValueError(
      `pad: padWidth ${showGiven(padWidth)} has numbers that are not whole, or negative; slice to cut`,
    )
  if (array.ndim === 0) return array
  if (typeof mode === 'function') {
    const zeros = padConstant(array, widths, asArray(0))
    return range(array.ndim).reduce(
      (whole, axis) => applyAlongAxis((row) => mode(row, widths[axis] as Pair, axis), axis, whole),
      zeros,
    )
  }
  if (mode === 'constant' || mode === 'empty') return padConstant(array, widths, asArrayBeside(array, constantValues))
  const ends = valuePairs('endValues', asArrayBeside(array, endValues), array)
  const lengths = statLength === undefined ? undefined : pairsOf('statLength', statLength, array.ndim)
  return range(array.ndim).reduce((y, axis) => {
    const [before, after] = widths[axis] as Pair
    if (before === 0 && after === 0) return y
    if (y.shape[axis] === 0)
      throw new ShapeError(`pad: axis ${axis} of ${showShape(array.shape)} is empty: '${mode}' has no entries to take`)
    if (mode === 'edge')
      return around(y, axis, repeated(first(y, axis), axis, before), repeated(last(y, axis), axis, after))
    if (mode === 'wrap') return wrap(y, axis, before, after)
    if (mode === 'linear_ramp') return ramp(y, axis, before, after, ends(axis))
    if (mode === 'reflect' || mode === 'symmetric')
      return mirror(y, axis, before, after, mode === 'reflect', reflectType)
    return padStatistic(y, axis, [before, after], lengths?.[axis], statistics[mode])
  }, array)
}

function checkPadOptions(mode: PadMode | PadFunction, options: PadOptions): void {
  const modes = ['empty', 'edge', 'wrap', ...Object.values(belongsTo).flat()]
  if (typeof mode !== 'function' && !modes.includes(mode))
    throw new ValueError(`pad: unknown mode ${showGiven(mode)}; use a function or one of ${modes.join(', ')}`)
  for (const [name, of] of Object.entries(belongsTo)) {
    if (options[name as keyof PadOptions] !== undefined && (typeof mode === 'function' || !of.includes(mode)))
      throw new ValueError(`pad: ${name} belongs to the modes ${of.join(', ')}, not to "${String(mode)}"; leave it out`)
  }
}

function pairsOf(name: string, value: PadWidth, rank: number): Pair[] {
  if (typeof value !== 'number') checkList('pad', name, value as readonly number[])
  const { shape } = asArray(value as Operand)
  const list = (typeof value === 'number' ? [value] : value) as readonly (number | readonly number[])[]
  if (shapesEqual(shape, [rank, 2]) || (rank === 0 && list.length === 0)) return list as Pair[]
  const flat = list.flat()
  const fits = shape.length < 2 ? flat.length === 1 || flat.length === 2 : shapesEqual(shape, [1, 2])
  if (fits) return range(rank).map(() => [flat[0] as number, flat[flat.length - 1] as number])
  throw new ShapeError(
    `pad: ${name} has the shape ${showShape(shape)}; give a number, two, a pair, or ${rank} pairs, one an axis`,
  )
}

/** The values before and after an axis, scalars that may be traced. */
function valuePairs(name: string, values: NDArray, x: NDArray): (axis: number) => [NDArray, NDArray] {
  const { shape } = values
  const fits = shape.length < 2 ? values.size === 1 || values.size === 2 : shape[1] === 2 || shape[1] === 1
  if (!fits || shape.length > 2 || (shape.length === 2 && shape[0] !== 1 && shape[0] !== x.ndim)) {
    throw new ShapeError(
      `pad: ${name} has the shape ${showShape(shape)}; give a number, two, a pair, or ${x.ndim} pairs, one an axis`,
    )
  }
  const all = broadcastTo(convert(values, x.dtype), [x.ndim, 2])
  return (axis) => [all.at(axis, 0), all.at(axis, 1)]
}

function padConstant(x: NDArray, widths: readonly Pair[], values: NDArray): NDArray {
  const none = x.shape.map(() => 0)
  if (values.size === 1) {
    const value = reshape(convert(values, x.dtype), [])
    return padWith(x, value, { low: widths.map(([n]) => n), high: widths.map(([, n]) => n), interior: none })
  }
  const valuesOf = valuePairs('constantValues', values, x)
  return widths.reduce((y, [before, after], axis) => {
    const [low, high] = valuesOf(axis)
    const at = (n: number): number[] => none.map((_, i) => (i === axis ? n : 0))
    return padWith(padWith(y, low, { low: at(before), high: none, interior: none }), high, {
      low: none,
      high: at(after),
      interior: none,
    })
  }, x)
}

const first = (x: NDArray, axis: number): NDArray => sliceAxis(x, axis, 0, 1)
const last = (x: NDArray, axis: number): NDArray =>
  sliceAxis(x, axis, (x.shape[axis] as number) - 1, x.shape[axis] as number)

/** One entry of an axis `n` times. */
const repeated = (x: NDArray, axis: number, n: number): NDArray =>
  broadcastAxis(
    reshape(
      x,
      x.shape.filter((_, i) => i !== axis),
    ),
    axis,
    n,
  )

/** The parts that are not empty, one after the other. */
const around = (x: NDArray, axis: number, ...[before, after]: readonly [NDArray, NDArray]): NDArray =>
  concatenate(
    [before, x, after].filter((part) => part.shape[axis] !== 0),
    axis,
  )

function wrap(x: NDArray, axis: number, before: number, after: number): NDArray {
  const n = x.shape[axis] as number
  const whole = Math.floor(before / n) + Math.floor(after / n) + 1
  const parts = [
    sliceAxis(x, axis, n - (before % n), n),
    ...range(whole).map(() => x),
    sliceAxis(x, axis, 0, after % n),
  ]
  return concatenate(
    parts.filter((part) => part.shape[axis] !== 0),
    axis,
  )
}

function mirror(
  x: NDArray,
  axis: number,
  before: number,
  after: number,
  skipsEdge: boolean,
  type: 'even' | 'odd',
): NDArray {
  const n = x.shape[axis] as number
  const offset = skipsEdge && n > 1 ? 1 : 0
  /** Adds mirror images until the end is long enough: of the original length, or what is left. */
  const extend = (y: NDArray, width: number, front: boolean): NDArray => {
    let [whole, left] = [y, width]
    while (left > 0) {
      const length = whole.shape[axis] as number
      const take = Math.min(left, n - offset)
      const start = front ? offset : length - offset - take
      const image = rev(sliceAxis(whole, axis, start, start + take), [axis])
      const edge = front ? first(whole, axis) : last(whole, axis)
      const part = type === 'odd' ? repeated(edge.mul(2), axis, take).sub(image) : image
      whole = concatenate(front ? [part, whole] : [whole, part], axis)
      left -= take
    }
    return whole
  }
  return extend(extend(x, before, true), after, false)
}

/** From the edge down to the end value, which the last new entry has. */
function ramp(x: NDArray, axis: number, before: number, after: number, ends: readonly [NDArray, NDArray]): NDArray {
  const float = isFloat(x.dtype) ? x.dtype : 'float32'
  const part = (edge: NDArray, end: NDArray, width: number): NDArray => {
    const shape = x.shape.map((n, i) => (i === axis ? width : n))
    const share = iota(shape, axis, float).div(full(shape, Math.max(1, width), float))
    const from = broadcastTo(convert(end, float), shape)
    const line = from.mul(share.neg().add(1)).add(repeated(convert(edge, float), axis, width).mul(share))
    return convert(isInteger(x.dtype) ? floor(line) : line, x.dtype)
  }
  const [low, high] = ends
  return around(x, axis, part(first(x, axis), low, before), rev(part(last(x, axis), high, after), [axis]))
}

type Statistic = (x: NDArray, options: { axis: number; keepdims: true }) => NDArray
const statistics: Readonly<Record<'maximum' | 'minimum' | 'mean' | 'median', Statistic>> = {
  maximum: max,
  minimum: min,
  mean,
  median,
}

function padStatistic(
  x: NDArray,
  axis: number,
  [before, after]: Pair,
  lengths: Pair | undefined,
  of: Statistic,
): NDArray {
  const n = x.shape[axis] as number
  const length = (m: number | undefined): number => {
    if (m !== undefined && (!Number.isInteger(m) || m < 1))
      throw new ValueError(`pad: statLength is ${m}; a statistic is of 1 entry or more`)
    return Math.min(n, m ?? n)
  }
  const [front, back] = [length(lengths?.[0]), length(lengths?.[1])]
  const value = (part: NDArray): NDArray => {
    const found = of(part, { axis, keepdims: true })
    return convert(isInteger(x.dtype) && isFloat(found.dtype) ? round(found) : found, x.dtype)
  }
  return around(
    x,
    axis,
    repeated(value(sliceAxis(x, axis, 0, front)), axis, before),
    repeated(value(sliceAxis(x, axis, n - back, n)), axis, after),
  )
}
