import { isFloat } from '../../../array/dtype.ts'
import { fromHost, type NDArray } from '../../../array/ndarray.ts'
import { broadcastShapes, range } from '../../../array/shape.ts'
import { sliceAxis } from '../../../primitives/slicing.ts'
import * as np from '../../../numpy/index.ts'
import { definitionOf, isConcrete } from '../../../core/trace.ts'
import { dynamicSlice, dynamicUpdateSlice } from '../../../lax/index.ts'
import { axisOf, type Node, numbersOf, type Operator } from '../node.ts'
import { dtypeAttribute } from './elementwise.ts'
import { pairsOf } from './windows.ts'

/** Whole numbers as ONNX has them. */
const int64 = (values: readonly number[], shape: readonly number[] = [values.length]): NDArray =>
  fromHost(BigInt64Array.from(values, BigInt) as never, shape, 'int64')

function reshape(node: Node): NDArray {
  const x = node.input(0)
  const asked = node.numbersOrAttribute(1, 'shape') ?? []
  const keepZero = node.int('allowzero', 0) === 1
  const sizes = asked.map((n, i) => (n === 0 && !keepZero ? (x.shape[i] ?? 0) : n))
  const open = sizes.indexOf(-1)
  if (open >= 0) {
    const known = sizes.reduce((p, n, i) => (i === open ? p : p * n), 1)
    sizes[open] = known === 0 ? 0 : x.size / known
  }
  if (sizes.reduce((p, n) => p * n, 1) !== x.size || sizes.some((n) => !Number.isInteger(n) || n < 0))
    throw node.error(`an operand of shape [${x.shape.join(', ')}] does not have the shape [${asked.join(', ')}]`)
  return x.reshape(sizes)
}

function squeeze(node: Node): NDArray {
  const x = node.input(0)
  const axes = node.numbersOrAttribute(1, 'axes')?.map((a) => axisOf(node, a, x.ndim))
  const gone = new Set(axes ?? range(x.ndim).filter((i) => x.shape[i] === 1))
  const long = [...gone].find((i) => x.shape[i] !== 1)
  if (long !== undefined) throw node.error(`axis ${long} is ${x.shape[long]} long`)
  return x.reshape(x.shape.filter((_, i) => !gone.has(i)))
}

function unsqueeze(node: Node): NDArray {
  const x = node.input(0)
  const given = node.numbersOrAttribute(1, 'axes') ?? []
  const rank = x.ndim + given.length
  const axes = new Set(given.map((a) => axisOf(node, a, rank)))
  if (axes.size !== given.length) throw node.error(`axes is [${given.join(', ')}], which names an axis twice`)
  let next = 0
  return x.reshape(range(rank).map((i) => (axes.has(i) ? 1 : x.shape[next++]!)))
}

function flatten(node: Node): NDArray {
  const x = node.input(0)
  const given = node.int('axis', 1)
  const axis = given < 0 ? given + x.ndim : given
  if (axis < 0 || axis > x.ndim) throw node.error(`axis ${given} of an operand with ${x.ndim} axes`)
  const first = x.shape.slice(0, axis).reduce((p, n) => p * n, 1)
  return x.reshape([first, x.shape.slice(axis).reduce((p, n) => p * n, 1)])
}

function transpose(node: Node): NDArray {
  const x = node.input(0)
  const order = node.ints('perm') ?? range(x.ndim).reverse()
  if (order.length !== x.ndim || new Set(order).size !== x.ndim || order.some((i) => i < 0 || i >= x.ndim))
    throw node.error(`perm is [${order.join(', ')}] for ${x.ndim} axes`)
  return x.transpose(order)
}

function concat(node: Node): NDArray {
  const all = node.all()
  return np.concatenate(all, { axis: axisOf(node, node.int('axis', 0), all[0]!.ndim) })
}

function split(node: Node): NDArray[] {
  const x = node.input(0)
  const axis = axisOf(node, node.int('axis', 0), x.ndim)
  const n = x.shape[axis]!
  const count = node.int('num_outputs', node.wanted)
  const each = Math.ceil(n / count)
  const equal = range(count).map((i) => Math.max(0, Math.min(each, n - i * each)))
  const sizes = node.numbersOrAttribute(1, 'split') ?? equal
  if (sizes.reduce((sum, size) => sum + size, 0) !== n || sizes.some((size) => !(size >= 0)))
    throw node.error(`the parts [${sizes.join(', ')}] do not make up an axis of ${n}`)
  let start = 0
  return sizes.map((size) => sliceAxis(x, axis, start, (start += size)))
}

/**
 * A slice of a known length from a start that is not: its ends are its starts and a constant. It is held within the
 * array.
 */
