import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json'
const libraries = ['/usr/lib', '/lib'].flatMap((base) =>
  [`${base}/x86_64-linux-gnu`, `${base}/aarch64-linux-gnu`, base].map((folder) => `${folder}/libvulkan.so.1`),
)

function hasBackend(): boolean {
  try {
    const runtime = createRequire(import.meta.url)('onnxruntime-node') as {
      listSupportedBackends(): { name: string }[]
    }
    return runtime.listSupportedBackends().some(({ name }) => name === 'webgpu')
  } catch {
    return false
  }
}

/**
 * Why there is no WebGPU to test with here; undefined where there is: a driver that COTANGENT_WEBGPU=1 says is there, or
 * SwiftShader as Debian's chromium brings it, which this process uses from now on.
 */
export const noWebGpu: string | undefined = (() => {
  if (!hasBackend()) return 'this onnxruntime-node has none'
  if (process.env['COTANGENT_WEBGPU'] === '1') return undefined
  if (!existsSync(driver) || !libraries.some(existsSync))
    return 'apt install chromium libvulkan1, or COTANGENT_WEBGPU=1'
  process.env['VK_ICD_FILENAMES'] = driver
  return undefined
})()

/** The title of a suite, with the reason if it is skipped. */
export const webGpuTitle = (title: string): string =>
  noWebGpu === undefined ? title : `${title} (skipped, no WebGPU: ${noWebGpu})`
