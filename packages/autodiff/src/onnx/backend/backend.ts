import type { DType, TypedArray } from '../../array/dtype.ts'
import type { Shape } from '../../array/shape.ts'

/**
 * What a device does with sessions and arrays, whichever library or thread does it. Everything is asked for at once and
 * done in order: a buffer is given before its numbers are there, and may be passed on, or released, before too.
 */
export interface Backend {
  /** The name of the device, for messages. */
  readonly device: string
  /** Backends of one memory can read each other's buffers. */
  readonly memory: object
  /** Whether a buffer is in this memory, as it is now. */
  owns(buffer: DeviceBuffer): boolean
  /** Whether arrays of the host that are given again and again should be uploaded, rather than given each time. */
  readonly isApart: boolean
  /** Bytes of the buffers that are there now. */
  readonly liveBytes: number
  createSession(request: SessionRequest): BackendSession
  /** A copy on the device; where the device's memory is the host's, the numbers themselves. */
  upload(tensor: HostTensor): DeviceBuffer
  /** Releases all sessions and threads; what runs then, or is called later, fails with a DeviceError. */
  close(): Promise<void>
}

/** What a value of a graph is: no complex numbers and no bfloat16. */
export interface TensorInfo {
  readonly shape: Shape
  readonly dtype: DType
}

export interface NamedTensorInfo extends TensorInfo {
  readonly name: string
}

/** A model and what is known of it. All of it can be posted to another thread. */
export interface SessionRequest {
  /** The bytes of an .onnx file. */
  readonly model: Uint8Array
  readonly inputs: readonly NamedTensorInfo[]
  readonly outputs: readonly NamedTensorInfo[]
  /** Session options of ONNX Runtime; the backend adds where the outputs stay. */
  readonly options: Readonly<Record<string, unknown>>
  /** A folder for models that the runtime has optimized. */
  readonly cacheDirectory?: string | undefined
}

export interface BackendSession {
  /** Resolves when the session is made; rejects with a DeviceError. Never an unhandled rejection. */
  readonly ready: Promise<void>
  /** Milliseconds of the last run that is over. */
  readonly runTime: number | undefined
  /**
   * Runs the model; `inputs` and the result are in the order of the request. An input may be released right after this
   * call: the run has it still. Failures are DeviceErrors of the buffers.
   */
  run(inputs: readonly (DeviceBuffer | HostTensor)[]): readonly DeviceBuffer[]
  release(): Promise<void>
}

/** Numbers on the host, or on their way there. */
export interface HostTensor extends TensorInfo {
  readonly data: TypedArray | Promise<TypedArray>
}

/** Numbers that a device owns. They are given back when the buffer is collected, if not before. */
export interface DeviceBuffer extends TensorInfo {
  readonly memory: object
  /**
   * The numbers, where the host can read them in place; undefined elsewhere, and while they are not there. Who takes
   * them may keep them.
   */
  readonly host: TypedArray | undefined
  /** The numbers on the host, not to be changed, for who may keep them; rejects with the DeviceError of the computation. */
  download(): Promise<TypedArray>
  /** Where the host reads the numbers in place: what `use` makes of them, which it does not keep. */
  read?<T>(use: (data: TypedArray) => T): Promise<T>
  /** Gives the memory back as soon as no run needs it; twice is once. */
  release(): void
}

export const isBuffer = (x: DeviceBuffer | HostTensor): x is DeviceBuffer => 'download' in x
