import {
  jvp,
  type NDArray,
  np,
  registerTreeNode,
  TreeError,
  treeMap,
  treeUnflatten,
  treeStructure,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const v = np.ones([3])

describe('registered classes', () => {
  class Point {
    readonly x: NDArray
    readonly tag: string
    constructor(x: NDArray, tag: string) {
      this.x = x
      this.tag = tag
    }
  }
  class Unregistered extends Point {}
  class Bad {}
  class Worse {
    readonly x = v
  }
  registerTreeNode(Point, { flatten: (p) => [[p.x], p.tag], unflatten: (tag, [x]) => new Point(x, tag) })
  registerTreeNode(Bad, untyped({ flatten: () => v, unflatten: () => new Bad() }))
  registerTreeNode(Worse, { flatten: () => [[v], null], unflatten: () => new Worse(), keys: ['x', 'y'] })
  const a = new Point(v, 'a')
  const b = new Point(v, 'b')
  testMisuses([
    [
      'twice',
      () => registerTreeNode(Point, untyped({ flatten: () => 0, unflatten: () => 0 })),
      ValueError,
      '"Point" is registered already',
    ],
    [
      'no class',
      () => registerTreeNode(untyped({}), untyped({})),
      ValueError,
      'takes a class and 2 functions, { flatten, unflatten }',
    ],
    [
      'half a rule',
      () => registerTreeNode(class {}, untyped({ flatten: () => [[], null] })),
      ValueError,
      '{ flatten, unflatten }',
    ],
    [
      'a flatten that gives no pair',
      () => treeStructure(new Bad()),
      TreeError,
      'flatten of Bad must give [children, aux]',
    ],
    ['keys for other children', () => treeStructure(new Worse()), TreeError, 'Worse has 1 children and keys for 2'],
    [
      'a subclass that is not registered',
      () => treeStructure(new Unregistered(v, 'a')),
      TreeError,
      'tree is a Unregistered',
      'registerTreeNode',
    ],
    [
      'two aux data: both are named',
      () => treeMap((x: NDArray) => x, a, b),
      TreeError,
      'Point<"b">(*)',
      'Point<"a">(*)',
    ],
    [
      'a tangent of another aux datum',
      () => jvp((p: Point) => p.x, [a], [b]),
      TreeError,
      '[Point<"b">(*)]',
      '[Point<"a">(*)]',
    ],
    [
      'axes of another class',
      () => vmap((p: Point) => p.x, { inAxes: [untyped(new Worse())] })(a),
      TreeError,
      'does not fit the tree Point<"a">(*)',
    ],
    [
      'too few leaves',
      () => treeUnflatten(treeStructure(a), []),
      TreeError,
      'Point<"a">(*) has 1 leaves, 0 were given',
    ],
  ])
})
