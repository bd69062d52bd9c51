import type { DType, TypedArray } from '../array/dtype.ts'
import { DeviceError } from '../array/errors.ts'

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

interface NodeRequire {
  (name: string): unknown
  resolve(name: string): string
}

interface NodeProcess {
  readonly platform: string
  readonly arch: string
  getBuiltinModule?(name: string): unknown
}

declare const process: NodeProcess | undefined

const INSTALL =
  'install it with `ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node` (CPU and WebGPU), or run on the interpreter with { device: "js" }'

let loaded: Runtime | undefined

/** `require` of Node, or undefined in a browser. */
export function nodeRequire(): NodeRequire | undefined {
  if (typeof process === 'undefined') return undefined
  const module = process.getBuiltinModule?.('node:module') as { createRequire(url: string): NodeRequire } | undefined
  return module?.createRequire((import.meta as unknown as { url: string }).url)
}

/** A module of Node, or undefined in a browser. */
export const builtin = <T>(name: string): T | undefined =>
  typeof process === 'undefined' ? undefined : (process.getBuiltinModule?.(name) as T | undefined)

/** Whether the runtime is installed. */
export function hasRuntime(): boolean {
  try {
    loadRuntime()
    return true
  } catch {
    return false
  }
}

/** ONNX Runtime, loaded on first use. */
export function loadRuntime(): Runtime {
  if (loaded !== undefined) return loaded
  const require = nodeRequire()
  if (require === undefined)
    throw new DeviceError(`ONNX Runtime for Node is not to be had here; run on the interpreter with { device: "js" }`)
  try {
    loaded = require('onnxruntime-node') as Runtime
    return loaded
  } catch (cause) {
    throw new DeviceError(`onnxruntime-node is not installed or does not load: ${INSTALL}`, { cause })
  }
}

/** Whether the library of an execution provider that is not in the npm package lies beside the binding. */
export function hasProviderLibrary(name: string): boolean {
  const require = nodeRequire()
  const fs = process?.getBuiltinModule?.('node:fs') as { existsSync(path: string): boolean } | undefined
  if (require === undefined || fs === undefined || process === undefined) return false
  const root = require.resolve('onnxruntime-node/package.json').replace(/package\.json$/, '')
  const file =
    process.platform === 'win32' ? `onnxruntime_providers_${name}.dll` : `libonnxruntime_providers_${name}.so`
  return ['napi-v6', 'napi-v3'].some((abi) =>
    fs.existsSync(`${root}bin/${abi}/${process?.platform}/${process?.arch}/${file}`),
  )
}