function movingSlice(node: Node, x: NDArray): NDArray | undefined {
  const [starts, ends] = [node.inputs[1], node.inputs[2]]
  const sum = ends === undefined ? undefined : definitionOf(ends)
  if (starts === undefined || sum?.primitive.name !== 'add' || isConcrete(starts)) return undefined
  const length = sum.inputs.find((v) => v !== starts && isConcrete(v))
  if (length === undefined || !sum.inputs.includes(starts)) return undefined
  const sizes = numbersOf(length, () => node.error('its length is not known'))
  const axes = node.optionalNumbers(3) ?? range(sizes.length)
  if (node.optionalNumbers(4)?.some((step) => step !== 1) === true) throw node.error('a moving slice with steps')
  const from: (number | NDArray)[] = x.shape.map(() => 0)
  const wanted = [...x.shape]
  axes.forEach((given, i) => {
    const axis = axisOf(node, given, x.ndim)
    from[axis] = starts.at(i).astype('int32')
    wanted[axis] = sizes.length === 1 ? sizes[0]! : sizes[i]!
  })
  return dynamicSlice(x, from, wanted)
}

/** Starts and ends are counted as in Python, and cut to the axis. */
function slice(node: Node): NDArray {
  const x = node.input(0)
  const moving = movingSlice(node, x)
  if (moving !== undefined) return moving
  const starts = node.numbersOrAttribute(1, 'starts') ?? []
  const ends = node.numbersOrAttribute(2, 'ends') ?? []
  const axes = node.numbersOrAttribute(3, 'axes') ?? range(starts.length)
  const steps = node.optionalNumbers(4) ?? starts.map(() => 1)
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    throw node.error('starts, ends, axes and steps must be of one length')
  const index: ([number | null, number | null, number] | null)[] = x.shape.map(() => null)
  axes.forEach((given, i) => {
    const axis = axisOf(node, given, x.ndim)
    const [n, step] = [x.shape[axis]!, steps[i]!]
    if (step === 0) throw node.error('a step is 0')
    const within = (v: number, low: number, high: number): number => Math.min(high, Math.max(low, v < 0 ? v + n : v))
    const start = step > 0 ? within(starts[i]!, 0, n) : within(starts[i]!, -1, n - 1)
    const end = step > 0 ? within(ends[i]!, 0, n) : within(ends[i]!, -1, n - 1)
    const empty = step > 0 ? start >= end : start <= end
    index[axis] = empty ? [0, 0, 1] : [start, end === -1 ? null : end, step]
  })
  return x.slice(...index)
}

/** Ones and missing leading axes of either side are stretched. */
function expand(node: Node): NDArray {
  const x = node.input(0)
  return np.broadcastTo(x, node.shape(broadcastShapes([x.shape, node.shape(node.numbers(1))])))
}

function tile(node: Node): NDArray {
  const [x, repeats] = [node.input(0), node.numbers(1)]
  if (repeats.length !== x.ndim) throw node.error(`repeats is [${repeats.join(', ')}] for ${x.ndim} axes`)
  node.shape(repeats)
  node.shape(x.shape.map((n, i) => n * repeats[i]!))
  return np.tile(x, repeats)
}

/** Negative numbers cut. */
function pad(node: Node): NDArray {
  const x = node.input(0)
  const given = node.numbersOrAttribute(1, 'pads') ?? []
  const axes = node.optionalNumbers(3)?.map((a) => axisOf(node, a, x.ndim)) ?? range(x.ndim)
  const width = x.shape.map((): [number, number] => [0, 0])
  pairsOf(node, given, axes.length).forEach((pair, i) => (width[axes[i]!] = pair))
  node.shape(x.shape.map((n, i) => Math.max(0, n + width[i]![0] + width[i]![1])))
  const cut = x.slice(
    ...width.map(([low, high], i): [number, number] => [Math.max(0, -low), x.shape[i]! - Math.max(0, -high)]),
  )
  const more = width.map(([low, high]): [number, number] => [Math.max(0, low), Math.max(0, high)])
  const mode = node.string('mode', 'constant')
  if (mode === 'edge' || mode === 'reflect' || mode === 'wrap') return np.pad(cut, more, { mode })
  if (mode !== 'constant') throw node.error(`the mode is ${JSON.stringify(mode)}`)
  const value = node.inputs[2]?.reshape([]) ?? np.array(node.float('value', 0), { dtype: x.dtype })
  return np.pad(cut, more, { constantValues: value })
}

function shape(node: Node): NDArray {
  const sizes = node.input(0).shape
  return int64(sizes.slice(node.int('start', 0), node.int('end', sizes.length)))
}

