import { type DType, dtypes } from '../../array/dtype.ts'
import { DeviceError } from '../../array/errors.ts'
import { lacks } from '../lowering/held.ts'
import type { DeviceKind, DeviceSupport } from '../../core/device/device.ts'
import { hasGraphicsDriver, hasProviderLibrary, nvidiaGpus, platform } from '../runtime/machine.ts'
import { hasRuntime, loadRuntime, loadWebRuntime, placeOfWeb, type Runtime, webSettings } from '../runtime/runtime.ts'
import { hasThreads, type RuntimeSource } from '../worker/thread.ts'

export type OnnxKind = Exclude<DeviceKind, 'js'>

/** What is known of a kind of device. */
export interface KindRules {
  readonly supports: DeviceSupport
  /** What the lowering rules are told. */
  readonly target: string
  /** The execution providers, the first preferred; the runtime adds its cpu. */
  providers(id: number): readonly unknown[]
  /** The runtime; throws a DeviceError saying what is missing and the command that installs it. */
  load(): Runtime
  /** What a worker loads. */
  readonly module: RuntimeSource
  /** Why it cannot run in workers here; undefined where it can. */
  noWorkers(): string | undefined
  /** Whether `devices()` lists it: nothing that is needed is known to be missing. */
  isListed(): boolean
  /** How many there are here, 1 if that is not known. */
  count(): number
}

const everything: DeviceSupport = { dtypes, loops: true, memory: false }
/** What a GPU computes, in 32 bits at most; a loop goes by the host. */
const gpuDTypes: readonly DType[] = dtypes.filter((dtype) => !lacks('webgpu', dtype))

/** The runtime if its build has a provider. */
function withBackend(kind: OnnxKind, backend: string, remedy: string): Runtime {
  const runtime = loadRuntime()
  if (runtime.listSupportedBackends?.().some((b) => b.name === backend) !== true)
    throw new DeviceError(`${kind}: this build of onnxruntime-node (${platform()}) does not have it; ${remedy}`)
  return runtime
}

const CUDA_INSTALL = 'On Linux x64 with CUDA 12 and cuDNN 9 run `node node_modules/onnxruntime-node/script/install`'

function withCuda(kind: 'cuda' | 'tensorrt', more: string): Runtime {
  const runtime = loadRuntime()
  if (hasProviderLibrary(kind)) return runtime
  const elsewhere = platform() === 'linux/x64' ? '' : ` (this is ${platform()}, for which npm has none)`
  throw new DeviceError(
    `${kind}: the CUDA libraries of ONNX Runtime are not installed. ${CUDA_INSTALL}${more}${elsewhere}; elsewhere use devices("webgpu") or devices("cpu")`,
  )
}

function listed(load: () => unknown): boolean {
  try {
    load()
    return true
  } catch {
    return false
  }
}

const webSource: RuntimeSource = {
  module: 'onnxruntime-web',
  address: () => placeOfWeb()?.address,
  settings: webSettings,
}

function noWebWorkers(): string | undefined {
  if (!hasThreads()) return 'there are none'
  if (placeOfWeb() !== undefined) return undefined
  return `they cannot have the module that initRuntime was given: ${platform() === 'browser' ? 'give its address, initRuntime({ runtime: "https://…" })' : 'only the one that is installed'}, or leave it out`
}

function rules(kind: OnnxKind, own: Pick<KindRules, 'load'> & Partial<KindRules>): KindRules {
  return {
    supports: everything,
    target: kind,
    providers: () => [kind],
    isListed: () => hasRuntime() && listed(own.load),
    module: { module: 'onnxruntime-node', address: () => undefined, settings: () => undefined },
    noWorkers: () => (hasThreads() ? undefined : 'there are none'),
    count: () => 1,
    ...own,
  }
}

export const kinds: Readonly<Record<OnnxKind, KindRules>> = {
  cpu: rules('cpu', { load: loadRuntime }),
  cuda: rules('cuda', {
    load: () => withCuda('cuda', ''),
    providers: (id) => [{ name: 'cuda', deviceId: id }],
    count: nvidiaGpus,
  }),
  webgpu: rules('webgpu', {
    // In its own layout it moves transposes onto booleans, which it has no kernel for, and ConvTranspose goes wrong.
    providers: () => [{ name: 'webgpu', preferredLayout: 'NCHW' }],
    supports: { dtypes: gpuDTypes, loops: false, memory: true },
    module: webSource,
    noWorkers: () =>
      platform() === 'browser'
        ? noWebWorkers()
        : 'all sessions of onnxruntime-node share one GPU device, which two threads must not use at once',
    load: () =>
      platform() === 'browser'
        ? loadWebRuntime()
        : withBackend(
            'webgpu',
            'webgpu',
            'it is there for x64, and for arm64 on macOS and Windows; use devices("cpu")',
          ),
    isListed: () => hasGraphicsDriver() && listed(kinds.webgpu.load),
  }),
  wasm: rules('wasm', {
    target: platform() === 'browser' ? 'browser' : 'wasm',
    load: loadWebRuntime,
    isListed: () => listed(loadWebRuntime),
    module: webSource,
    noWorkers: noWebWorkers,
  }),
  tensorrt: rules('tensorrt', {
    target: 'cuda',
    load: () => withCuda('tensorrt', ' and install TensorRT 10 (`apt install tensorrt` from NVIDIA’s repository)'),
    providers: (id) => ['tensorrt', 'cuda'].map((name) => ({ name, deviceId: id })),
    isListed: () => false,
    count: nvidiaGpus,
  }),
  directml: rules('directml', {
    target: 'cpu',
    load: () =>
      withBackend('directml', 'dml', 'DirectML is part of it on Windows; use devices("webgpu") or devices("cpu")'),
    providers: (id) => [{ name: 'dml', deviceId: id }],
  }),
  coreml: rules('coreml', {
    target: 'cpu',
    load: () =>
      withBackend('coreml', 'coreml', 'CoreML is part of it on macOS; use devices("webgpu") or devices("cpu")'),
  }),
}
