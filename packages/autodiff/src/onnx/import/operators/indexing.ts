import { isConcrete } from '../../../core/trace.ts'
import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as np from '../../../numpy/index.ts'
import { addAt, maxAt, minAt, mulAt, set } from '../../../numpy/updates.ts'
import { vmap } from '../../../transforms/vmap.ts'
import { axisOf, type Node, numbersOf, type Operator } from '../node.ts'

/** Whole numbers of 32 bits, which every device has, counted from the front; those that are known are checked. */
function indicesInto(node: Node, indices: NDArray, n: number): NDArray {
  if (isConcrete(indices) && indices.storage.host !== undefined) {
    const wrong = numbersOf(indices, () => node.error('')).find((i) => i < -n || i >= n)
    if (wrong !== undefined) throw node.error(`index ${wrong} into an axis of ${n}`)
  }
  const i = indices.astype('int32')
  return np.where(i.lt(0), i.add(n), i)
}

function gather(node: Node): NDArray {
  const [x, indices] = [node.input(0), node.input(1)]
  const axis = axisOf(node, node.int('axis', 0), x.ndim)
  return np.take(x, indicesInto(node, indices, x.shape[axis]!), { axis })
}

function gatherElements(node: Node): NDArray {
  const [x, indices] = [node.input(0), node.input(1)]
  const axis = axisOf(node, node.int('axis', 0), x.ndim)
  if (indices.ndim !== x.ndim) throw node.error(`indices with ${indices.ndim} axes for ${x.ndim}`)
  // On the other axes there may be fewer indices than entries.
  const cut = x.slice(...x.shape.map((_, i): [number, number] | null => (i === axis ? null : [0, indices.shape[i]!])))
  return np.takeAlongAxis(cut, indicesInto(node, indices, x.shape[axis]!), { axis })
}

/** The last axis of `indices`, one array an axis of `x`. */
function places(node: Node, x: NDArray, indices: NDArray): NDArray[] {
  const depth = indices.shape.at(-1) ?? 0
  if (indices.ndim === 0 || depth > x.ndim) throw node.error(`indices of ${depth} axes into ${x.ndim}`)
  const all = indices.ndim - 1
  return range(depth).map((i) => indicesInto(node, indices.slice(...range(all).map(() => null), i), x.shape[i]!))
}

function gatherND(node: Node): NDArray {
  const [x, indices] = [node.input(0), node.input(1)]
  const batch = node.int('batch_dims', 0)
  if (batch < 0 || batch >= Math.min(x.ndim, indices.ndim)) throw node.error(`batch_dims is ${batch}`)
  let f = (a: NDArray, i: NDArray): NDArray => a.slice(...places(node, a, i))
  for (let i = 0; i < batch; i++) {
    const inner = f
    f = vmap(inner) as typeof f
  }
  return f(x, indices)
}

const updates = { none: set, add: addAt, mul: mulAt, max: maxAt, min: minAt } as const

function updateOf(node: Node): (typeof updates)[keyof typeof updates] {
  const reduction = node.string('reduction', 'none')
  if (!Object.hasOwn(updates, reduction)) throw node.error(`the reduction is ${JSON.stringify(reduction)}`)
  return updates[reduction as keyof typeof updates]
}

function scatterND(node: Node): NDArray {
  const [x, indices, values] = [node.input(0), node.input(1), node.input(2)]
  return updateOf(node)(x, places(node, x, indices), values)
}

function scatterElements(node: Node): NDArray {
  const [x, indices, values] = [node.input(0), node.input(1), node.input(2)]
  const axis = axisOf(node, node.int('axis', 0), x.ndim)
  const where = x.shape.map((n, i) => {
    if (i === axis) return indicesInto(node, indices, n)
    const steps = np.arange(indices.shape[i]!).astype('int32')
    return np.broadcastTo(steps.reshape(x.shape.map((_, j) => (j === i ? -1 : 1))), indices.shape)
  })
  return updateOf(node)(x, where, values)
}

function oneHot(node: Node): NDArray {
  const [indices, values] = [node.input(0), node.input(2)]
  const depth = node.numbers(1)[0]!
  const rank = indices.ndim + 1
  const axis = axisOf(node, node.int('axis', -1), rank)
  node.shape([...indices.shape, depth])
  const i = indices.astype('int32')
  const place = np.expandDims(np.where(i.lt(0), i.add(depth), i), axis)
  const steps = np
    .arange(depth)
    .astype('int32')
    .reshape(range(rank).map((j) => (j === axis ? depth : 1)))
  return np.where(np.equal(place, steps), values.at(1), values.at(0))
}

/** How many there are must be known, as everything that makes a shape. */
function nonzero(node: Node): NDArray {
  const x = node.input(0)
  node.numbers(0)
  return np.stack(np.nonzero(x)).astype('int64')
}

export const indexing: Readonly<Record<string, Operator>> = {
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  NonZero: nonzero,
  OneHot: oneHot,
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: scatterND,
}
