import { fft, linalg, np, special, stats } from '@cotangent/autodiff'
import { type Call, type Calls, guessed, options } from '../../../helpers/wrong-kinds.ts'

const a = np.array([[4, 1], [1, 3]]) // biome-ignore format: a matrix
const v = np.array([0.5, 0.25])
const p = np.array([0.4, 0.6])

export const linalgCalls: Calls = {
  blockDiag: [linalg.blockDiag, a, a],
  toeplitz: [linalg.toeplitz, v, v],
  cholesky: [linalg.cholesky as Call, a, options({ upper: true, symmetrizeInput: true })],
  eigh: [linalg.eigh as Call, a, options({ UPLO: 'L', symmetrizeInput: true })],
  eigvalsh: [linalg.eigvalsh as Call, a, options({ UPLO: 'U', symmetrizeInput: true })],
  lu: [linalg.lu as Call, a, options({ permuteL: true })],
  qr: [linalg.qr as Call, a, options({ mode: 'r' })],
  svd: [linalg.svd as Call, a, options({ fullMatrices: true, computeUv: true, hermitian: false })],
  svdvals: [linalg.svdvals, a],
  det: [linalg.det, a],
  inv: [linalg.inv, a],
  slogdet: [linalg.slogdet, a],
  expm: [linalg.expm as Call, a, options({ upperTriangular: false, maxSquarings: 4 })],
  matrixNorm: [linalg.matrixNorm as Call, a, options({ ord: 2, keepdims: true })],
  norm: [linalg.norm as Call, a, options({ ord: 'fro', axis: [0, 1], keepdims: true })],
  'norm, of vectors': [linalg.norm as Call, a, options({ ord: 1, axis: 0 })],
  vectorNorm: [linalg.vectorNorm as Call, a, options({ ord: 3, axis: 0, keepdims: true })],
  cross: [linalg.cross as Call, np.ones([3]), np.ones([3]), options({ axis: -1 })],
  diagonal: [linalg.diagonal as Call, a, options({ offset: 0 })],
  matmul: [linalg.matmul as Call, a, a],
  matrixPower: [linalg.matrixPower, a, 2],
  matrixTranspose: [linalg.matrixTranspose, a],
  multiDot: [linalg.multiDot, [a, a, a]],
  outer: [linalg.outer, v, v],
  tensordot: [linalg.tensordot as Call, a, a, [[0], [1]]],
  'tensordot, a number': [linalg.tensordot as Call, a, a, 1],
  tensorinv: [linalg.tensorinv as Call, a, options({ ind: 1 })],
  tensorsolve: [linalg.tensorsolve as Call, a, v, options({ axes: [1] })],
  trace: [linalg.trace as Call, a, options({ offset: 0 })],
  vecdot: [linalg.vecdot as Call, a, a, options({ axis: -1 })],
  cond: [linalg.cond as Call, a, options({ p: 1 })],
  lstsq: [linalg.lstsq as Call, a, v, options({ rcond: 1e-6 })],
  matrixRank: [linalg.matrixRank as Call, a, options({ rtol: 1e-6, hermitian: true })],
  pinv: [linalg.pinv as Call, a, options({ rtol: 1e-6, hermitian: true })],
  'pinv, rcond': [linalg.pinv as Call, a, options({ rcond: 1e-6 })],
  choFactor: [linalg.choFactor as Call, a, options({ lower: true })],
  choSolve: [linalg.choSolve as Call, [a, true], v],
  luFactor: [linalg.luFactor as Call, a],
  luSolve: [linalg.luSolve as Call, linalg.luFactor(a), v, options({ trans: 0 })],
  solve: [linalg.solve as Call, a, v],
  solveTriangular: [linalg.solveTriangular as Call, a, v, options({ lower: true, trans: 'T', unitDiagonal: false })],
}