function constantOfShape(node: Node): NDArray {
  const value = node.tensor('value') ?? np.zeros([1])
  return np.broadcastTo(value.reshape([]), node.shape(node.numbers(0)))
}

function rangeOf(node: Node): NDArray {
  const { dtype } = node.input(0)
  const [start, limit, step] = [0, 1, 2].map((i) => node.numbers(i)[0]!) as [number, number, number]
  const count = Math.max(0, Math.ceil((limit - start) / step))
  node.shape([Number.isFinite(count) ? count : -1])
  const steps = np.arange(count).astype('float64').mul(step).add(start)
  return isFloat(dtype) ? steps.astype(dtype) : np.round(steps).astype(dtype)
}

function triangle(node: Node): NDArray {
  const x = node.input(0)
  const k = node.optionalNumbers(1)?.[0] ?? 0
  return node.int('upper', 1) === 1 ? np.triu(x, k) : np.tril(x, k)
}

function eyeLike(node: Node): NDArray {
  const x = node.input(0)
  if (x.ndim !== 2) throw node.error(`an operand with ${x.ndim} axes; it must be a matrix`)
  return np.eye(x.shape[0]!, x.shape[1]!, { k: node.int('k', 0), dtype: dtypeAttribute(node, x.dtype) })
}

/** Blocks of features laid out in space, and back. */
const blocks =
  (toSpace: boolean): Operator =>
  (node) => {
    const x = node.input(0)
    const [b, n] = [node.int('blocksize', 0), x.shape[0]!]
    const [c, h, w] = x.shape.slice(1) as [number, number, number]
    if (x.ndim !== 4 || b < 1) throw node.error(`a blocksize of ${b} for the shape [${x.shape.join(', ')}]`)
    if (!toSpace) {
      const order = node.string('mode', 'DCR') === 'DCR' ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]
      const parts = x.reshape([n, c, h / b, b, w / b, b]).transpose(order)
      return parts.reshape([n, c * b * b, h / b, w / b])
    }
    const features = c / (b * b)
    const parts =
      node.string('mode', 'DCR') === 'DCR'
        ? x.reshape([n, b, b, features, h, w]).transpose([0, 3, 4, 1, 5, 2])
        : x.reshape([n, features, b, b, h, w]).transpose([0, 1, 4, 2, 5, 3])
    return parts.reshape([n, features, h * b, w * b])
  }

export const shapes: Readonly<Record<string, Operator>> = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  DepthToSpace: blocks(true),
  Expand: expand,
  EyeLike: eyeLike,
  Flatten: flatten,
  Pad: pad,
  Range: rangeOf,
  Reshape: reshape,
  Shape: shape,
  Size: (node) => int64([node.input(0).size], []),
  Slice: slice,
  SpaceToDepth: blocks(false),
  Split: split,
  Squeeze: squeeze,
  Tile: tile,
  Transpose: transpose,
  Trilu: triangle,
  Unsqueeze: unsqueeze,
}

/** One entry of an array split into a sequence: in parts of a size, of sizes, or of one entry each without the axis. */
function splitEntry(node: Node): NDArray {
  const x = node.input(0)
  const axis = axisOf(node, node.int('axis', 0), x.ndim)
  const n = x.shape[axis]!
  const given = node.inputs[2]
  const parts = given === undefined ? [1] : node.numbers(2)
  const each = parts[0]!
  if (given?.ndim !== 1 && !(each >= 1)) throw node.error(`parts of ${each} entries`)
  const sizes = given?.ndim === 1 ? parts : range(Math.ceil(n / each)).map((i) => Math.min(each, n - i * each))
  if (sizes.reduce((sum, size) => sum + size, 0) !== n || sizes.some((size) => size < 0))
    throw node.error(`the parts [${sizes.join(', ')}] do not make up an axis of ${n}`)
  const at = axisOf(node, node.numbers(1)[0]!, sizes.length)
  const start = sizes.slice(0, at).reduce((sum, size) => sum + size, 0)
  const part = sliceAxis(x, axis, start, start + sizes[at]!)
  return given === undefined && node.int('keepdims', 1) === 0 ? np.squeeze(part, axis) : part
}

/** What `joinMovingParts` and `takeEntries` make of several nodes. */
export const movingOperators: Readonly<Record<string, Operator>> = {
  SplitEntry: splitEntry,
  DynamicUpdateSlice(node) {
    const [x, part, from] = [node.input(0), node.input(1), node.input(2)]
    const axis = axisOf(node, node.int('axis', 0), x.ndim)
    return dynamicUpdateSlice(
      x,
      part,
      x.shape.map((_, i) => (i === axis ? from.reshape([]).astype('int32') : 0)),
    )
  },
}
