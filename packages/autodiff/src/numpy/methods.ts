/** Gives NDArray its methods: importing this file is what makes arrays compute. */
import { installOperations } from '../array/operations.ts'
import { copy } from './creation.ts'
import { diagonal } from './diagonals.ts'
import * as e from './elementwise.ts'
import { get, slice, unstack } from './indexing.ts'
import * as p from './products.ts'
import * as r from './reductions.ts'
import { repeat } from './repeating.ts'
import { round } from './rounding.ts'
import * as s from './shape.ts'
import * as u from './updates.ts'

installOperations({
  add: e.add,
  sub: e.subtract,
  mul: e.multiply,
  div: e.divide,
  mod: e.mod,
  pow: e.power,
  matmul: p.matmul,
  dot: p.dot,
  neg: e.negative,
  abs: e.abs,
  exp: e.exp,
  log: e.log,
  sqrt: e.sqrt,
  square: e.square,
  eq: e.equal,
  ne: e.notEqual,
  lt: e.less,
  le: e.lessEqual,
  gt: e.greater,
  ge: e.greaterEqual,
  sum: r.sum,
  mean: r.mean,
  prod: r.prod,
  max: r.max,
  min: r.min,
  all: r.all,
  any: r.any,
  var: r.variance,
  std: r.std,
  ptp: r.ptp,
  argmax: r.argmax,
  argmin: r.argmin,
  cumsum: r.cumsum,
  clip: e.clip,
  round,
  swapaxes: s.swapaxes,
  repeat,
  trace: p.trace,
  diagonal,
  copy,
  reshape: s.reshape,
  transpose: s.transpose,
  squeeze: s.squeeze,
  astype: e.astype,
  slice,
  get,
  set: u.set,
  addAt: u.addAt,
  subAt: u.subAt,
  mulAt: u.mulAt,
  divAt: u.divAt,
  powAt: u.powAt,
  minAt: u.minAt,
  maxAt: u.maxAt,
  unstack,
})
