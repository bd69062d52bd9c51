import type { DType } from '../../array/dtype.ts'
import { DeviceError } from '../../array/errors.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { showOption } from '../../array/options.ts'
import type { Equation, Jaxpr } from '../jaxpr.ts'

/** Kinds of device: the interpreter, and the execution providers of ONNX Runtime. */
export type DeviceKind = 'js' | 'cpu' | 'cuda' | 'webgpu' | 'wasm' | 'tensorrt' | 'directml' | 'coreml'

/** A Jaxpr made ready for a device. */
export interface Executable {
  /** Starts the computation and returns at once; the arrays' numbers arrive when the device is done. */
  run(inputs: readonly NDArray[]): readonly NDArray[]
  /** Resolves when nothing is left to be made before the first run; rejects when that failed. */
  ready?(): Promise<void>
  /** Milliseconds that making it took, so far. */
  readonly times?: ExecutableTimes
}

export interface ExecutableTimes {
  /** The Jaxpr as a graph, and that as bytes. */
  readonly lower: number
  /** The runtime's own preparations; `undefined` while they are not done. */
  readonly session: number | undefined
}

/** What a device can do. */
export interface DeviceSupport {
  /** The dtypes it computes with. */
  readonly dtypes: readonly DType[]
  /** Whether a loop runs within one call, without a step back to the host for each of its iterations. */
  readonly loops: boolean
  /** Whether results stay in memory of the device's own until somebody reads them. */
  readonly memory: boolean
}

/** Somewhere programs run. */
export interface Device {
  readonly kind: DeviceKind
  /** Distinguishes devices of one kind. */
  readonly id: number
  /** As `cpu:0`. */
  readonly name: string
  readonly supports: DeviceSupport
  /** Bytes of the arrays on this device that are neither released nor, as far as is known yet, collected. */
  readonly liveBytes: number
  compile(jaxpr: Jaxpr): Executable
  /** Runs the program some times and says what its equations took, where the device can tell. */
  profile?(jaxpr: Jaxpr, inputs: readonly NDArray[], runs: number): Promise<DeviceProfile>
  /** The array on this device: an array of its own, released apart from `x`. */
  put(x: NDArray): NDArray
  /**
   * The device for the k-th of programs that run side by side, where one is listed several times: itself for 0, for
   * others one like it with a worker of its own. Closed with it. Throws a ValueError for what is no whole number from 0
   * to 255.
   */
  lane?(k: number): Device
  /** Gives back sessions, threads and memory; what is called later fails. `devices` then gives another. */
  close(): Promise<void>
  /** As `close`: `await using device = createDevice('cpu')`. */
  [Symbol.asyncDispose](): Promise<void>
}

/** Milliseconds a run, by equation. */
export interface DeviceProfile {
  readonly equations: ReadonlyMap<Equation, EquationTime>
  /** What belongs to no equation, by operator: copies and conversions that the runtime put in. */
  readonly others: ReadonlyMap<string, EquationTime>
  /** A whole run. */
  readonly time: number
}

export interface EquationTime {
  time: number
  /** How many kernels that took, in one run. */
  kernels: number
  /** The operators that computed it. */
  readonly operators: Set<string>
}

/** Finds the devices of some kinds. `list` throws a DeviceError that says what to install when there is none. */
export interface DeviceProvider {
  readonly kinds: readonly DeviceKind[]
  /** Kinds that could be listed without throwing. */
  available(): readonly DeviceKind[]
  list(kind: DeviceKind): readonly [Device, ...Device[]]
}

const providers: DeviceProvider[] = []

export function registerDeviceProvider(provider: DeviceProvider): void {
  providers.push(provider)
}

/**
 * Every device that can be used here; the interpreter, `js:0`, always.
 *
 * @example devices().map((device) => device.name)
 */
export function devices(): readonly Device[]
/**
 * The devices of one kind, at least one.
 * @throws DeviceError saying what is missing and the command that installs it.
 * @example const [cpu] = devices('cpu')
 */
export function devices(kind: DeviceKind): readonly [Device, ...Device[]]
export function devices(kind?: DeviceKind): readonly Device[] {
  if (kind === undefined) return providers.flatMap((p) => p.available().flatMap((k) => [...p.list(k)]))
  return devicesOf(kind, 'devices')
}

/** @internal The devices of a kind, for a function of this name. */
export function devicesOf(kind: DeviceKind, where: string): readonly [Device, ...Device[]] {
  const provider = providers.find((p) => p.kinds.includes(kind))
  if (provider === undefined) {
    throw new DeviceError(
      `${where}: unknown kind of device ${showOption(kind)}; kinds are ${providers.flatMap((p) => p.kinds).join(', ')}`,
    )
  }
  return provider.list(kind)
}
