import { NDArray } from '../../array/ndarray.ts'
import { checkOptions, showOption } from '../../array/options.ts'
import { DeviceError, ValueError } from '../../array/errors.ts'
import {
  type Device,
  type DeviceKind,
  type DeviceProfile,
  type Executable,
  registerDeviceProvider,
} from '../../core/device/device.ts'
import type { Backend } from '../backend/backend.ts'
import { OnnxExecutable, type Place, prepareProgram } from './executable.ts'
import { kinds, type KindRules, type OnnxKind } from './kinds.ts'
import { LocalBackend } from '../backend/local-backend.ts'
import { platform } from '../runtime/machine.ts'
import { type FarPlace, PlacedExecutable } from './placement.ts'
import { profileProgram } from './profile.ts'
import { SharedSessions } from './shared-sessions.ts'
import { Uploads } from './uploads.ts'
import { asleep, busily, countFromNow, waitingByLoad } from './waiting.ts'
import { WorkerBackend } from '../worker/backend.ts'

/** How a device runs its programs. */
export interface DeviceOptions {
  /** Which GPU, of several (cuda, tensorrt, directml). @defaultValue 0 */
  readonly id?: number
  /** Threads of one operation. @defaultValue the runtime's choice, one a core */
  readonly threads?: number
  /**
   * Whether threads wait busily for the next operation: faster alone on a machine, much slower on a shared one. `'auto'`:
   * for 100 µs, if other processes take less than a quarter of the processors when a program is compiled
   * first.
   * @defaultValue 'auto' for cpu, `false` for others
   */
  readonly spinning?: boolean | 'auto'
  /**
   * Where programs run: in a worker, on the calling thread, or (`'auto'`) long ones in a worker and short ones here,
   * which saves them the way.
   * @defaultValue 'auto' in Node, but for webgpu; `false` in a browser, whose worker loads the runtime a second time
   */
  readonly worker?: boolean | 'auto'
  /** Whether webgpu leaves operators that it has no kernel for to the host; else they are errors. @defaultValue false */
  readonly fallback?: boolean
}

type SessionOptions = Readonly<Record<string, unknown>>

/** Each has threads of its own; more of them are a mistake. */
const MOST_LANES = 256
/** No machine has more processors, and the runtime hangs while it starts tens of thousands. */
const MOST_THREADS = 1024

function sessionOptions(providers: readonly unknown[], { threads, spinning = false }: DeviceOptions): SessionOptions {
  return {
    executionProviders: providers,
    graphOptimizationLevel: 'all',
    // Failures are thrown: the runtime need not print them too.
    logSeverityLevel: 4,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    extra: { session: { intra_op: spinning === true ? busily : asleep } },
  }
}

/** A device of ONNX Runtime: where its programs run, on this thread or in a worker, and how they are written for it. */
class OnnxDevice implements Device {
  readonly kind: OnnxKind
  readonly id: number
  readonly name: string
  readonly supports: KindRules['supports']
  readonly #target: string
  readonly #options: SessionOptions
  readonly #backends: Backend[] = []
  readonly #near: Place | undefined
  readonly #far: FarPlace | undefined
  readonly #given: DeviceOptions
  readonly #lanes: OnnxDevice[] = []
  readonly #fallback: boolean
  #waiting: SessionOptions | undefined
  #isClosed = false

  constructor(kind: OnnxKind, id: number, options: DeviceOptions) {
    const rules = kinds[kind]
    this.kind = kind
    this.id = id
    this.name = `${kind}:${id}`
    this.supports = rules.supports
    this.#target = rules.target
    this.#given = options
    this.#options = sessionOptions(rules.providers(options.id ?? 0), options)
    this.#fallback = options.fallback ?? false
    if (kind === 'cpu' && (options.spinning ?? 'auto') === 'auto') countFromNow()
    const { memory } = rules.supports
    const { worker = platform() !== 'browser' && rules.noWorkers() === undefined ? 'auto' : false } = options
    if (worker !== true) {
      this.#near = this.#place(new LocalBackend(this.name, rules.load(), memory, this.#options))
    }
    if (worker !== false) {
      this.#far = this.#place(new WorkerBackend(this.name, rules.module, memory ? this.#options : undefined))
    }
  }

