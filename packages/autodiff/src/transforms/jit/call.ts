import { aliasOf, type NDArray } from '../../array/ndarray.ts'
import type { Device, Executable } from '../../core/device/device.ts'
import { type Atom, type Equation, fresh, type Jaxpr, memoize, Var } from '../../core/jaxpr.ts'
import { drop, marksOf, pick } from '../../core/masks.ts'
import { definePrimitive, type Primitive } from '../../core/primitive.ts'
import { bind } from '../../core/trace.ts'
import { batchOfJaxpr } from '../batch.ts'
import { inlined, jvpOfCall, transposeOfCall } from '../inlined.ts'
import { splitJaxpr } from '../linearize.ts'
import { transposeOfJaxpr } from '../transpose.ts'
import { isLinear } from '../../primitives/linear.ts'

type CallParams = {
  readonly name: string
  readonly jaxpr: Jaxpr
  /** Chosen when the call runs, so that a missing runtime is an error of the call. */
  readonly device: () => Device
}

const executables = new WeakMap<Device, WeakMap<Jaxpr, Executable>>()

/** The Jaxpr compiled for the device, once. */
export function compiled(device: Device, jaxpr: Jaxpr): Executable {
  let programs = executables.get(device)
  if (programs === undefined) executables.set(device, (programs = new WeakMap()))
  let executable = programs.get(jaxpr)
  if (executable === undefined) {
    programs.set(jaxpr, (executable = device.compile(jaxpr)))
    latest.set(jaxpr, executable)
  }
  return executable
}

const latest = new WeakMap<Jaxpr, Executable>()

/** What the Jaxpr was compiled to last, on whatever device. */
export const knownExecutable = (jaxpr: Jaxpr): Executable | undefined => latest.get(jaxpr)

/** For each output of the program, whether it is one of its inputs or constants. */
const passedOutputs = memoize((jaxpr: Jaxpr): readonly boolean[] => {
  const inputs = new Set<Atom>(jaxpr.inputs)
  return jaxpr.outputs.map((atom) => !(atom instanceof Var) || inputs.has(atom))
})

/** A call of a compiled function. Its transformations are calls again, so that gradients of it are compiled too. */
export const callPrimitive: Primitive<CallParams> = definePrimitive<CallParams>({
  ...inlined,
  name: 'jit',
  execute(inputs, { jaxpr, device }) {
    // What passes through is an array of its own, so that releasing a result leaves the argument.
    const passed = passedOutputs(jaxpr, '')
    const own = (x: NDArray, i: number): NDArray => (passed[i] ? aliasOf(x) : x)
    return compiled(device(), jaxpr).run(inputs).map(own)
  },
  jvp: (primals, tangents, params) =>
    jvpOfCall(primals, tangents, params.jaxpr, (inputs, jaxpr) => call(inputs, { ...params, jaxpr })),
  transpose(cotangents, operands, params) {
    const transposed = transposeOfJaxpr(
      params.jaxpr,
      operands.map(isLinear),
      cotangents.map((ct) => ct !== null),
    )
    return transposeOfCall(cotangents, operands, transposed, (inputs, jaxpr) => call(inputs, { ...params, jaxpr }))
  },
  batch(inputs, dims, params, size) {
    const batched = batchOfJaxpr(params.jaxpr, dims, size)
    return { outputs: call(inputs, { ...params, jaxpr: batched.jaxpr }), dims: batched.dims }
  },
  split(equation, dependent) {
    const params = equation.params as CallParams
    const marked = marksOf(equation.inputs, dependent)
    const parts = splitJaxpr(params.jaxpr, marked)
    const independent = drop(equation.outputs, parts.mask)
    const residuals = fresh(parts.known.outputs.slice(independent.length))
    const known: Equation = {
      ...equation,
      inputs: drop(equation.inputs, marked),
      outputs: [...independent, ...residuals],
      params: { ...params, jaxpr: parts.known },
    }
    const linear: Equation = {
      ...equation,
      inputs: [...residuals, ...pick(equation.inputs, marked)],
      outputs: pick(equation.outputs, parts.mask),
      params: { ...params, jaxpr: parts.dependent },
    }
    return { known: [known], linear, dependent: parts.mask }
  },
})

export const call = (inputs: readonly NDArray[], params: CallParams): readonly NDArray[] =>
  bind(callPrimitive, inputs, params)
