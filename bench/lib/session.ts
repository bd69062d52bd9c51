import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Shape } from './graph.ts'

/** Session options of the comparisons: those that our cpu device has on a free machine, or on a busy one. */
export interface SessionSettings {
  readonly threads: number
  /** @defaultValue 'cpu' */
  readonly device?: 'cpu' | 'cuda' | 'webgpu'
  /** Whether threads wait busily for 100 µs. @defaultValue false */
  readonly spin?: boolean
}

const sessionOptions = ({
  threads,
  device = 'cpu',
  spin = false,
}: SessionSettings): InferenceSession.SessionOptions => ({
  executionProviders: [device],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  extra: { session: { intra_op: spin ? { allow_spinning: '1', spin_duration_us: '100' } : { allow_spinning: '0' } } },
})

export const createSession = (
  model: Uint8Array,
  settings: SessionSettings | InferenceSession.SessionOptions,
): Promise<InferenceSession> =>
  InferenceSession.create(model, 'threads' in settings ? sessionOptions(settings) : settings)

export const tensor = (data: Float32Array, shape: Shape): Tensor => new Tensor('float32', data, shape)
