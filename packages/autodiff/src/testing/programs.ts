import { normalizeAxis } from '../array/shape.ts'
import { broadcastPrefix } from '../array/tree-prefix.ts'
import type { Arrays } from '../array/tree-types.ts'
import { checkCall, checkSettings } from './functions.ts'
import type { NDArray } from '../array/ndarray.ts'
import { treeFlatten, treeUnflatten } from '../array/tree.ts'
import type { Device, DeviceKind } from '../core/device/device.ts'
import { stack } from '../numpy/shape.ts'
import { flattenArrays, type TreeFunction } from '../transforms/function.ts'
import { jit } from '../transforms/jit/jit.ts'
import { type Axes, isAxis, vmap } from '../transforms/vmap.ts'
import { expectClose, LawError, type Tolerance, toleranceFor } from './numbers.ts'

export interface VmapOptions {
  /** The axis of each argument to map over. @defaultValue 0 */
  readonly inAxes?: Axes
  /** @defaultValue some hundred roundings of the dtype */
  readonly tolerance?: Tolerance
}

/** Results of one structure, stacked along a new first axis. */
function stackTrees(trees: readonly unknown[]): unknown {
  const flat = trees.map((tree) => flattenArrays(tree, 'result'))
  const [, def] = flat[0] as (typeof flat)[0]
  return treeUnflatten(
    def,
    Array.from({ length: def.leaves }, (_, i) => stack(flat.map(([leaves]) => leaves[i] as NDArray))),
  )
}

/**
 * Checks that `vmap(f)` is `f` of each entry of the batch, stacked.
 *
 * @throws LawError with the numbers that differ.
 * @example await checkVmap(np.dot, [np.ones([4, 3]), np.ones([3])], { inAxes: [0, null] })
 */
export async function checkVmap(f: TreeFunction, args: readonly unknown[], options: VmapOptions = {}): Promise<void> {
  checkCall('checkVmap', f, args)
  const { inAxes = 0, tolerance } = checkSettings('checkVmap', options, ['inAxes', 'tolerance'])
  const [leaves, def] = flattenArrays(args, 'args')
  const axes = broadcastPrefix(inAxes, def, isAxis, 'checkVmap: inAxes')
  const mapped = axes.findIndex((axis) => axis !== null)
  if (mapped < 0) throw new LawError('checkVmap: inAxes maps over no argument')
  const first = leaves[mapped] as NDArray
  const size = first.shape[normalizeAxis(axes[mapped] as number, first.ndim, 'checkVmap: inAxes')] as number
  if (size === 0) throw new LawError('checkVmap: there are 0 entries to map over; give at least 1')
  const entry = (i: number): unknown[] =>
    treeUnflatten(
      def,
      leaves.map((x, k) => {
        const axis = axes[k] ?? null
        return axis === null ? x : x.slice(...new Array<null>((axis + x.ndim) % x.ndim).fill(null), i)
      }),
    ) as unknown[]
  const call = f as (...args: unknown[]) => unknown
  const expected = stackTrees(Array.from({ length: size }, (_, i) => call(...entry(i))))
  const got = vmap(call, { inAxes })(...args)
  const outputs = flattenArrays(expected, 'result')[0]
  await expectClose(
    'checkVmap: vmap(f) and f of each entry',
    got,
    expected,
    tolerance ?? toleranceFor([...leaves, ...outputs], 500),
  )
}

export interface JitOptions {
  /** @defaultValue 'js' */
  readonly device?: Device | DeviceKind
  /** @defaultValue some hundred roundings of the dtype */
  readonly tolerance?: Tolerance
}

/**
 * Checks that `jit(f)` is `f` on a device.
 *
 * @throws LawError with the numbers that differ.
 * @example await checkJit((x) => np.sin(x).sum(), [np.ones([3])], { device: 'cpu' })
 */
export async function checkJit(f: TreeFunction, args: readonly unknown[], options: JitOptions = {}): Promise<void> {
  checkCall('checkJit', f, args)
  const { device = 'js', tolerance } = checkSettings('checkJit', options, ['device', 'tolerance'])
  const call = f as (...args: unknown[]) => unknown
  const expected = call(...(treeArrays(args) as unknown[]))
  const outputs = flattenArrays(expected, 'result')[0]
  const got = jit(call, { device })(...args)
  await expectClose('checkJit: jit(f) and f', got, expected, tolerance ?? toleranceFor(outputs, 500))
}

/** The tree with arrays for leaves, as a transformed function sees it. */
function treeArrays<T>(tree: T): Arrays<T> {
  const [leaves] = flattenArrays(tree, 'args')
  return treeUnflatten(treeFlatten(tree)[1], leaves) as Arrays<T>
}
