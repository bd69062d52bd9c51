import { checkOptions, showOption } from '../../array/options.ts'
import { DeviceError } from '../../array/errors.ts'
import { setFallback } from '../../core/device/default-device.ts'
import { nodeRequire } from './machine.ts'
import { absolute, hasWebStarted, requireWebRuntime, setWebRuntime, type WebPlace, type WebRuntime } from './runtime.ts'

/** How ONNX Runtime for the web is loaded. */
export interface RuntimeOptions {
  /**
   * The module of onnxruntime-web, if it is imported elsewhere, or in a browser its address, by which workers find it too.
   * @defaultValue `onnxruntime-web/webgpu` in a browser, `onnxruntime-web` in Node
   */
  readonly runtime?: object | string
  /**
   * Where the browser finds the .wasm files: the beginning of their address, or an address each.
   * @defaultValue beside the module
   */
  readonly wasmPaths?: string | { readonly wasm?: string; readonly mjs?: string }
  /** Threads of the wasm device; more than one needs a page that is cross-origin isolated. @defaultValue 1 in Node, in a browser the runtime's choice */
  readonly numThreads?: number
}

const names = ['runtime', 'wasmPaths', 'numThreads'] as const
let given: RuntimeOptions | undefined

/**
 * Loads ONNX Runtime for the web, for the devices `wasm` and, in a browser, `webgpu`. A browser needs it before the
 * first program; Node only to choose the threads of `wasm`. The default device of a browser is `wasm` from then on.
 *
 * @throws DeviceError when it is not installed, or when programs run on it already with other options.
 * @example
 * await initRuntime({ numThreads: 1 })
 * await jit((x) => x.add(1), { device: 'wasm' })(np.array([1])).js() // [2]
 */
export async function initRuntime(options: RuntimeOptions = {}): Promise<void> {
  const checked = checkOptions('initRuntime', options, names)
  const { runtime, wasmPaths, numThreads } = checked
  if (numThreads !== undefined && (!Number.isInteger(numThreads) || numThreads < 1))
    throw new DeviceError(`initRuntime: numThreads is ${numThreads}; it must be a whole number from 1`)
  if (typeof runtime === 'string') checkAddress()
  else if (runtime !== undefined) checkModule(runtime)
  if (wasmPaths !== undefined) checkPaths(wasmPaths)
  const changed = names.find((name) => checked[name] !== undefined && checked[name] !== given?.[name])
  if (given !== undefined && changed === undefined) return
  if (hasWebStarted() && changed !== undefined)
    throw new DeviceError(`initRuntime: programs run already with another ${changed}; call it once, at the start`)
  const { module, place } = await load(runtime)
  checkModule(module)
  if (wasmPaths !== undefined) module.env.wasm.wasmPaths = wasmPaths
  if (numThreads !== undefined) module.env.wasm.numThreads = numThreads
  given = checked
  if (nodeRequire() === undefined) setFallback('wasm')
  setWebRuntime(module, place)
}

function checkModule(module: Partial<WebRuntime>): asserts module is WebRuntime {
  if (module?.InferenceSession === undefined || module.Tensor === undefined || module.env === undefined) {
    throw new DeviceError(
      "initRuntime: runtime is not onnxruntime-web; give what `await import('onnxruntime-web')` gives",
    )
  }
}

function checkAddress(): void {
  if (nodeRequire() !== undefined)
    throw new DeviceError("initRuntime: an address is for browsers; give what `await import('onnxruntime-web')` gives")
}

const isAddress = (x: unknown): boolean => typeof x === 'string' || typeof (x as { href?: unknown })?.href === 'string'

function checkPaths(paths: unknown): void {
  if (typeof paths === 'string') return
  const entries = typeof paths === 'object' && paths !== null ? Object.entries(paths) : [['', undefined] as const]
  if (entries.some(([name, address]) => !['wasm', 'mjs'].includes(name) || !isAddress(address)))
    throw new DeviceError(
      `initRuntime: wasmPaths is ${showOption(paths)}; it must be the beginning of an address, or { wasm, mjs }, an address each`,
    )
}

interface Loaded {
  readonly module: Partial<WebRuntime>
  readonly place?: WebPlace
}

/** The module of the package, of an address, or as it is given. */
async function load(runtime: object | string | undefined): Promise<Loaded> {
  if (typeof runtime === 'string') return loadFrom(absolute(runtime))
  if (runtime !== undefined)
    return isInstalled(runtime) ? { module: runtime, place: { address: undefined } } : { module: runtime }
  if (nodeRequire() !== undefined) return { module: requireWebRuntime(), place: { address: undefined } }
  try {
    return {
      module: (await import('onnxruntime-web/webgpu')) as unknown as WebRuntime,
      place: { address: addressOf(PACKAGE) },
    }
  } catch (cause) {
    throw new DeviceError(
      'initRuntime: onnxruntime-web does not load: install it with `npm install onnxruntime-web` and bundle it, or import it yourself: initRuntime({ runtime: await import(…) })',
      { cause },
    )
  }
}

/** Whether it is what Node's worker threads would load. */
function isInstalled(runtime: object): boolean {
  try {
    return nodeRequire()?.('onnxruntime-web') === runtime
  } catch {
    return false
  }
}

async function loadFrom(address: string): Promise<Loaded> {
  try {
    return {
      module: (await import(/* webpackIgnore: true */ /* @vite-ignore */ address)) as WebRuntime,
      place: { address },
    }
  } catch (cause) {
    throw new DeviceError(
      `initRuntime: no runtime loads from ${address}: give the address of a module of onnxruntime-web, such as ort.webgpu.bundle.min.mjs`,
      { cause },
    )
  }
}

const PACKAGE = 'onnxruntime-web/webgpu'

/** Where an import map puts a package; workers have none. In a bundle there is nothing to be found. */
function addressOf(name: string): string | undefined {
  try {
    return (import.meta as unknown as { resolve(name: string): string }).resolve(name)
  } catch {
    return undefined
  }
}