const line = options({ n: 2, axis: 0, norm: 'ortho' })
const plane = options({ s: [2, 2], axes: [0, 1], norm: 'forward' })
const of = (module: object, names: readonly string[], ...args: readonly unknown[]): Calls =>
  Object.fromEntries(names.map((name) => [name, [(module as Record<string, Call>)[name]!, ...args]]))

export const fftCalls: Calls = {
  ...of(fft, ['fft', 'ifft', 'rfft', 'irfft', 'hfft', 'ihfft'], a, line),
  ...of(fft, ['fft2', 'ifft2', 'fftn', 'ifftn', 'rfft2', 'irfft2', 'rfftn', 'irfftn'], a, plane),
  ...of(fft, ['fftfreq', 'rfftfreq'], 4, options({ d: 1, dtype: 'float32' })),
  ...of(fft, ['fftshift', 'ifftshift'], a, options({ axes: [0] })),
}

const specials: Calls = {
  besselJn: [special.besselJn as Call, v, options({ v: 1, nIter: 10 })],
  comb: [special.comb as Call, 4, 2, options({ repetition: true })],
  polygamma: [special.polygamma, 1, v],
  multigammaln: [special.multigammaln, np.array([3.5]), 2],
  bernoulli: [special.bernoulli, 3],
  betainc: [special.betainc, 1, 2, v],
  expn: [special.expn, 1, v],
  logsumexp: [special.logsumexp as Call, v, options({ axis: 0, b: v, keepdims: true, returnSign: true, where: true })],
  ...of(special, ['softmax', 'logSoftmax'], v, options({ axis: 0, where: [true, true] })),
  ...of(
    special,
    [
      'xlogy',
      'xlog1py',
      'relEntr',
      'klDiv',
      'boxcox',
      'boxcox1p',
      'zeta',
      'betaln',
      'beta',
      'gammainc',
      'gammaincc',
      'poch',
    ],
    v,
    v,
  ),
}
export const specialCalls: Calls = {
  ...specials,
  ...Object.fromEntries(
    Object.entries(special as unknown as Record<string, Call>)
      .filter(([name]) => !(name in specials))
      .flatMap(([name, f]) => [[name, guessed(f, [[v]])!] as const]),
  ),
}

const placed = [0, 1]
const parameters: Readonly<Record<string, readonly unknown[]>> = {
  bernoulli: [0, 0.5, 0],
  betabinom: [1, 3, 1, 2, 0],
  binom: [1, 3, 0.5, 0],
  dirichlet: [p, v],
  geom: [1, 0.5, 0],
  multinomial: [np.array([1, 2], { dtype: 'int32' }), 3, p],
  nbinom: [1, 3, 0.5, 0],
  poisson: [1, 2, 0],
  multivariateNormal: [v, v, a],
  truncnorm: [v, -1, 1, ...placed],
  beta: [v, 1, 2, ...placed],
  chi2: [v, 2, ...placed],
  gamma: [v, 2, ...placed],
  gennorm: [v, 2],
  pareto: [v, 2, ...placed],
  t: [v, 2, ...placed],
  vonmises: [v, 2],
  wrapcauchy: [v, 0.5],
}
const byName = options({ loc: 0, scale: 1 })

export const statsCalls: Calls = {
  sem: [stats.sem as Call, a, options({ axis: 0, ddof: 1, keepdims: true })],
  ...Object.fromEntries(
    Object.entries(stats as unknown as Record<string, Readonly<Record<string, Call>>>)
      .filter(([family]) => family !== 'sem')
      .flatMap(([family, functions]) => {
        const args = parameters[family] ?? [v, ...placed]
        return Object.entries(functions).flatMap(([name, f]) => [
          [`${family}.${name}`, [f, ...args]] as const,
          ...(args.at(-2) === 0 && args.at(-1) === 1
            ? [[`${family}.${name}, by name`, [f, ...args.slice(0, -2), byName]] as const]
            : []),
        ])
      }),
  ),
}
