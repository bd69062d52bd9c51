// As consumer.ts, with fast-check installed: the law checkers for users' own property tests.
import * as testing from '@cotangent/autodiff/testing'

if (typeof testing !== 'object') throw new Error('testing is not a module')
