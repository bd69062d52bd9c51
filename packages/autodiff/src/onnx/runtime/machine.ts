/** What is on this machine, as far as Node tells. */

interface NodeRequire {
  (name: string): unknown
  resolve(name: string): string
}

interface NodeProcess {
  readonly platform: string
  readonly arch: string
  readonly env: Readonly<Record<string, string | undefined>>
  getBuiltinModule?(name: string): unknown
}

interface FileSystem {
  existsSync(path: string): boolean
  readdirSync(path: string): string[]
}

declare const process: NodeProcess | undefined

const node = (): NodeProcess | undefined => (typeof process === 'undefined' ? undefined : process)

/** `require` of Node, or undefined in a browser. */
export function nodeRequire(): NodeRequire | undefined {
  const module = node()?.getBuiltinModule?.('node:module') as { createRequire(url: string): NodeRequire } | undefined
  return module?.createRequire((import.meta as unknown as { url: string }).url)
}

/** A module of Node, or undefined in a browser. */
export const builtin = <T>(name: string): T | undefined => node()?.getBuiltinModule?.(name) as T | undefined

const files = (): FileSystem | undefined => node()?.getBuiltinModule?.('node:fs') as FileSystem | undefined

/** As `linux/x64`. */
export const platform = (): string => {
  const here = node()
  return here === undefined ? 'browser' : `${here.platform}/${here.arch}`
}

/** The names in a folder; none where there is no such folder. */
function namesIn(folder: string): readonly string[] {
  try {
    return files()?.readdirSync(folder) ?? []
  } catch {
    return []
  }
}

/** Whether the library of an execution provider that is not in the npm package lies beside the binding. */
export function hasProviderLibrary(name: string): boolean {
  const [require, fs, here] = [nodeRequire(), files(), node()]
  if (require === undefined || fs === undefined || here === undefined) return false
  const root = require.resolve('onnxruntime-node/package.json').replace(/package\.json$/, '')
  const file = here.platform === 'win32' ? `onnxruntime_providers_${name}.dll` : `libonnxruntime_providers_${name}.so`
  return ['napi-v6', 'napi-v3'].some((abi) => fs.existsSync(`${root}bin/${abi}/${here.platform}/${here.arch}/${file}`))
}

/** How many GPUs of NVIDIA there are: those the environment names, else those the driver shows; 1 if neither tells. */
export function nvidiaGpus(): number {
  const visible = node()?.env['CUDA_VISIBLE_DEVICES']
  if (visible !== undefined) return Math.max(1, visible.split(',').filter((id) => id.trim() !== '').length)
  return Math.max(1, namesIn('/proc/driver/nvidia/gpus').length)
}

/** Where Vulkan looks for drivers on Linux, in its own order. */
function driverFolders(env: NodeProcess['env']): readonly string[] {
  const bases = [
    env['XDG_CONFIG_HOME'] ?? `${env['HOME']}/.config`,
    ...(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg').split(':'),
    '/usr/local/etc',
    '/etc',
    env['XDG_DATA_HOME'] ?? `${env['HOME']}/.local/share`,
    ...(env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share').split(':'),
  ]
  return bases.map((base) => `${base}/vulkan/icd.d`)
}

/** Whether WebGPU can find a driver: in a browser if it says so, on Linux if Vulkan has one, else always. */
export function hasGraphicsDriver(): boolean {
  const here = node()
  if (here === undefined) return 'gpu' in ((globalThis as { navigator?: object }).navigator ?? {})
  if (here.platform !== 'linux') return true
  if ((here.env['VK_DRIVER_FILES'] ?? here.env['VK_ICD_FILENAMES'] ?? '') !== '') return true
  return driverFolders(here.env).some((folder) => namesIn(folder).some((name) => name.endsWith('.json')))
}
