/**
 * Writes docs/numpy.md, every function of jax.numpy beside ours, and docs/jax-names.md, the same for other modules. The
 * names of JAX are those of test/fixtures/autodiff/jax-numpy-names.json, ours are what the package exports; only the
 * reasons why something is missing are written by hand, below. A test fails when a page is out of date.
 *
 *     npm run build && node scripts/numpy-table.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundle } from './bundle.mjs'

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
  ix_: '`np.ix`',
  index_exp: '`x.slice(…)` takes one argument an axis',
  iterable: 'arrays of one axis and more are iterable',
  load: '`loadNpy`, `loadNpz` of `@cotangent/data`',
  r_: '`np.concatenate`',
  s_: '`x.slice(…)` takes one argument an axis',
  save: '`saveNpy` of `@cotangent/data`',
}

/** Why something is missing. A name that comes to be exported is shown, whatever stands here. */
export const missing = {
  'complex numbers have no order here': 'sort_complex',
  'needs eigenvalues of matrices that are not symmetric': 'roots',
  'the shape of its result hangs on the numbers': 'trim_zeros',
  'dtypes are strings here: `np.isdtype`': 'issubdtype',
  'no arrays of other libraries to take in': 'from_dlpack',
  'reads text; use `JSON.parse` or `String.split`': 'fromfile fromstring',
  'no file of several arrays is written; `saveNpy` writes one': 'savez',
  'no universal functions; `np.vectorize`, or the function itself': 'frompyfunc ufunc',
  'printing has no options': 'get_printoptions printoptions set_printoptions',
  'bits are packed by nobody who wants derivatives': 'packbits unpackbits',
}

/** Why functions of the other modules are missing, that are not to come. */
const missingElsewhere = {
  'a program runs on one device: no collectives, no sharding': `all_gather all_to_all axis_index axis_size pbroadcast pcast
    pmax pmean pmin ppermute precv psend pshuffle psum psum_scatter pswapaxes ragged_all_to_all with_sharding_constraint`,
  'functions are pure: nothing to order': 'after_all create_token dce_sink optimization_barrier',
  'a type': 'ConvGeneralDilatedDimensionNumbers DotDimensionNumbers PrecisionLike',
  'how XLA computes shapes': `conv_general_permutations conv_general_shape_tuple conv_shape_tuple
    conv_transpose_shape_tuple padtype_to_pads reduce_window_shape_tuple shape_as_value`,
  'how XLA or an accelerator computes': `approx_max_k approx_min_k composite conv_general_dilated_local
    platform_dependent ragged_dot ragged_dot_general scaled_dot scaled_matmul stage get_scaled_dot_general_config`,
  '`random` draws': 'random_gamma_grad rng_bit_generator rng_uniform',
  'there is one kind of key': 'key_dtype key_impl',
}

const reasonOf = (groups) =>
  new Map(Object.entries(groups).flatMap(([reason, names]) => names.split(/\s+/).map((name) => [name, reason])))
const reasons = reasonOf(missing)
const reasonsElsewhere = reasonOf(missingElsewhere)

/** The names of a module of JAX, sorted. */
export const jaxNames = (module = 'numpy') =>
  JSON.parse(readFileSync(new URL('test/fixtures/autodiff/jax-numpy-names.json', root), 'utf8')).modules[module]

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

/** Modules of JAX, and where their functions are here: the first of these that is exported. */
const modules = {
  lax: ['lax'],
  'numpy.linalg': ['linalg'],
  'numpy.fft': ['fft', 'np.fft'],
  'scipy.special': ['special'],
  'scipy.linalg': ['linalg'],
  nn: ['nn'],
  random: ['random'],
}

/** What of a module is here, and why the rest is not. */
function sectionOf(module, places, autodiff) {
  const place = places.find((path) => at(path, autodiff) !== undefined)
  const exported = new Set(place === undefined ? [] : Object.keys(at(place, autodiff)))
  const names = jaxNames(module)
  const here = names.filter((name) => exported.has(camel(name)))
  const listed = (list) => list.map((name) => `\`${name}\``).join(', ')
  const groups = new Map()
  for (const name of names) {
    if (exported.has(camel(name))) continue
    const reason = reasonsElsewhere.get(name) ?? 'not yet'
    groups.set(reason, [...(groups.get(reason) ?? []), name])
  }
  const lacking = [...groups].map(([reason, list]) => `- ${reason}: ${listed(list)}`)
  const found = here.length === 0 ? [] : [`- here: ${listed(here.map((name) => `${place}.${camel(name)}`))}`]
  return `## jax.${module}\n\n${here.length} of ${names.length}.\n\n${[...found, ...lacking].join('\n')}\n`
}
const at = (path, autodiff) => path.split('.').reduce((value, key) => value?.[key], autodiff)

/** The page of the other modules, for what the packages export. */
export const namesPage = (packages) => `# Other modules of JAX

What of JAX 0.10's modules is here, and what is not. Names are JAX's in camelCase. docs/numpy.md has \`jax.numpy\`.
Written by \`scripts/numpy-table.mjs\`.

${Object.entries(modules)
  .map(([module, places]) => sectionOf(module, places, packages))
  .join('\n')}`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of ['autodiff', 'nn']) await bundle(name)
  const autodiff = await import('@cotangent/autodiff')
  const nn = await import('@cotangent/nn')
  writeFileSync(new URL('docs/numpy.md', root), page(Object.keys(autodiff.np)))
  writeFileSync(new URL('docs/jax-names.md', root), namesPage({ ...autodiff, nn }))
}
