import { DeviceError } from '../../array/errors.ts'

/** What to do about a session that fails for want of something on the machine. */
const hints: readonly { readonly says: RegExp; readonly advice: string }[] = [
  {
    says: /WebGPU adapter|Vulkan/i,
    advice:
      'WebGPU found no graphics driver: on Linux install Vulkan and the driver of the GPU (`apt install libvulkan1 mesa-vulkan-drivers`, or the vendor’s), and see whether `vulkaninfo` lists the GPU; else use devices("cpu")',
  },
  {
    says: /fallback to CPU EP/,
    advice:
      'An operator of the program has no kernel on this device; createDevice(kind, { fallback: true }) computes such operators on the host',
  },
  {
    says: /CUDA|cuDNN|cublas|TensorRT/i,
    advice:
      'CUDA needs the NVIDIA driver, CUDA and cuDNN where the loader finds them: see `nvidia-smi` and LD_LIBRARY_PATH; else use devices("cpu")',
  },
]

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The runtime made no session of a model. */
export function sessionFailure(device: string, cause: unknown): DeviceError {
  if (cause instanceof DeviceError) return cause
  const message = messageOf(cause)
  const hint = hints.find(({ says }) => says.test(message))
  return new DeviceError(
    `${device} could not make a session of the program: ${message}${hint === undefined ? '' : `. ${hint.advice}`}`,
    { cause },
  )
}

/** A session did not run. */
export const runFailure = (device: string, cause: unknown): DeviceError =>
  cause instanceof DeviceError
    ? cause
    : new DeviceError(`${device} failed to run the program: ${messageOf(cause)}`, { cause })

/** The runtime does not load in a thread. */
export const loadFailure = (device: string, cause: unknown): DeviceError =>
  new DeviceError(`${device}: ONNX Runtime does not load in a worker: ${messageOf(cause)}`, { cause })
