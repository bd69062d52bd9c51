/** Discrete Fourier transforms, as NumPy's `numpy.fft`. Spectra are complex64. */
export { fft, fft2, type FftNOptions, type FftOptions, fftn, ifft, ifft2, ifftn, type Norm } from './complex.ts'
export { fftfreq, type FrequencyOptions, fftshift, ifftshift, rfftfreq, type ShiftOptions } from './frequencies.ts'
export { hfft, ihfft, irfft, irfft2, irfftn, rfft, rfft2, rfftn } from './real.ts'
