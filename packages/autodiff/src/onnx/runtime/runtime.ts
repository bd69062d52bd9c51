import type { DType, TypedArray } from '../../array/dtype.ts'
import { DeviceError } from '../../array/errors.ts'
import { inTurn } from './in-turn.ts'
import { nodeRequire } from './machine.ts'

/** What is used of ONNX Runtime's interface; no public type mentions the runtime's own. */
export interface RuntimeTensor {
  /** Not to be read of a tensor that is elsewhere. */
  readonly data: TypedArray
  readonly dims: readonly number[]
  /** 'cpu', or 'gpu-buffer'. */
  readonly location?: string
  dispose?(): void
}

export interface RuntimeSession {
  run(feeds: Readonly<Record<string, RuntimeTensor>>): Promise<Readonly<Record<string, RuntimeTensor>>>
  release(): Promise<void>
  /** Writes the profile that was asked for. */
  endProfiling?(): void
}

export interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>
  }
  readonly Tensor: new (dtype: DType, data: TypedArray, dims: readonly number[]) => RuntimeTensor
  readonly listSupportedBackends?: () => readonly { readonly name: string; readonly bundled: boolean }[]
}

type Address = string | { readonly href: string }

/** Where the files of WebAssembly are: the beginning of their address, or an address each. */
export type WasmPaths = string | Readonly<Partial<Record<'wasm' | 'mjs', Address>>>

/** What onnxruntime-web has besides. */
export interface WebRuntime extends Runtime {
  readonly env: { readonly wasm: { numThreads?: number; wasmPaths?: WasmPaths; wasmBinary?: unknown } }
}

const INSTALL =
  'install it with `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` (CPU and WebGPU), or run on the interpreter with { device: "js" }'
const INSTALL_WEB = 'install it with `npm install onnxruntime-web`, or run on the interpreter with { device: "js" }'

let loaded: Runtime | undefined
let web: Runtime | undefined

/** Whether the runtime is installed. */
export function hasRuntime(): boolean {
  try {
    loadRuntime()
    return true
  } catch {
    return false
  }
}

/** ONNX Runtime for Node, loaded on first use. */
export function loadRuntime(): Runtime {
  if (loaded !== undefined) return loaded
  const require = nodeRequire()
  if (require === undefined)
    throw new DeviceError(
      'ONNX Runtime for Node is not to be had here: `await initRuntime()`, and use devices("wasm") or devices("webgpu"), or run on the interpreter with { device: "js" }',
    )
  try {
    loaded = require('onnxruntime-node') as Runtime
    return loaded
  } catch (cause) {
    throw new DeviceError(`onnxruntime-node is not installed or does not load: ${INSTALL}`, { cause })
  }
}

let webStarted = false

/** Whether the runtime of WebAssembly has made a session: its settings hold from then on. */
export const hasWebStarted = (): boolean => webStarted

let webModule: WebRuntime | undefined
let webPlace: WebPlace | undefined

/** Where another thread finds the same runtime of WebAssembly: at an address, or (undefined) as the package. */
export interface WebPlace {
  readonly address: string | undefined
}

/** Where the runtime of WebAssembly is found again; undefined where it was given as it is. */
export const placeOfWeb = (): WebPlace | undefined => webPlace

/** Settings of the runtime of WebAssembly: its threads and files. */
export interface WebSettings {
  readonly numThreads?: number
  readonly wasmPaths?: WasmPaths
  readonly wasmBinary?: unknown
}

/** What the runtime of WebAssembly was told, for another like it. */
export function webSettings(): WebSettings | undefined {
  if (webModule === undefined) return undefined
  const { numThreads, wasmPaths, wasmBinary } = webModule.env.wasm
  return {
    ...(numThreads !== undefined && { numThreads }),
    ...(wasmPaths !== undefined && { wasmPaths: absolutePaths(wasmPaths) }),
    ...((wasmBinary instanceof ArrayBuffer || ArrayBuffer.isView(wasmBinary)) && { wasmBinary }),
  }
}

const absolutePaths = (paths: WasmPaths): WasmPaths =>
  typeof paths === 'string'
    ? absolute(paths)
    : Object.fromEntries(Object.entries(paths).map(([name, address]) => [name, absolute(address)]))

declare const location: { readonly href: string } | undefined
declare const document: { readonly baseURI: string } | undefined
declare const URL: new (url: string, base?: string) => { readonly href: string }

/** An address as the page means it, which has another meaning in a worker. */
export function absolute(address: Address): string {
  const given = typeof address === 'string' ? address : address.href
  if (typeof location === 'undefined') return given
  try {
    return new URL(given, typeof document === 'undefined' ? location.href : document.baseURI).href
  } catch {
    return given
  }
}

/** Makes a runtime of WebAssembly known. */
export function setWebRuntime(module: Runtime | WebRuntime, place?: WebPlace): Runtime {
  webModule = 'env' in module ? module : undefined
  webPlace = place
  const runtime = inTurn(module)
  web = {
    Tensor: runtime.Tensor,
    InferenceSession: {
      create(model, options) {
        webStarted = true
        return runtime.InferenceSession.create(model, options)
      },
    },
  }
  return web
}

/** The runtime of WebAssembly: in Node loaded on first use, in a browser by `initRuntime`. */
export function loadWebRuntime(): Runtime {
  if (web !== undefined) return web
  const require = nodeRequire()
  if (require === undefined) {
    throw new DeviceError(
      'the runtime of WebAssembly is loaded by `await initRuntime()` in a browser; without it run on the interpreter with { device: "js" }',
    )
  }
  return setWebRuntime(requireWebRuntime(), { address: undefined })
}

/** onnxruntime-web in Node. */
export function requireWebRuntime(): WebRuntime {
  try {
    return nodeRequire()!('onnxruntime-web') as WebRuntime
  } catch (cause) {
    throw new DeviceError(`wasm: onnxruntime-web is not installed or does not load: ${INSTALL_WEB}`, { cause })
  }
}
