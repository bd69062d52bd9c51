// A user's first file, type-checked and run against the packed tarballs by scripts/tarballs.mjs.
import * as autodiff from '@cotangent/autodiff'
import * as array from '@cotangent/autodiff/array'
import * as onnx from '@cotangent/autodiff/onnx'
import * as data from '@cotangent/data'
import * as imnn from '@cotangent/imnn'
import * as nn from '@cotangent/nn'

for (const [name, module] of Object.entries({ autodiff, array, onnx, data, imnn, nn }))
  if (typeof module !== 'object') throw new Error(`${name} is not a module`)
