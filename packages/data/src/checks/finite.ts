import { hostData, isFloat, NDArray, type Shape } from '@cotangent/autodiff/array'
import { type ElementLeaf, flatten, isElementLeaf } from '../dataset/structure.ts'
import { type Checked, checkAll, checkWhere, fine, problem } from './problem.ts'

/**
 * Whether every number is finite; arrays must be on the host.
 *
 * @example problemsOf(checkFinite(np.array([1, NaN]), 'main[0]'))[0].kind // notFinite
 */
export function checkFinite(element: unknown, where: string): Checked {
  checkWhere('checkFinite', where)
  const { leaves, paths } = flatten<ElementLeaf>(element, isElementLeaf, where)
  return checkAll(leaves.map((leaf, i) => (leaf instanceof NDArray ? checkArray(leaf, paths[i] as string) : fine)))
}

function checkArray(x: NDArray, where: string): Checked {
  if (!isFloat(x.dtype)) return fine
  const data = hostData(x)
  // x - x is 0 for finite numbers and NaN for the others.
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += (data[i] as number) - (data[i] as number)
  if (sum === 0) return fine
  let bad = 0
  for (const value of data) if (!Number.isFinite(value)) bad++
  const first = data.findIndex((value: number) => !Number.isFinite(value))
  const what = Number.isNaN(data[first]) ? 'NaN' : 'infinite numbers'
  return problem(
    'notFinite',
    where,
    `holds ${what}: ${bad} of ${data.length} numbers are not finite, the first at [${index(first, x.shape).join(', ')}]; leave such simulations out, or mend the simulator`,
  )
}

function index(flat: number, shape: Shape): number[] {
  const at: number[] = []
  for (const n of [...shape].reverse()) {
    at.unshift(flat % n)
    flat = Math.floor(flat / n)
  }
  return at
}
