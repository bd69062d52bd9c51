import { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Shape } from './graph.ts'

/** Session options of the comparisons: those of our cpu device. */
export interface SessionSettings {
  readonly threads: number
  /** @defaultValue 'cpu' */
  readonly device?: 'cpu' | 'cuda' | 'webgpu'
  /** Whether idle threads spin. @defaultValue false */
  readonly spin?: boolean
}

export const sessionOptions = ({
  threads,
  device = 'cpu',
  spin = false,
}: SessionSettings): InferenceSession.SessionOptions => ({
  executionProviders: [device],
  graphOptimizationLevel: 'all',
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: spin ? '1' : '0' } } },
})

export const createSession = (
  model: Uint8Array,
  settings: SessionSettings | InferenceSession.SessionOptions,
): Promise<InferenceSession> =>
  InferenceSession.create(model, 'threads' in settings ? sessionOptions(settings) : settings)

export const tensor = (data: Float32Array, shape: Shape): Tensor => new Tensor('float32', data, shape)
