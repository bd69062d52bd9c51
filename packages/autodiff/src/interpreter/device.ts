import { dtypes, type TypedArray } from '../array/dtype.ts'
import { fromHost, fromPending, fromRepeated, type NDArray } from '../array/ndarray.ts'
import { type Device, type Executable, registerDeviceProvider } from '../core/device/device.ts'
import { evaluateEagerly } from '../core/host/evaluate.ts'
import { constantsOf, hostProgram } from '../core/host/program.ts'
import { interpret, type Jaxpr } from '../core/jaxpr.ts'
import { profile } from './profile.ts'

/** Whether a program calls a compiled one, which runs on a device of its own. */
const callsOthers = ({ equations }: Jaxpr): boolean => equations.some((e) => e.primitive.execute !== undefined)

function compile(jaxpr: Jaxpr): Executable {
  const times = { lower: 0, session: 0 }
  if (callsOthers(jaxpr)) {
    return {
      times,
      run: (inputs) =>
        interpret(
          jaxpr,
          inputs,
          (value) => value,
          ({ primitive, params }, operands) => evaluateEagerly(primitive, operands, params),
        ),
    }
  }
  const constants = constantsOf([jaxpr])
  return { times, run: (inputs) => runOnHost(jaxpr, inputs, constants) }
}

/** Runs a program at once where all numbers are here, and else when they are. */
function runOnHost(jaxpr: Jaxpr, inputs: readonly NDArray[], constants: readonly NDArray[]): readonly NDArray[] {
  const avals = jaxpr.outputs.map((atom) => atom.aval)
  const given = inputs.map((x) => x.storage.host)
  if (given.every((data) => data !== undefined) && constants.every((x) => x.storage.host !== undefined)) {
    return hostProgram(jaxpr)
      .run(given)
      .map((data, i) => fromHost(data, avals[i]!.shape, avals[i]!.dtype))
  }
  const results = Promise.all([...inputs, ...constants].map((x) => x.storage.fetch())).then((data) =>
    hostProgram(jaxpr).run(data.slice(0, inputs.length)),
  )
  return avals.map(({ shape, dtype }, i) =>
    fromPending(
      results.then((r) => r[i] as TypedArray),
      shape,
      dtype,
    ),
  )
}

/** The interpreter as a device: always there, and the reference for the others. */
export const js: Device = {
  kind: 'js',
  id: 0,
  name: 'interpreter',
  supports: { dtypes, loops: true, memory: false },
  // Its arrays are JavaScript's own.
  liveBytes: 0,
  compile,
  profile,
  put({ storage, shape, dtype }) {
    if (storage.repeated !== undefined) return fromRepeated(storage.repeated, shape, dtype)
    const data = storage.host
    return data === undefined ? fromPending(storage.fetch(), shape, dtype) : fromHost(data, shape, dtype)
  },
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}

registerDeviceProvider({ kinds: ['js'], available: () => ['js'], list: () => [js] })
