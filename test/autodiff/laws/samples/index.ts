import { controlSamples } from './control.ts'
import { elementwiseSamples } from './elementwise.ts'
import { fftSamples } from './fft.ts'
import { indexingSamples } from './indexing.ts'
import { linalgSamples } from './linalg.ts'
import { randomSamples } from './random.ts'
import type { Samples } from './shared.ts'
import { specialSamples } from './special.ts'
import { structuralSamples } from './structural.ts'
import { transformSamples } from './transforms.ts'
import { windowSamples } from './windows.ts'

export type { Sample } from './shared.ts'

/** One entry a primitive: primitives.test.ts fails for a primitive without. */
export const samples: Readonly<Record<string, Samples>> = {
  ...controlSamples,
  ...elementwiseSamples,
  ...fftSamples,
  ...indexingSamples,
  ...linalgSamples,
  ...randomSamples,
  ...specialSamples,
  ...structuralSamples,
  ...transformSamples,
  ...windowSamples,
}
