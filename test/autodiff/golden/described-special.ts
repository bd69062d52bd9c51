import { type NDArray, special } from '@cotangent/autodiff'

type Fn = (...args: NDArray[]) => NDArray | NDArray[]

/** The described cases of special functions. */
export const describedSpecial: Readonly<Record<string, Fn>> = {
  'scipy.special.logsumexp axis=1': (x) => special.logsumexp(x!, { axis: 1 }),
}
