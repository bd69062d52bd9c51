import { fft, type NDArray, np } from '@cotangent/autodiff'

export const describedFft: Readonly<Record<string, (...args: NDArray[]) => NDArray>> = {
  'numpy.fft': (x) => np.abs(fft.fft(x!.at(0))),
}
