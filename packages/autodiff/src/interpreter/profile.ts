import type { NDArray } from '../array/ndarray.ts'
import { now } from '../core/clock.ts'
import type { DeviceProfile, EquationTime } from '../core/device/device.ts'
import { evaluateEagerly } from '../core/host/evaluate.ts'
import { type Equation, interpret, type Jaxpr } from '../core/jaxpr.ts'

/**
 * Times equations one by one, those inside calls too; a loop or a branch is one. A compiled program is faster, for it
 * runs equations that work element by element in one loop.
 */
export async function profile(jaxpr: Jaxpr, inputs: readonly NDArray[], runs: number): Promise<DeviceProfile> {
  await Promise.all(inputs.map((x) => x.ready()))
  const equations = new Map<Equation, EquationTime>()
  const run = (program: Jaxpr, operands: readonly NDArray[]): NDArray[] =>
    interpret<NDArray>(
      program,
      operands,
      (value) => value,
      (equation, given) => {
        const { primitive, params } = equation
        const inner = primitive.execute === undefined ? undefined : primitive.jaxprs?.(params)
        if (inner?.length === 1) return run(inner[0] as Jaxpr, given)
        const start = now()
        const results = evaluateEagerly(primitive, given, params)
        // What is repeated is written out when it is read, which is the next equation's work.
        entryOf(equations, equation).time += (now() - start) / runs
        entryOf(equations, equation).kernels += 1 / runs
        return results
      },
    )
  run(jaxpr, inputs)
  equations.clear()
  const start = now()
  for (let i = 0; i < runs; i++) run(jaxpr, inputs)
  return { equations, others: new Map(), time: (now() - start) / runs }
}

function entryOf(times: Map<Equation, EquationTime>, equation: Equation): EquationTime {
  let entry = times.get(equation)
  if (entry === undefined) times.set(equation, (entry = { time: 0, kernels: 0, operators: new Set() }))
  return entry
}
