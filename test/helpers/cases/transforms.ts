import { lax, type NDArray } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { all, type Call, caseList, edgesOf, plain } from './operands.ts'

const { cases, add } = caseList()
export const transformCases = cases

const pass = ((...xs: NDArray[]) => lax.optimizationBarrier(xs)) as unknown as Call
const several = (d: DType): NDArray[] => [plain([2, 3], d), plain([], d), plain([3, 1], d)]

add('optimization_barrier', all, pass, several, '', several)
add('optimization_barrier', all, pass, (d) => [plain([0, 3], d), plain([2], d)], 'empty')
add('optimization_barrier', ['float32', 'float64'], pass, (d) => [edgesOf(d)], 'edges')
