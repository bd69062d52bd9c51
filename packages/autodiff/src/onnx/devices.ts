import { DeviceError } from '../array/errors.ts'
import { type Device, type DeviceKind, registerDeviceProvider } from '../core/device.ts'
import { OnnxExecutable } from './executable.ts'
import { hasProviderLibrary, hasRuntime, loadRuntime } from './runtime.ts'

/** How a device runs its programs. */
export interface DeviceOptions {
  /** Threads of one operation. @defaultValue the runtime's choice, one a core */
  readonly threads?: number
  /** Whether idle threads wait busily: faster alone on a machine, much slower on a shared one. @defaultValue false */
  readonly spinning?: boolean
  /** Whether a GPU leaves operators that it has no kernel for to the host; else they are errors. @defaultValue false */
  readonly fallback?: boolean
}

type OnnxKind = Exclude<DeviceKind, 'js'>

function sessionOptions(
  kind: OnnxKind,
  { threads, spinning = false, fallback }: DeviceOptions,
): Readonly<Record<string, unknown>> {
  return {
    executionProviders: [kind],
    graphOptimizationLevel: 'all',
    // Failures are thrown: the runtime need not print them too.
    logSeverityLevel: 4,
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    extra: {
      session: {
        intra_op: { allow_spinning: spinning ? '1' : '0' },
        ...(fallback !== undefined && { disable_cpu_ep_fallback: fallback ? '0' : '1' }),
      },
    },
  }
}

function makeDevice(kind: OnnxKind, id: number, options: DeviceOptions = {}): Device {
  const name = `${kind}:${id}`
  const session = sessionOptions(kind, options)
  return { kind, id, name, compile: (jaxpr) => new OnnxExecutable(jaxpr, name, kind, session) }
}

const known = new Map<OnnxKind, Device>()

/** Throws a DeviceError that says what is missing and how to install it. */
function checkAvailable(kind: OnnxKind): void {
  if (kind === 'wasm') {
    throw new DeviceError(
      'wasm: programs run on onnxruntime-web in a browser only, which this version does not drive; use devices("cpu")',
    )
  }
  const runtime = loadRuntime()
  const backends = runtime.listSupportedBackends?.().map((b) => b.name) ?? []
  if (kind === 'cuda' && !hasProviderLibrary('cuda')) {
    throw new DeviceError(
      'cuda: the CUDA libraries of ONNX Runtime are not installed. On Linux x64 with CUDA 12 run `node node_modules/onnxruntime-node/script/install`; elsewhere use devices("cpu")',
    )
  }
  if (kind === 'webgpu' && !backends.includes('webgpu')) {
    throw new DeviceError('webgpu: this build of onnxruntime-node has no WebGPU; use devices("cpu")')
  }
}

function list(kind: DeviceKind): readonly [Device, ...Device[]] {
  const onnx = kind as OnnxKind
  let device = known.get(onnx)
  if (device === undefined) {
    checkAvailable(onnx)
    known.set(onnx, (device = makeDevice(onnx, 0)))
  }
  return [device]
}

function isAvailable(kind: DeviceKind): boolean {
  try {
    checkAvailable(kind as OnnxKind)
    return true
  } catch {
    return false
  }
}

registerDeviceProvider({
  kinds: ['cpu', 'cuda', 'webgpu', 'wasm'],
  available: () => (hasRuntime() ? (['cpu', 'cuda', 'webgpu'] as const).filter(isAvailable) : []),
  list,
})

/**
 * A device of its own, with its own threads.
 *
 * @throws DeviceError for `js`, for a number of threads that cannot be, and saying what is missing to run on this kind.
 * @example
 * const one = createDevice('cpu', { threads: 1 })
 * await jit((x) => x.mul(2), { device: one })(np.array([1, 2])).js() // [2, 4]
 */
export function createDevice(kind: DeviceKind, options: DeviceOptions = {}): Device {
  if (kind === 'js') throw new DeviceError('createDevice: the interpreter has no options; use devices("js")')
  if (options.threads !== undefined && (!Number.isInteger(options.threads) || options.threads < 1)) {
    throw new DeviceError(`createDevice: threads is ${options.threads}; it must be a whole number from 1`)
  }
  checkAvailable(kind)
  return makeDevice(kind, nextId++, options)
}

let nextId = 1