  /** Decided once, so that equal programs are one session. */
  #sessionOptions(): SessionOptions {
    const { spinning = 'auto' } = this.#given
    if (this.kind === 'cpu' && spinning === 'auto') this.#waiting ??= waitingByLoad(this.#options)
    return this.#waiting ?? this.#options
  }

  get liveBytes(): number {
    return [...this.#backends, ...this.#lanes].reduce((sum, each) => sum + each.liveBytes, 0)
  }

  compile(jaxpr: Parameters<Device['compile']>[0]): Executable {
    const prepared = prepareProgram(jaxpr, this.#target, this.#sessionOptions(), this.#fallback)
    return this.#near !== undefined && this.#far !== undefined
      ? new PlacedExecutable(prepared, this.#near, this.#far)
      : new OnnxExecutable(prepared, (this.#near ?? this.#far)!)
  }

  async profile(...[jaxpr, inputs, runs]: Parameters<NonNullable<Device['profile']>>): Promise<DeviceProfile> {
    const { name: device } = this
    if (this.#isClosed) throw new DeviceError(`${device} was closed`)
    // onnxruntime-web prints its profile on the console, in place of a file.
    if (this.kind === 'wasm')
      throw new DeviceError(`profile: ${device} has no profiler; use device: 'cpu', or 'js' for the interpreter`)
    const runtime = kinds[this.kind].load()
    return profileProgram({ device, runtime, target: this.#target, session: this.#options }, jaxpr, inputs, runs)
  }

  put(x: NDArray): NDArray {
    return new NDArray(x.shape, x.dtype, (this.#near ?? this.#far)!.uploads.put(x))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const lists = known.get(this.kind)
    if (lists?.includes(this) === true) known.delete(this.kind)
    await Promise.all([...this.#backends, ...this.#lanes].map((each) => each.close()))
  }

  lane(k: number): OnnxDevice {
    if (!Number.isInteger(k) || k < 0 || k >= MOST_LANES) {
      throw new ValueError(
        `${this.name}: lane is ${showOption(k)}; lanes are whole numbers from 0 to ${MOST_LANES - 1}, one for each program that runs beside others`,
      )
    }
    if (k === 0 || this.#far === undefined) return this
    while (this.#lanes.length < k) this.#lanes.push(new OnnxDevice(this.kind, this.id, this.#given))
    return this.#lanes[k - 1]!
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #place(backend: Backend): FarPlace {
    this.#backends.push(backend)
    const uploads = new Uploads(backend, this, this.#target)
    return { sessions: new SharedSessions(backend), uploads, holds: (x) => uploads.holds(x) }
  }
}

type DeviceList = readonly [OnnxDevice, ...OnnxDevice[]]

const known = new Map<OnnxKind, DeviceList>()

function list(kind: DeviceKind): DeviceList {
  const onnx = kind as OnnxKind
  let list = known.get(onnx)
  if (list === undefined) {
    kinds[onnx].load()
    const make = (id: number): OnnxDevice => new OnnxDevice(onnx, id, { id })
    list = [make(0), ...Array.from({ length: kinds[onnx].count() - 1 }, (_, i) => make(i + 1))]
    known.set(onnx, list)
  }
  return list
}

const all = Object.keys(kinds) as OnnxKind[]

registerDeviceProvider({ kinds: all, available: () => all.filter((kind) => kinds[kind].isListed()), list })

const withIds: readonly DeviceKind[] = ['cuda', 'tensorrt', 'directml']

/**
 * A device of its own, with its own sessions and threads: a lane beside others. `close()` gives them back.
 *
 * @throws DeviceError for `js`, for options that cannot be, and saying what is missing to run on this kind.
 * @example
 * const one = createDevice('cpu', { threads: 1 })
 * await jit((x) => x.mul(2), { device: one })(np.array([1, 2])).js() // [2, 4]
 */
export function createDevice(kind: DeviceKind, options: DeviceOptions = {}): Device {
  if (kind === 'js') throw new DeviceError('createDevice: the interpreter has no options; use devices("js")')
  if (!all.includes(kind)) {
    throw new DeviceError(`createDevice: unknown kind of device ${showOption(kind)}; kinds are ${all.join(', ')}`)
  }
  const { threads, id, worker, spinning, fallback } = checkOptions('createDevice', options, [
    'id',
    'threads',
    'spinning',
    'fallback',
    'worker',
  ])
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1 || threads > MOST_THREADS))
    throw new DeviceError(
      `createDevice: threads is ${showOption(threads)}; it must be a whole number from 1 to ${MOST_THREADS}`,
    )
  if (threads !== undefined && kind === 'wasm')
    throw new DeviceError('createDevice: the threads of wasm are the whole process’s: initRuntime({ numThreads })')
  if (id !== undefined && !withIds.includes(kind))
    throw new DeviceError(`createDevice: ${kind} has no id; the kinds of several GPUs are ${withIds.join(', ')}`)
  if (id !== undefined && (!Number.isInteger(id) || id < 0))
    throw new DeviceError(`createDevice: id is ${showOption(id)}; it must be a whole number from 0`)
  if (worker !== undefined && typeof worker !== 'boolean' && worker !== 'auto')
    throw new DeviceError(`createDevice: worker is ${showOption(worker)}; it must be true, false or 'auto'`)
  if (spinning !== undefined && typeof spinning !== 'boolean' && spinning !== 'auto')
    throw new DeviceError(`createDevice: spinning is ${showOption(spinning)}; it must be true, false or 'auto'`)
  if (fallback !== undefined && typeof fallback !== 'boolean')
    throw new DeviceError(`createDevice: fallback is ${showOption(fallback)}; it must be true or false`)
  if (fallback === true && kind !== 'webgpu')
    throw new DeviceError(
      `createDevice: ${kind} has no fallback; on webgpu alone a missing kernel is an error without it`,
    )
  kinds[kind].load()
  const lack = worker === undefined || worker === false ? undefined : kinds[kind].noWorkers()
  if (lack !== undefined)
    throw new DeviceError(`createDevice: ${kind} does not run in a worker here: ${lack}; or use { worker: false }`)
  return new OnnxDevice(kind, kinds[kind].count() + created++, options)
}

let created = 0
