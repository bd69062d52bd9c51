import { allocate, type DType, isBig, isComplex, isFloat, isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { showOption } from '../array/options.ts'
import { showGiven } from '../array/show.ts'
import { shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import type { ComplexRule } from '../core/complex.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import {
  type BatchResult,
  definePrimitive,
  isPrimitive,
  type LinearOperand,
  notLinear,
  type Params,
  type Primitive,
  type Tangent,
} from '../core/primitive.ts'
import { bind1, definedBy, trace } from '../core/trace.ts'
import { Loops } from '../interpreter/loops.ts'
import { broadcastAxis, broadcastInDim, broadcastPrimitive } from './broadcast.ts'
import { moveAxis } from './reshape.ts'

export type NoParams = Readonly<Record<string, never>>

/** Which dtypes an operation takes. */
export type Domain = 'float' | 'wide' | 'number' | 'integer' | 'bits' | 'any'

const domains: Readonly<Record<Domain, { takes: (dtype: DType) => boolean; says: string }>> = {
  float: { takes: (d) => isFloat(d) || isComplex(d), says: 'floats; convert with x.astype("float32")' },
  wide: {
    takes: (d) => d === 'float32' || d === 'float64',
    says: 'float32 and float64; convert with x.astype("float32")',
  },
  number: { takes: (d) => d !== 'bool', says: 'numbers; convert with x.astype("int32")' },
  integer: { takes: isInteger, says: 'integers; convert with x.astype("int32")' },
  bits: { takes: (d) => d === 'bool' || isInteger(d), says: 'integers and booleans' },
  any: { takes: () => true, says: 'every dtype' },
}

/** Throws unless all operands have one shape and one dtype out of `domain`. */
export function checkAlike(name: string, inputs: readonly Aval[], domain: Domain): Aval {
  const [first, ...rest] = inputs as [Aval, ...Aval[]]
  for (const other of rest) {
    if (!shapesEqual(first.shape, other.shape)) {
      throw new ShapeError(
        `${name}: the shapes ${showShape(first.shape)} and ${showShape(other.shape)} differ; lax operations do not broadcast (np.${name} does)`,
      )
    }
    if (first.dtype !== other.dtype) {
      throw new DTypeError(`${name}: the dtypes ${first.dtype} and ${other.dtype} differ; convert one with x.astype(…)`)
    }
  }
  if (!domains[domain].takes(first.dtype)) {
    throw new DTypeError(`${name}: ${first.dtype} is not possible here; it takes ${domains[domain].says}`)
  }
  return first
}

/** Brings the batch axes of elementwise operands to one place. */
export function batchElementwise(
  inputs: readonly NDArray[],
  dims: readonly (number | null)[],
  size: number,
): { inputs: NDArray[]; dim: number } {
  const dim = dims.find((d) => d !== null) as number
  return {
    dim,
    inputs: inputs.map((x, i) => {
      const d = dims[i] as number | null
      return d === null ? broadcastAxis(x, dim, size) : moveAxis(x, d, dim)
    }),
  }
}

/** One number from the numbers of the operands; integer results wrap when stored. */
export type Kernel = (...operands: number[]) => number
/** The same of 64-bit integers; conditions are numbers. */
export type BigKernel = (...operands: bigint[]) => bigint | number

/** The tangent that one operand's tangent gives. `null` where the derivative is zero everywhere. */
export type Derivative = ((tangent: NDArray, operands: readonly NDArray[], output: NDArray) => NDArray) | null

/** A node name, a rule, or operations to lower instead. */
export type Lowering = string | ((graph: GraphBuilder, inputs: readonly GraphValue[], output: Aval) => GraphValue)

interface ElementwiseRules {
  readonly name: string
  readonly domain: Domain
  /** The dtype of the result; the operands' by default. */
  readonly result?: DType
  /** One derivative an operand. */
  readonly derivatives: readonly Derivative[]
  /** The cotangents of the operands it is linear in. */
  readonly transpose?: (cotangent: NDArray, operands: readonly LinearOperand[]) => readonly Tangent[]
  readonly lower: Lowering
  /** The kernel for 64-bit integers, or `true` where the kernel's operators mean the same on BigInts; without it they are refused. */
  readonly big?: true | BigKernel
  readonly complex?: ComplexRule<NoParams>
  readonly lowersEveryDType?: boolean
  readonly commutative?: boolean
  readonly simplify?: (inputs: readonly NDArray[]) => readonly NDArray[] | undefined
}

/** The kernel is one for all dtypes, or one for each. */
export type ElementwiseDefinition = ElementwiseRules &
  ({ readonly kernel: Kernel } | { readonly kernelFor: (dtype: DType) => Kernel })

/** A primitive that works element by element on operands of one shape and dtype. */
export function elementwise(definition: ElementwiseDefinition): Primitive<NoParams> {
  checkDefinition(definition)
  const {
    name,
    domain,
    result,
    derivatives,
    transpose,
    lower,
    big,
    complex,
    lowersEveryDType = false,
    commutative = false,
    simplify,
  } = definition
  const kernelFor = 'kernel' in definition ? () => definition.kernel : definition.kernelFor
  const loops = new Loops()
  const kernels = new Map<DType, Kernel>()
  const kernelOf = (dtype: DType): Kernel => {
    let kernel = kernels.get(dtype)
    if (kernel === undefined) {
      kernel = isBig(dtype) && typeof big === 'function' ? (big as unknown as Kernel) : kernelFor(dtype)
      kernels.set(dtype, kernel)
    }
    return kernel
  }
  const primitive: Primitive<NoParams> = definePrimitive<NoParams>({
    name,
    abstractEval(inputs) {
      if (inputs.length !== derivatives.length)
        throw new ValueError(
          `${name}: takes ${derivatives.length} operands, one for each derivative, not ${inputs.length}`,
        )
      const { shape, dtype } = checkAlike(name, inputs, domain)
      if (isBig(dtype) && big === undefined) throw noBig(name, dtype)
      return [{ shape, dtype: result ?? dtype }]
    },
    evaluate: (inputs, [aval], _, [output], reuse) => [
      loops.run(kernelOf(aval!.dtype), aval!.dtype, inputs, reuse ?? allocate(output!.dtype, sizeOf(output!.shape))),
    ],
    takesRepeated: true,
    element: ([aval]) => (isBig(aval!.dtype) ? undefined : kernelOf(aval!.dtype)),
    jvp(primals, tangents) {
      const output = bind1(primitive, primals, {})
      let total: Tangent = null
      derivatives.forEach((derivative, i) => {
        const tangent = tangents[i]
        if (tangent == null || derivative === null) return
        const term = derivative(tangent, primals, output)
        total = total === null ? term : total.add(term)
      })
      return { outputs: [output], tangents: [total] }
    },
    transpose:
      transpose === undefined
        ? notLinear
        : ([ct], operands) => (ct ? transpose(ct, operands) : operands.map(() => null)),
    batch(inputs, dims, _, size) {
      const aligned = batchElementwise(inputs, dims, size)
      return { outputs: [bind1(primitive, aligned.inputs, {})], dims: [aligned.dim] } satisfies BatchResult
    },
    lower: (graph, inputs, _, [output]) => [
      typeof lower === 'string'
        ? graph.elementwise(lower, inputs, output as Aval)
        : lower(graph, inputs, output as Aval),
    ],
    commutative,
    ...(complex !== undefined && { complex }),
    lowersEveryDType,
    simplify: (inputs) => simplify?.(inputs) ?? onScalars(primitive, inputs),
  })
  return primitive
}

const noBig = (name: string, dtype: DType): DTypeError =>
  new DTypeError(`${name}: ${dtype} is not possible here; convert with x.astype("int32") or x.astype("float64")`)

/** An operation on repeated scalars is a repeated scalar. */
function onScalars(primitive: Primitive<NoParams>, inputs: readonly NDArray[]): readonly NDArray[] | undefined {
  const scalars = inputs.map((x) => definedBy(x, broadcastPrimitive)?.inputs[0])
  if (!scalars.every((x) => x?.ndim === 0)) return undefined
  return [broadcastInDim(bind1(primitive, scalars as NDArray[], {}), (inputs[0] as NDArray).shape, [])]
}

/** Lowers to what `f`, written with operations on arrays, lowers to. */
export function lowerAs(name: string, f: (...inputs: NDArray[]) => NDArray): Exclude<Lowering, string> {
  return (graph, inputs, output) => {
    // The operations are elementwise: they may work on what the inputs really are, before broadcasting.
    const { jaxpr } = trace(
      name,
      inputs.map((x) => x.aval),
      (...xs) => [f(...xs)],
    )
    const [value] = graph.inline(jaxpr, inputs)
    return { ...(value as GraphValue), aval: output }
  }
}

function checkDefinition(definition: unknown): void {
  if (typeof definition !== 'object' || definition === null)
    throw new ValueError(
      'elementwise: takes what the primitive is made of, as { name, domain, kernel, derivatives, lower }',
    )
  const given = definition as Readonly<Record<string, unknown>>
  const { derivatives } = given
  const isThere = {
    kernel: [given['kernel'], given['kernelFor']].some((kernel) => typeof kernel === 'function'),
    derivatives:
      Array.isArray(derivatives) && derivatives.every((rule: unknown) => rule === null || typeof rule === 'function'),
    lower: ['string', 'function'].includes(typeof given['lower']),
  }
  const missing = Object.entries(isThere).flatMap(([rule, there]) => (there ? [] : [rule]))
  const name = typeof given['name'] === 'string' ? `"${given['name']}"` : `one named ${showGiven(given['name'])}`
  if (missing.length > 0)
    throw new ValueError(`elementwise: ${name} lacks ${missing.join(', ')}; docs/primitives.md shows a whole one`)
  checkDomain(`elementwise: ${name}`, given['domain'])
}

/** The domain as it is; throws a ValueError for what is none. */
export function checkDomain(where: string, domain: unknown): Domain {
  if (typeof domain === 'string' && Object.hasOwn(domains, domain)) return domain as Domain
  const known = Object.keys(domains).join(', ')
  throw new ValueError(
    `${where} is of the domain ${typeof domain === 'string' ? domain : showGiven(domain)}; it must be one of ${known}`,
  )
}

/**
 * An elementwise primitive as a function of arrays.
 *
 * @throws ValueError for what is no primitive.
 */
export function apply<P extends Params>(primitive: Primitive<P>, ...inputs: NDArray[]): NDArray {
  if (!isPrimitive(primitive))
    throw new ValueError(`apply: ${showOption(primitive)} is no primitive; elementwise and definePrimitive make one`)
  return bind1(primitive, inputs, {} as P)
}
