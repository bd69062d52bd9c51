import { TreeError } from '../../array/errors.ts'
import { checkOptions } from '../../array/options.ts'
import type { Abstract, Arrays, Liberal } from '../../array/tree-types.ts'
import { treeUnflatten } from '../../array/tree.ts'
import { checkDevice, findDevice } from '../../core/device/default-device.ts'
import type { Device, DeviceKind } from '../../core/device/device.ts'
import { avalOf, showAval } from '../../core/jaxpr.ts'
import { printJaxpr } from '../../core/print.ts'
import { costOf } from '../../cost/analysis.ts'
import { toOnnx } from '../../onnx/export/to-onnx.ts'
import { call, compiled, knownExecutable } from './call.ts'
import { release } from './donate.ts'
import { nameOf, type TreeFunction } from '../function.ts'
import type { CompilationTimes, Compiled, Lowered } from './lowered.ts'
import { type Program, type ProgramCall, Programs, withStatics } from './programs.ts'
import { positionsOf } from './static-arguments.ts'

export interface JitOptions {
  /** Where the function runs: a device, or the first of a kind. @defaultValue `defaultDevice()`, at each call */
  readonly device?: Device | DeviceKind
  /**
   * Arguments that are not traced, by position: the function gets them as they are, and is compiled for each value. They
   * are numbers, strings, booleans, BigInts, null, functions (by identity) and frozen lists of these. @defaultValue none
   */
  readonly staticArgnums?: number | readonly number[]
  /**
   * Arguments that nobody needs after the call, by position: their memory is given back, and reading them is an error.
   * @defaultValue none
   */
  readonly donateArgnums?: number | readonly number[]
}

/** A compiled function: call it like the original. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: Liberal<A>): Arrays<R>
  /** The program for arguments like these, to look at or to export. */
  lower(...args: Abstract<A>): Lowered<A, R>
  /** How many programs it holds: one for each structure, shapes, dtypes and static values of the arguments. */
  cacheSize(): number
  /** Forgets its programs. */
  clearCache(): void
  /** How often it was traced for new arguments. */
  readonly compilations: number
  /** What each of its programs took to compile, the oldest first. */
  compilationTimes(): readonly CompilationTimes[]
}

/**
 * Compiles `f` to an ONNX program that ONNX Runtime runs. The first call for arguments of some shapes and dtypes
 * traces and compiles; later ones only run. A call returns at once with arrays whose numbers arrive when the device
 * is done.
 *
 * @throws DeviceError at the call when the device or its runtime is not there; TracerError when `f` reads a value that
 * is traced, or is asynchronous; ValueError for a static argument that can change, and for an array donated twice.
 * @see JAX's `jax.jit`
 * @example
 * const f = jit((x) => x.mul(x))
 * await f(np.array([2, 3])).js() // [4, 9]
 * const power = jit((x, n) => np.power(x, n), { staticArgnums: 1 })
 * await power(np.array([2, 3]), 3).js() // [8, 27]
 */
export function jit<A extends readonly unknown[], R>(f: (...args: A) => R, options: JitOptions = {}): Jitted<A, R> {
  const name = nameOf('jit', f)
  const { device, staticArgnums, donateArgnums } = checkOptions(name, options, [
    'device',
    'staticArgnums',
    'donateArgnums',
  ])
  if (device !== undefined) checkDevice(name, device)
  const find = (): Device => findDevice(device, name)
  const fixed = positionsOf(name, 'staticArgnums', staticArgnums)
  const programs = new Programs(name, f as TreeFunction, fixed, positionsOf(name, 'donateArgnums', donateArgnums))
  const run = ({ program: { staged }, leaves, donated }: ProgramCall): Arrays<R> => {
    const outputs = call([...leaves, ...staged.captured], { name: f.name, jaxpr: staged.jaxpr, device: find })
    if (donated.size > 0) release(name, donated)
    return treeUnflatten(staged.result, outputs) as Arrays<R>
  }
  const jitted = (...args: Liberal<A>): Arrays<R> => run(programs.find(args))
  const timesOf = ({ staged, trace }: Program): CompilationTimes => {
    const { lower, session } = knownExecutable(staged.jaxpr)?.times ?? {}
    return { trace, lower, session }
  }
  const lower = (...args: Abstract<A>): Lowered<A, R> => {
    const { program, inputs, def, key, traced, given } = programs.lower(args)
    const { staged } = program
    return {
      jaxpr: staged.jaxpr,
      inputs: inputs.map(avalOf),
      arguments: def,
      result: staged.result,
      get compilationTimes() {
        return timesOf(program)
      },
      costAnalysis: () => costOf(staged.jaxpr),
      async compile() {
        await compiled(find(), staged.jaxpr).ready?.()
        const only = (...others: Liberal<A>): Arrays<R> => {
          if (programs.keyOf(others) === key) return run({ ...programs.find(others), program })
          throw new TreeError(
            `${name}: compiled for ${inputs.map(showAval).join(', ')} in ${def.text}, and called with other arguments; call the function itself, which compiles for these too`,
          )
        }
        return Object.defineProperty(only, 'compilationTimes', { get: () => timesOf(program) }) as Compiled<A, R>
      },
      toOnnx: (exported) => toOnnx(name, traced, given, exported, staged),
      toString: () => printJaxpr(staged.jaxpr),
    }
  }
  Object.defineProperty(jitted, 'name', { value: f.name })
  if (fixed.length > 0) withStatics.set(jitted, programs)
  const members = {
    lower,
    cacheSize: () => programs.size,
    clearCache: () => programs.clear(),
    compilationTimes: () => programs.values().map(timesOf),
    compilations: 0,
  }
  return Object.defineProperty(Object.assign(jitted, members), 'compilations', { get: () => programs.compilations })
}
