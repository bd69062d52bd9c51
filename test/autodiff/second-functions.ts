import { checkpoint, fft, lax, linalg, NDArray, np, special as S, stats, vmap } from '@cotangent/autodiff'

/** Functions of float64 arrays whose second derivatives test/fixtures/autodiff/second.json holds: those of make_second.py. */
export type SecondFunction = (...args: NDArray[]) => NDArray

type Unary = (x: NDArray) => NDArray
type Binary = (x: NDArray, y: NDArray) => NDArray
type Ternary = (x: NDArray, y: NDArray, z: NDArray) => NDArray

const float64 = (numbers: readonly number[]): NDArray => np.array(Float64Array.from(numbers))
const int32 = (numbers: readonly number[]): NDArray => np.array(Int32Array.from(numbers))
const half = (m: NDArray): NDArray => m.add(m.T).div(2)
const complexOf = (x: NDArray): NDArray => fft.rfft(x.astype('float32'))
const places = int32([2, 0, 2, 1])
const step = (c: NDArray, x: NDArray): [NDArray, NDArray] => [np.tanh(c.mul(x).add(0.5)), c.mul(x)]
const start = (): NDArray => float64([0.5]).at(0)

const unary: Readonly<Record<string, Unary>> = {
  sinc: (x) => np.sinc(x),
  'sinc at 0': (x) => np.sinc(x),
  'integer powers': (x) => x.pow(3).add(np.power(x, -2)).add(np.power(x, 1)).add(np.power(x, 0)),
  gamma: (p) => S.gammaln(p).mul(S.digamma(p)),
  'gamma itself': (p) => S.gamma(p.div(2)),
  'polygamma and zeta': (p) => S.polygamma(1, p).add(S.polygamma(2, p.add(1))),
  'incomplete gamma': (p) => S.gammainc(2.5, p).mul(S.gammaincc(0.7, p)),
  'incomplete beta': (r) => S.betainc(1.5, 2.5, r),
  'error functions': (x) =>
    S.erf(x)
      .mul(S.erfc(x.div(2)))
      .add(S.logNdtr(x))
      .add(S.ndtr(x)),
  bessel: (x) => S.i0(x).mul(S.i1e(x)).add(S.i0e(x)).add(S.i1(x)),
  'exponential integrals': (p) => S.expi(p),
  prod: (x) => np.prod(x),
  'prod with zeros': (x) => np.prod(x),
  'var and std': (w) => np.var(w, { axis: 0 }).mul(np.std(w, { axis: 0 })),
  'max and min': (w) => w.max(1).square().mul(w.min(1)),
  norm: (x) => linalg.norm(x).mul(linalg.norm(x, { ord: 3 })),
  'matrix norms': (g) =>
    linalg
      .norm(g, { ord: 'nuc' })
      .add(linalg.norm(g, { ord: 2 }))
      .add(linalg.norm(g)),
  median: (x) => np.median(x).pow(3),
  cumulative: (x) => np.cumsum(x).square().mul(np.cumprod(x)),
  'cumulative extremes': (x) =>
    lax
      .cummax(x)
      .square()
      .add(lax.cumlogsumexp(x).mul(lax.cummin(x))),
  'cumulative backwards': (x) => lax.cumprod(x, 0, { reverse: true }).add(lax.cumlogsumexp(x, 0, true)),
  sort: (x) =>
    np
      .sort(x)
      .pow(3)
      .add(x.slice(np.argsort(x.neg())).square()),
  top_k: (w) => lax.topK(w, 2)[0].pow(3),
  gather: (x) => x.slice(places).pow(3),
  'take along axis': (w) => np.takeAlongAxis(w, np.argsort(w, { axis: 1 }), { axis: 1 }).pow(3),
  'dynamic slices': (x) => lax.dynamicUpdateSlice(x, lax.dynamicSlice(x, [np.argmax(x)], [2]).square(), [1]).square(),
  slices: (w) => w.slice([null, null, 2], [null, null, -1]).slice(null, [1, 3]).pow(3),
  'pad and roll': (w) => np.pad(w.square(), 1, { mode: 'reflect' }).mul(np.pad(np.roll(w, 1, { axis: 1 }), 1)),
  windows: (w) =>
    lax
      .reduceWindow(w, 0, lax.add, [2, 2], [1, 1], 'SAME')
      .square()
      .mul(lax.reduceWindow(w, -Infinity, lax.max, [2, 2], [1, 1], 'SAME')),
  'kron and outer': (v) => np.kron(v, v).mul(np.outer(v, v).ravel()),
  cholesky: (m) => linalg.cholesky(m),
  lu: (g) => {
    const [, l, u] = linalg.lu(g)
    return l.mul(2).add(u)
  },
  qr: (g) => {
    const [q, r] = linalg.qr(g)
    return np.abs(q).matmul(np.abs(r))
  },
  eigvalsh: (m) => linalg.eigvalsh(m),
  eigh: (m) => {
    const [w, v] = linalg.eigh(m)
    return w.mul(np.abs(v))
  },
  svd: (g) => {
    const [u, s, v] = linalg.svd(g)
    return u.mul(np.sqrt(s)).matmul(v)
  },
  svdvals: (w) => linalg.svdvals(w),
  inv: (g) => linalg.inv(g),
  det: (g) => linalg.det(g),
  'det singular': (g) => linalg.det(g),
  slogdet: (g) => linalg.slogdet(g)[1],
  expm: (g) => linalg.expm(g),
  pinv: (w) => linalg.pinv(w),
  'matrix power': (g) => linalg.matrixPower(g, -2),
  fft: (x) =>
    np
      .abs(fft.fft(x.astype('float32')))
      .square()
      .astype('float64'),
  fori_loop: (x) => lax.foriLoop(0, 3, (_, y) => np.sin(y).add(x.mul(y)), x),
  cond: (x) =>
    lax.cond(
      x.at(0).gt(0),
      (a) => np.sin(a).mul(a),
      (a) => a,
      x,
    ),
  switch: (x) => lax.switch(5, [np.sin, np.cos, (a: NDArray) => a.pow(3)], x),
  map: (w) => lax.map((r) => r.sum().mul(r), w),
  'associative scan': (x) => lax.associativeScan((a, b) => a.mul(b), x),
  'scan of cond': (x) =>
    lax.scan(
      (c, r) => [
        lax.cond(
          r.gt(0),
          (a) => a.mul(r),
          (a) => a.add(r.mul(r)),
          c,
        ),
        c.mul(r),
      ],
      start(),
      x,
    )[1],
  'vmap of cond': (x) => vmap((r: NDArray) => lax.cond(r.gt(0), np.exp as Unary, np.sin as Unary, r))(x),
  'checkpoint in scan': (x) => lax.scan(checkpoint(step), start(), x)[1],
  softmax: (w) => S.softmax(w, { axis: 1 }).square(),
  logsumexp: (w) =>
    S.logsumexp(w, { axis: 0 })
      .square()
      .mul(S.logSoftmax(w, { axis: 1 }).at(0)),
  'norm.logcdf': (x) => stats.norm.logcdf(x).add(stats.norm.logsf(x)),
  'dirichlet.logpdf': (p) => stats.dirichlet.logpdf(float64([0.2, 0.3, 0.5]), p.slice([0, 3])),
  'poisson.logpmf': (p) => stats.poisson.logpmf(2, p),
}

