import { allocate, isDifferentiable, type TypedArray } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import { hostProgram } from '../core/host/program.ts'
import { type Aval, avalOf, showAval, withInputs, withOutputs } from '../core/jaxpr.ts'
import { type BatchResult, definePrimitive, type JvpResult, type Primitive, type Tangent } from '../core/primitive.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { moveAxis } from '../primitives/reshape.ts'
import { atFront, batchOfJaxpr } from '../transforms/batch.ts'
import { jvpOfJaxpr } from '../transforms/jvp.ts'
import { count, fixpoint, groups, pick, spread, sum } from '../core/masks.ts'
import { pruneScan } from './prune.ts'
import { bindScan, type BoundScan, scanOperands, type ScanParams, stackedAval } from './scan-params.ts'
import { lowerScan } from './scan-lower.ts'
import { splitScan } from './scan-split.ts'
import { transposeScan } from './scan-transpose.ts'

/** A loop of a known number of steps: each takes the next entries of some arrays, and its outputs are stacked. */
export const scanPrimitive: Primitive<ScanParams> = definePrimitive<ScanParams>({
  name: 'scan',
  abstractEval(operands, params) {
    const { jaxpr, carry, length } = params
    const [, xs] = scanOperands(operands, params)
    const other = xs.find((x) => x.shape[0] !== length)
    if (other !== undefined) throw new ShapeError(`scan: ${showAval(other)} does not have ${length} entries`)
    const avals = jaxpr.outputs.map((atom) => atom.aval)
    return [...avals.slice(0, carry).map(avalOf), ...avals.slice(carry).map((aval) => stackedAval(aval, length))]
  },
  evaluate: runScan,
  jvp: jvpScan,
  transpose: (cotangents, operands, params) => transposeScan(scanPrimitive, cotangents, operands, params),
  batch: batchScan,
  split: splitScan,
  simplify(operands, params) {
    if (params.length > 0) return undefined
    const ys = params.jaxpr.outputs.slice(params.carry)
    return [...operands.slice(0, params.carry), ...ys.map(({ aval }) => zerosLike(stackedAval(aval, 0)))]
  },
  prune: pruneScan,
  lower: lowerScan,
  inParts(params, inParts, widths) {
    const [carry, xs] = scanOperands(widths, params).map(sum) as [number, number, number]
    return { ...params, jaxpr: inParts(params.jaxpr), carry, xs }
  },
  jaxprs: ({ jaxpr }) => [jaxpr],
})

/** Runs a scan on its operands by their parts. */
export const scanLoop: BoundScan = bindScan(scanPrimitive)

function runScan(
  inputs: readonly TypedArray[],
  _: readonly Aval[],
  params: ScanParams,
  outputs: readonly Aval[],
): TypedArray[] {
  const { length, reverse } = params
  const body = hostProgram(params.jaxpr)
  let [carry, xs, rest] = scanOperands(inputs, params)
  const sizes = xs.map((x) => x.length / length)
  const stacks = outputs.slice(params.carry).map(({ dtype, shape }) => allocate(dtype, sizeOf(shape)))
  for (let step = 0; step < length; step++) {
    const at = reverse ? length - 1 - step : step
    const entries = xs.map((x, i) => x.subarray(at * sizes[i]!, (at + 1) * sizes[i]!))
    const results = body.run([...carry, ...entries, ...rest])
    carry = results.slice(0, params.carry)
    stacks.forEach((stack, i) => stack.set(results[params.carry + i]!, at * (stack.length / length)))
  }
  // A result that is a part of a scanned array would keep all of it.
  return [...carry.map((x) => (x.byteLength < x.buffer.byteLength ? x.slice() : x)), ...stacks]
}

function jvpScan(primals: readonly NDArray[], tangents: readonly Tangent[], params: ScanParams): JvpResult {
  const nonzero = tangents.map((t, i) => t !== null && isDifferentiable(primals[i]!.dtype))
  const [init, xs, rest] = scanOperands(primals, params)
  const [dinit, dxs, drest] = scanOperands(tangents, params)
  const [moving, ...others] = scanOperands(nonzero, params)
  const [xsMoving, restMoving] = others
  const n = params.carry
  const given = fixpoint(moving, (mask) => jvpOfJaxpr(params.jaxpr, [...mask, ...others.flat()]).tangents.slice(0, n))
  const dual = jvpOfJaxpr(params.jaxpr, [...given, ...others.flat()], given)
  // From values before tangents to the carry, the arrays and the rest, each with its tangents.
  const [c, x, r, dc, dx, dr] = groups(dual.jaxpr.inputs, n, xs.length, rest.length, count(given), count(xsMoving!))
  const ys = params.jaxpr.outputs.length - n
  const [nextC, y, nextDc, dy] = groups(dual.jaxpr.outputs, n, ys, count(given))
  const jaxpr = withOutputs(withInputs(dual.jaxpr, [...c!, ...dc!, ...x!, ...dx!, ...r!, ...dr!]), [
    ...nextC!,
    ...nextDc!,
    ...y!,
    ...dy!,
  ])
  const start = pick(dinit, given).map((t, i) => t ?? zerosLike(pick(init, given)[i]!))
  const values = scanLoop(
    [...init, ...start],
    [...xs, ...(pick(dxs, xsMoving!) as NDArray[])],
    [...rest, ...(pick(drest, restMoving!) as NDArray[])],
    { ...params, jaxpr },
  )
  const [outC, outDc, outY, outDy] = groups(values, n, count(given), ys)
  return {
    outputs: [...outC!, ...outY!],
    tangents: [...spread(outDc!, given), ...spread(outDy!, dual.tangents.slice(n))],
  }
}

function batchScan(
  inputs: readonly NDArray[],
  dims: readonly (number | null)[],
  params: ScanParams,
  size: number,
): BatchResult {
  const n = params.carry
  const atZero = (mask: readonly boolean[]): (number | null)[] => mask.map((is) => (is ? 0 : null))
  const [init, xs, rest] = scanOperands(inputs, params)
  const [initDims, xsDims, restDims] = scanOperands(dims, params)
  // The scanned axis stays first, so that the batch axis is the first of each entry.
  const scanned = xs.map((x, i) => (xsDims[i] == null ? x : moveAxis(x, xsDims[i], 1)))
  const bodyDims = (carry: readonly boolean[]): (number | null)[] => [
    ...atZero(carry),
    ...atZero(xsDims.map((dim) => dim != null)),
    ...restDims,
  ]
  const batched = fixpoint(
    initDims.map((dim) => dim != null),
    (mask) =>
      batchOfJaxpr(params.jaxpr, bodyDims(mask), size, [])
        .dims.slice(0, n)
        .map((dim) => dim !== null),
  )
  const body = batchOfJaxpr(params.jaxpr, bodyDims(batched), size, batched)
  const start = init.map((value, i) => (batched[i] ? atFront({ value, dim: initDims[i] ?? null }, size) : value))
  return {
    outputs: scanLoop(start, scanned, rest, { ...params, jaxpr: body.jaxpr }),
    dims: body.dims.map((dim, i) => (dim === null ? null : i < n ? 0 : 1)),
  }
}
