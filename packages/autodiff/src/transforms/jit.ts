import { checkOptions } from '../array/options.ts'
import { withStructs } from '../array/struct.ts'
import {
  type Abstract,
  type Arrays,
  type Leaf,
  type Liberal,
  signature,
  type TreeDef,
  treePaths,
  treeUnflatten,
} from '../array/tree.ts'
import { checkDevice, findDevice } from '../core/default-device.ts'
import type { Device, DeviceKind } from '../core/device.ts'
import { type Aval, avalOf, type Jaxpr } from '../core/jaxpr.ts'
import type { NDArray } from '../array/ndarray.ts'
import { printJaxpr } from '../core/print.ts'
import { toOnnx } from '../onnx/to-onnx.ts'
import { call } from './call.ts'
import {
  flattenArrays,
  flattenAvals,
  leafToArray,
  nameOf,
  type StagedFunction,
  stageFunction,
  type TreeFunction,
} from './function.ts'

export interface JitOptions {
  /** Where the function runs: a device, or the first of a kind. @defaultValue `defaultDevice()`, at each call */
  readonly device?: Device | DeviceKind
}

/** A function traced for arguments of some shapes and dtypes. */
export interface Lowered {
  readonly jaxpr: Jaxpr
  /** The shapes and dtypes of the arguments' leaves, in order. */
  readonly inputs: readonly Aval[]
  readonly arguments: TreeDef
  readonly result: TreeDef
  /** The program as the bytes of a self-contained .onnx model. */
  toOnnx(): Uint8Array
  toString(): string
}

/** A compiled function: call it like the original. */
export interface Jitted<A extends readonly unknown[], R> {
  (...args: Liberal<A>): Arrays<R>
  /** The program for arguments like these, to look at or to export. */
  lower(...args: Abstract<A>): Lowered
}

/**
 * Compiles `f` to an ONNX program that ONNX Runtime runs. The first call for arguments of some shapes and dtypes
 * traces and compiles; later ones only run. A call returns at once with arrays whose numbers arrive when the device
 * is done.
 *
 * @throws DeviceError at the call when the device or its runtime is not there; TracerError when `f` reads a value that
 * is traced, or is asynchronous.
 * @see JAX's `jax.jit`
 * @example
 * const f = jit((x) => x.mul(x))
 * await f(np.array([2, 3])).js() // [4, 9]
 */
export function jit<A extends readonly unknown[], R>(f: (...args: A) => R, options: JitOptions = {}): Jitted<A, R> {
  const name = nameOf('jit', f)
  const { device } = checkOptions(name, options, ['device'])
  if (device !== undefined) checkDevice(name, device)
  const find = (): Device => findDevice(device)
  const programs = new Map<string, StagedFunction>()
  const remember = (key: string | undefined, staged: StagedFunction): void => {
    // What captures values of an enclosing trace is a program of that trace only.
    if (key !== undefined && staged.captured.length === 0) programs.set(key, staged)
  }
  const program = (args: readonly unknown[]): { staged: StagedFunction; leaves: NDArray[] } => {
    const leaves: Leaf[] = []
    const key = signature(args, leaves)
    const known = key === undefined ? undefined : programs.get(key)
    if (known !== undefined) return { staged: known, leaves: leaves.map(leafToArray) }
    const [arrays, def] = flattenArrays(args, `${name}: arguments`)
    const staged = stageFunction(name, f as TreeFunction, def, arrays)
    remember(key, staged)
    return { staged, leaves: arrays }
  }
  const jitted = (...args: Liberal<A>): Arrays<R> => {
    const { staged, leaves } = program(args)
    const outputs = call([...leaves, ...staged.captured], { name: f.name, jaxpr: staged.jaxpr, device: find })
    return treeUnflatten(staged.result, outputs) as Arrays<R>
  }
  const lower = (...args: Abstract<A>): Lowered => {
    const [inputs, def] = flattenAvals(args, `${name}: arguments`)
    const key = signature(args, [])
    const known = programs.get(key ?? '')
    const staged = known ?? stageFunction(name, f as TreeFunction, def, inputs)
    remember(key, staged)
    return {
      jaxpr: staged.jaxpr,
      inputs: inputs.map(avalOf),
      arguments: def,
      result: staged.result,
      toOnnx: () => toOnnx(staged.jaxpr, treePaths(withStructs(args), 'arguments'), resultPaths(staged)),
      toString: () => printJaxpr(staged.jaxpr),
    }
  }
  Object.defineProperty(jitted, 'name', { value: f.name })
  return Object.assign(jitted, { lower })
}

/** Where each output is in the result, as `output[0].w`. */
const resultPaths = ({ jaxpr, result }: StagedFunction): string[] =>
  treePaths(
    treeUnflatten(
      result,
      jaxpr.outputs.map(() => 0),
    ),
    'output',
  )
