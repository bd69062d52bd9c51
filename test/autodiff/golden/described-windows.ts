import { lax, type NDArray } from '@cotangent/autodiff'

const NHWC = { dimensionNumbers: ['NHWC', 'HWIO', 'NHWC'] } as const

/** What the meta of a convolution says. */
export interface ConvolutionMeta {
  readonly strides: readonly number[]
  readonly padding: lax.Padding
}

/** The convolution of a case whose meta has strides and padding. */
export const describedConvolution =
  ({ strides, padding }: ConvolutionMeta) =>
  (x: NDArray, w: NDArray): NDArray =>
    lax.convGeneralDilated(x, w, strides, padding, NHWC)

/** The lambdas of make_numerics.py on convolutions and windows. */
export const describedWindows: Readonly<Record<string, (...args: NDArray[]) => NDArray>> = {
  'lax.conv rhs_dilation': (x, w) => lax.convGeneralDilated(x!, w!, [1, 1], 'VALID', { ...NHWC, rhsDilation: [2, 2] }),
  'lax.conv 1d': (x, w) => lax.convGeneralDilated(x!, w!, [1], 'SAME', { dimensionNumbers: ['NWC', 'WIO', 'NWC'] }),
  'numpy.reduce_window_max': (x) => lax.reduceWindow(x!, -Infinity, lax.max, [2, 2], [1, 1], 'VALID'),
}
