import { type NDArray, np } from '@cotangent/autodiff'

type Fn = (...args: NDArray[]) => NDArray | NDArray[]

/** The subscripts of the golden cases of einsum, each called on the arrays of its case. */
const subscripts = [
  'ij,jk->ik',
  'ij,ik,kl->jl',
  'ij,kj,kl,l->i',
  'ij,kj,kl,ml->mi',
  'ii->i',
  'ii',
  'i,j',
  'i...j,i...k->ijk',
  '...i,i->...',
  'ij->',
]

/** What the names of golden cases of `np` stand for: the lambdas of make_numerics.py. */
export const describedNumpy: Readonly<Record<string, Fn>> = {
  'numpy.pad': (x) =>
    np.pad(
      x!,
      [
        [1, 2],
        [0, 1],
      ],
      { constantValues: 3 },
    ),
  'numpy.kron': (x) => np.kron(x!.slice([0, 2], [0, 2]), x!),
  'numpy.diff': (x) => np.diff(x!, { axis: 0 }),
  'numpy.vstack': (x) => np.vstack([x!, x!.slice([0, 1])]),
  'numpy.meshgrid': (x) => np.meshgrid(x!.at(0), x!.at(1)),
  'numpy.interp': (x) => np.interp(x!.at(0), [-3, 0, 3], [1, 2, 5]),
  'numpy.percentile': (x) => np.percentile(x!, 30),
  ...Object.fromEntries(
    subscripts.map((text) => [`numpy.einsum ${text}`, (...xs: NDArray[]) => np.einsum(text, ...xs)]),
  ),
}
