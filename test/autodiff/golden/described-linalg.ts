import { linalg, type NDArray, np } from '@cotangent/autodiff'

type Fn = (...args: NDArray[]) => NDArray | NDArray[]

/** The cases of linear algebra whose name is a description: the lambdas of make_numerics.py. */
export const describedLinalg: Readonly<Record<string, Fn>> = {
  'linalg.norm vec': (x) => linalg.norm(x!),
  'linalg.norm zero': (x) => linalg.norm(x!),
  'linalg.norm ord=1': (x) => linalg.norm(x!, { ord: 1 }),
  'linalg.norm ord=inf': (x) => linalg.norm(x!, { ord: Infinity }),
  'linalg.inv singular': (x) => linalg.inv(x!),
  'linalg.inv batch': (x) => linalg.inv(x!),
  'linalg.det singular': (x) => linalg.det(x!),
  'linalg.det 1x1': (x) => linalg.det(x!),
  'linalg.slogdet singular': (x) => linalg.slogdet(x!),
  'linalg.slogdet negative': (x) => linalg.slogdet(x!),
  'linalg.cholesky not pd': (x) => linalg.cholesky(x!),
  'linalg.eigh (abs of vectors)': (x) => {
    const [w, v] = linalg.eigh(x!)
    return [w, np.abs(v)]
  },
  'linalg.qr (abs r)': (x) => np.abs(linalg.qr(x!)[1]),
  'linalg.svd vals': (x) => linalg.svd(x!, { computeUv: false }),
  'linalg.matrix_power': (x) => linalg.matrixPower(x!, 3),
  'scipy.linalg.solve_triangular': (l, b) => linalg.solveTriangular(l!, b!, { lower: true }),
  'scipy.linalg.cho_solve': (x, b) => linalg.choSolve(linalg.choFactor(x!), b!),
  'scipy.linalg.expm': (x) => linalg.expm(x!),
}
