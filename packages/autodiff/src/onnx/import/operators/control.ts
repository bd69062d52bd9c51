import { isConcrete } from '../../../core/trace.ts'
import type { NDArray } from '../../../array/ndarray.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import type { ModelGraph } from '../model-graph.ts'
import { axisOf, type Node, numbersOf, type Operator } from '../node.ts'

/** A number that is known while tracing. */
const known = (node: Node, x: NDArray | undefined): number | undefined =>
  x !== undefined && isConcrete(x) && x.storage.host !== undefined ? numbersOf(x, () => node.error(''))[0] : undefined

/** A branch that is known is the only one that counts. */
function branch(node: Node): NDArray[] {
  const condition = node.input(0).reshape([])
  const [onTrue, onFalse] = [node.graph('then_branch'), node.graph('else_branch')]
  const value = known(node, condition)
  if (value !== undefined) return node.run(value !== 0 ? onTrue : onFalse, [])
  return lax.cond(
    condition,
    () => node.run(onTrue, []),
    () => node.run(onFalse, []),
  )
}

/** Whether a Loop's body says to go on whatever comes: its condition is the one that it was given, or true. */
function goesOn(body: ModelGraph): boolean {
  let name = body.outputs[0]
  for (;;) {
    if (name === body.inputs[1]) return true
    const constant = name === undefined ? undefined : body.initializers.get(name)
    if (constant !== undefined) return constant.storage.host?.[0] === 1
    const node = body.nodes.find((n) => n.outputs.includes(name ?? ''))
    if (node?.operator === 'Constant') {
      const value = node.attributes.get('value')
      return value?.kind === 'tensor' && value.value.storage.host?.[0] === 1
    }
    if (node?.operator !== 'Identity') return false
    name = node.inputs[0]
  }
}

/** A Loop of a known number of iterations is a scan, any other a while loop. */
function loop(node: Node): NDArray[] {
  const body = node.graph('body')
  const [count, first] = [node.inputs[0], node.inputs[1]]
  const init = node.inputs.slice(2).map((_, i) => node.input(i + 2))
  const limit = known(node, count)
  const carried = init.length
  const starts = first === undefined ? 1 : known(node, first)
  if ((count === undefined || limit !== undefined) && starts !== undefined && goesOn(body) && limit !== undefined) {
    const length = starts === 0 ? 0 : Math.max(0, limit)
    node.shape([length])
    const steps = np.arange(length).astype('int64')
    const [last, ys] = lax.scan(
      (values: NDArray[], i: NDArray) => {
        const out = node.run(body, [i, np.array(true), ...values])
        return [out.slice(1, 1 + carried), out.slice(1 + carried)] as const
      },
      init,
      steps,
    )
    return [...last, ...(ys as NDArray[])]
  }
  if (body.outputs.length > 1 + carried)
    throw node.error('it collects values over a number of iterations that is not known before it runs')
  const held = { i: np.array(0, { dtype: 'int32' }), goes: first?.reshape([]) ?? np.array(true), values: init }
  const { values } = lax.whileLoop(
    ({ i, goes }) => (count === undefined ? goes : np.logicalAnd(goes, i.lt(count.reshape([])))),
    (carry) => {
      const [goes, ...next] = node.run(body, [carry.i.astype('int64'), carry.goes, ...carry.values])
      return { i: carry.i.add(1), goes: goes!.reshape([]), values: next }
    },
    held,
  )
  return values
}

function scan(node: Node): NDArray[] {
  if (node.version < 9) throw node.error('it is of operator set 8; 9 and later are supported')
  const body = node.graph('body')
  const scanned = node.int('num_scan_inputs', 0)
  const all = node.all()
  const carried = all.length - scanned
  if (scanned < 1 || carried < 0) throw node.error(`num_scan_inputs is ${scanned} of ${all.length} operands`)
  const flipped = (x: NDArray, directions: readonly number[] | undefined, i: number): NDArray =>
    directions?.[i] === 1 ? np.flip(x, { axis: 0 }) : x
  const inputAxes = node.ints('scan_input_axes')
  const xs = all.slice(carried).map((x, i) => {
    const moved = np.moveaxis(x, axisOf(node, inputAxes?.[i] ?? 0, x.ndim), 0)
    return flipped(moved, node.ints('scan_input_directions'), i)
  })
  const [last, ys] = lax.scan(
    (values: NDArray[], x: NDArray[]) => {
      const out = node.run(body, [...values, ...x])
      return [out.slice(0, carried), out.slice(carried)] as const
    },
    all.slice(0, carried),
    xs,
  )
  const outputAxes = node.ints('scan_output_axes')
  const stacked = (ys as NDArray[]).map((y, i) =>
    np.moveaxis(flipped(y, node.ints('scan_output_directions'), i), 0, axisOf(node, outputAxes?.[i] ?? 0, y.ndim)),
  )
  return [...last, ...stacked]
}

export const control: Readonly<Record<string, Operator>> = { If: branch, Loop: loop, Scan: scan }

/** The operands of a node that are numbers of each iteration: nothing to fold. */
export const isControl = (operator: string): boolean => Object.hasOwn(control, operator)
