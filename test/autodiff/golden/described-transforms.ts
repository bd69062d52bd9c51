import { customJvp, type NDArray, np, stopGradient } from '@cotangent/autodiff'

const doubled: (x: NDArray) => NDArray = customJvp((x: NDArray) => np.log1p(np.exp(x)), {
  jvp: ([x], [dx]) => [doubled(x), dx.mul(2)],
})

/** The cases of make_numerics.py about transformations. */
export const describedTransforms: Readonly<Record<string, (...args: NDArray[]) => NDArray | NDArray[]>> = {
  stop_gradient: (x) => x!.mul(stopGradient(x!.square())),
  'custom_jvp (tangent*2)': (x) => doubled(x!),
}
