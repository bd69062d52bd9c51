/**
 * Writes docs/numpy.md: every function of jax.numpy beside ours. The names of JAX are those of
 * test/fixtures/autodiff/jax-numpy-names.json, ours are what `np` exports; only the reasons why something is missing
 * are written by hand, below. A test fails when the page is out of date.
 *
 *     npm run build && node scripts/numpy-table.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../', import.meta.url)

/** jax.numpy's `apply_along_axis` is our `applyAlongAxis`. */
export const camel = (name) => name.replaceAll(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())

/** What is here under another name, or as something else than a function of `np`. */
export const elsewhere = {
  array_repr: '`x.toString()`',
  array_str: '`x.toString()`',
  c_: '`np.columnStack`',
  frombuffer: '`np.array(typedArray)`',
  fromiter: '`np.array([...iterable])`',
  index_exp: '`x.slice(…)` takes one argument an axis',
  iterable: 'arrays of one axis and more are iterable',
  load: '`loadNpy`, `loadNpz` of `@cotangent/data`',
  r_: '`np.concatenate`',
  s_: '`x.slice(…)` takes one argument an axis',
  save: '`saveNpy` of `@cotangent/data`',
}

/** Why something is missing. A name that comes to be exported is shown, whatever stands here. */
export const missing = {
  'in work': `absolute acos acosh allclose append arccosh arcsinh arctan2 arctanh argpartition argsort argwhere around
    asin asinh atan atan2 atanh bincount bitwise_count bitwise_invert bitwise_left_shift bitwise_right_shift cbrt choose
    compress copysign cumprod cumulative_prod deg2rad degrees delete diag_indices diag_indices_from digitize divmod exp2
    extract fabs fill_diagonal flatnonzero float_power fmax fmin frexp gcd heaviside histogram histogram2d
    histogram_bin_edges histogramdd hypot i0 insert intersect1d invert isclose isin isneginf isposinf ix_ lcm ldexp
    lexsort logaddexp2 mask_indices modf nan_to_num nancumprod newaxis nextafter nonzero partition place positive pow put
    put_along_axis rad2deg radians ravel_multi_index right_shift rint roll searchsorted select setdiff1d setxor1d signbit
    sinc sort spacing take_along_axis tril_indices tril_indices_from triu_indices triu_indices_from trunc union1d unique
    unique_all unique_counts unique_inverse unique_values unravel_index`,
  'complex numbers are in work': 'angle conj conjugate imag iscomplex iscomplexobj isreal isrealobj real sort_complex',
  'needs eigenvalues or least squares, which are in work': 'poly polyfit roots',
  'the shape of its result hangs on the numbers': 'trim_zeros',
  'dtypes are strings here: `np.isdtype`': 'issubdtype',
  'no arrays of other libraries to take in': 'from_dlpack',
  'reads text; use `JSON.parse` or `String.split`': 'fromfile fromstring',
  'no file of several arrays is written; `saveNpy` writes one': 'savez',
  'no universal functions; `np.vectorize`, or the function itself': 'frompyfunc ufunc',
  'printing has no options': 'get_printoptions printoptions set_printoptions',
  'bits are packed by nobody who wants derivatives': 'packbits unpackbits',
}

const reasons = new Map(
  Object.entries(missing).flatMap(([reason, names]) => names.split(/\s+/).map((name) => [name, reason])),
)

/** The names of jax.numpy, sorted. */
export const jaxNames = () =>
  JSON.parse(readFileSync(new URL('test/fixtures/autodiff/jax-numpy-names.json', root), 'utf8')).modules.numpy

/** What stands beside a name of JAX, `undefined` where nobody has said why it is missing. */
function entryOf(name, exported) {
  if (exported.has(camel(name))) return `\`np.${camel(name)}\``
  if (elsewhere[name] !== undefined) return elsewhere[name]
  const reason = reasons.get(name)
  return reason && `— ${reason}`
}

/** Names of JAX that neither are here nor have a reason. */
export const unexplained = (names) => {
  const exported = new Set(names)
  return jaxNames().filter((name) => entryOf(name, exported) === undefined)
}

/** The page, for what `np` exports. */
export function page(names) {
  const exported = new Set(names)
  const theirs = jaxNames()
  const here = theirs.filter((name) => exported.has(camel(name)))
  const known = new Set(theirs.map(camel))
  const own = [...exported].filter((name) => !known.has(name)).sort((a, b) => (a < b ? -1 : 1))
  const rows = theirs.map((name) => `| \`${name}\` | ${entryOf(name, exported) ?? '— ?'} |`)
  return `# jax.numpy and np

${here.length} of the ${theirs.length} names of functions and constants of \`jax.numpy\` (JAX 0.10) are in \`np\`,
under their names in camelCase. Arrays come first, in NumPy's order; everything else is in one object of options after them: \`np.percentile(x, 30, { axis: 0 })\`.
Written by \`scripts/numpy-table.mjs\`.

Only here: ${own.map((name) => `\`np.${name}\``).join(', ')}.

| jax.numpy | here |
|---|---|
${rows.join('\n')}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { np } = await import('@cotangent/autodiff')
  writeFileSync(new URL('docs/numpy.md', root), page(Object.keys(np)))
}
