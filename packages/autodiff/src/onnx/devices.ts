import { NDArray } from '../array/ndarray.ts'
import { checkOptions } from '../array/options.ts'
import { DeviceError } from '../array/errors.ts'
import { type Device, type DeviceKind, type DeviceProfile, registerDeviceProvider } from '../core/device.ts'
import type { Backend } from './backend.ts'
import { OnnxExecutable } from './executable.ts'
import { kinds, type KindRules, type OnnxKind } from './kinds.ts'
import { LocalBackend } from './local-backend.ts'
import { profileProgram } from './profile.ts'
import { SharedSessions } from './shared-sessions.ts'
import { Uploads } from './uploads.ts'

/** How a device runs its programs. */
export interface DeviceOptions {
  /** Which GPU, of several (cuda, tensorrt, directml). @defaultValue 0 */
  readonly id?: number
  /** Threads of one operation. @defaultValue the runtime's choice, one a core */
  readonly threads?: number
  /** Whether idle threads wait busily: faster alone on a machine, much slower on a shared one. @defaultValue false */
  readonly spinning?: boolean
  /** Whether webgpu leaves operators that it has no kernel for to the host; else they are errors. @defaultValue false */
  readonly fallback?: boolean
}

type SessionOptions = Readonly<Record<string, unknown>>

function sessionOptions(providers: readonly unknown[], { threads, spinning = false }: DeviceOptions): SessionOptions {
  return {
    executionProviders: providers,
    graphOptimizationLevel: 'all',
    // Failures are thrown: the runtime need not print them too.
    logSeverityLevel: 4,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  }
}

/** A device of ONNX Runtime: a backend, and how programs are written for it. */
class OnnxDevice implements Device {
  readonly kind: OnnxKind
  readonly id: number
  readonly name: string
  readonly supports: KindRules['supports']
  readonly #target: string
  readonly #backend: Backend
  readonly #sessions: SharedSessions
  readonly #uploads: Uploads
  readonly #options: SessionOptions
  readonly #fallback: boolean

  constructor(kind: OnnxKind, id: number, options: DeviceOptions) {
    const rules = kinds[kind]
    this.kind = kind
    this.id = id
    this.name = `${kind}:${id}`
    this.supports = rules.supports
    this.#target = rules.target
    this.#options = sessionOptions(rules.providers(options.id ?? 0), options)
    this.#backend = new LocalBackend(this.name, rules.load(), rules.supports.memory, this.#options)
    this.#sessions = new SharedSessions(this.#backend)
    this.#uploads = new Uploads(this.#backend, this, rules.target)
    this.#fallback = options.fallback ?? false
  }

  get liveBytes(): number {
    return this.#backend.liveBytes
  }

  compile(jaxpr: Parameters<Device['compile']>[0]): OnnxExecutable {
    return new OnnxExecutable(jaxpr, this.#sessions, this.#uploads, this.#target, this.#options, this.#fallback)
  }

  profile(...[jaxpr, inputs, runs]: Parameters<NonNullable<Device['profile']>>): Promise<DeviceProfile> {
    const { name: device } = this
    const runtime = kinds[this.kind].load()
    return profileProgram({ device, runtime, target: this.#target, session: this.#options }, jaxpr, inputs, runs)
  }

  put(x: NDArray): NDArray {
    return new NDArray(x.shape, x.dtype, this.#uploads.put(x))
  }

  close(): Promise<void> {
    const lists = known.get(this.kind)
    if (lists?.includes(this) === true) known.delete(this.kind)
    return this.#backend.close()
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
    throw new DeviceError(`createDevice: unknown kind of device ${JSON.stringify(kind)}; kinds are ${all.join(', ')}`)
  }
  const { threads, id } = checkOptions('createDevice', options, ['id', 'threads', 'spinning', 'fallback'])
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new DeviceError(`createDevice: threads is ${threads}; it must be a whole number from 1`)
  if (threads !== undefined && kind === 'wasm')
    throw new DeviceError('createDevice: the threads of wasm are the whole process’s: initRuntime({ numThreads })')
  if (id !== undefined && !withIds.includes(kind))
    throw new DeviceError(`createDevice: ${kind} has no id; the kinds of several GPUs are ${withIds.join(', ')}`)
  if (id !== undefined && (!Number.isInteger(id) || id < 0))
    throw new DeviceError(`createDevice: id is ${id}; it must be a whole number from 0`)
  kinds[kind].load()
  return new OnnxDevice(kind, kinds[kind].count() + created++, options)
}

let created = 0
