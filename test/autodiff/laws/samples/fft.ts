import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import type { Samples } from './shared.ts'

/** Every type over the last one or two axes; RFFT has a real operand. */
const fft: Samples = {
  dtypes: ['complex64'],
  of: () =>
    fc
      .tuple(
        shapes({ maxRank: 1 }),
        shapes({ minRank: 1, maxRank: 2, maxLength: 6 }),
        fc.constantFrom('FFT', 'IFFT', 'RFFT', 'IRFFT'),
      )
      .map(([lead, lengths, type]) => {
        const half = Math.floor(lengths.at(-1)! / 2) + 1
        const shape = [...lead, ...(type === 'IRFFT' ? lengths.with(-1, half) : lengths)]
        const arrays = type === 'RFFT' ? arraysOf(shape, 'float32') : arraysOf(shape, 'complex64')
        return { params: { type, lengths }, operands: [{ shape, arrays }] }
      }),
}

export const fftSamples: Readonly<Record<string, Samples>> = { fft }