const binary: Readonly<Record<string, Binary>> = {
  arithmetic: (x, y) => x.mul(x).div(y.mul(y).add(1)).sub(x.mul(y)),
  exponentials: (x, y) => np.exp(x.neg().mul(y)).add(np.expm1(x)).add(np.exp2(y)),
  logarithms: (p, q) => np.log(p).mul(np.log1p(q)).add(np.log2(p)).add(np.log10(q)),
  circular: (x, y) =>
    np
      .sin(x)
      .mul(np.cos(y))
      .add(np.tan(x.div(2))),
  'inverse circular': (u, y) => np.arcsin(u).mul(np.arccos(u)).add(np.arctan(y)).add(np.arctan2(u, y)),
  hyperbolic: (x, y) => np.sinh(x).mul(np.tanh(y)).add(np.cosh(y)),
  'inverse hyperbolic': (u, p) =>
    np
      .arctanh(u)
      .add(np.arcsinh(u.mul(p)))
      .add(np.arccosh(p.add(1))),
  powers: (p, y) => np.power(p, y).add(np.cbrt(p).mul(np.sqrt(p))),
  'hypot and logaddexp': (x, y) => np.hypot(x, y).add(np.logaddexp(x, y)),
  extremes: (x, y) =>
    np
      .maximum(x, y)
      .mul(np.minimum(x, 0.5))
      .add(np.abs(x).mul(np.clip(y, -1, 1))),
  remainders: (x, p) => np.mod(x, p).square().add(np.fmod(x, p).mul(x)),
  where: (x, y) => np.where(x.gt(0), x.mul(y), np.sin(y).mul(x)),
  beta: (p, q) => S.betaln(p, q).add(S.beta(p, q)),
  'inverse error functions': (u, r) => S.erfinv(u).mul(S.ndtri(r)).add(S.logit(r)),
  entropies: (p, q) => S.entr(p).add(S.xlogy(p, q)).add(S.xlog1py(p, q)).add(S.klDiv(p, q)),
  scatter: (x, y) =>
    x
      .addAt(places, y.slice([0, 4]).square())
      .square()
      .add(x.set(1, y.at(0).square())),
  'scatter products': (x, y) => x.mulAt(int32([2, 0]), y.slice([0, 2]).square(), { uniqueIndices: true }).square(),
  interp: (x, y) => np.interp(x, float64([-2, 0, 1, 3]), y.slice([0, 4])).square(),
  conv: (w, g) => lax.convGeneralDilated(w.square().reshape(1, 1, 3, 4), g.reshape(1, 1, 3, 3), [1, 2], 'SAME'),
  convolve: (x, v) => np.convolve(x, v).square(),
  matmul: (g, m) => g.matmul(m).matmul(g),
  'triangular solve': (m, v) => linalg.solveTriangular(m, v, { lower: true }),
  solve: (g, v) => linalg.solve(g, v),
  lstsq: (g, v) => linalg.lstsq(g, v)[0],
  rfft: (x, y) =>
    fft
      .irfft(complexOf(x).mul(complexOf(y)))
      .astype('float64')
      .square(),
  scan: (v, x) => lax.scan(step, v.at(0), x)[1].square(),
  'scan backwards': (v, x) => lax.scan(step, v.at(0), x, { reverse: true })[0],
  't.logpdf': (x, p) => stats.t.logpdf(x, p),
  'gamma.logpdf': (p, q) => stats.gamma.logpdf(p, q),
  'multivariate_normal.logpdf': (v, m) => stats.multivariateNormal.logpdf(v, v.mul(0.3), half(m)),
  'cauchy.logpdf': (x, p) => stats.cauchy.logpdf(x, { loc: 0.2, scale: p }),
  'logistic.logpdf': (x, p) => stats.logistic.logpdf(x, 0.1, p),
}

const ternary: Readonly<Record<string, Ternary>> = {
  einsum: (g, m, v) => np.einsum('ij,kj,kl,l->i', g, m, g, v),
  'norm.logpdf': (x, y, p) => stats.norm.logpdf(x, y, p),
  'beta.logpdf': (r, p, q) => stats.beta.logpdf(r, p, q),
}

export const secondFunctions = { ...unary, ...binary, ...ternary } as Readonly<Record<string, SecondFunction>>
