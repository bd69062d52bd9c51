import type { NDArray } from '@cotangent/autodiff'
import type { FloatDType, Shape } from '@cotangent/autodiff/array'
import type { Leaves } from '../information/summaries.ts'
import type { BatchSource } from './source.ts'

/** The datasets of a set of simulations, one of each kind a lane. `remaining` is empty when there is nothing to read. */
export interface Sources {
  readonly main: readonly BatchSource[]
  readonly remaining: readonly BatchSource[]
}

/** Groups, one after the other, epoch after epoch. */
export interface GroupStream {
  /** The number of groups in an epoch. */
  readonly length: number
  next(): Promise<Leaves>
}

/** The groups of a set, by part and lane. Those of `main` come first in whatever is computed of all. */
export interface Feed {
  readonly main: readonly GroupStream[]
  readonly remaining: readonly GroupStream[]
}

/** A feed while it is used. */
export interface OpenFeed {
  /** Makes sure of first batches, without taking them. */
  readonly peeks: readonly (() => Promise<void>)[]
  /** The feed of an epoch: of simulations made with `key`, where they are made. */
  epoch(key: NDArray | undefined): Feed
  close(): Promise<void>
}

/** The two parts of a set. */
export type Part = 'main' | 'remaining'

/** How a dataset of a part is called, and what its batches hold. */
export interface PartForm {
  readonly name: string
  /** The number of parameters when elements are [simulations, derivatives]; 0 when they are simulations alone. */
  readonly nParams: number
  /** Whether simulations may agree: those at two sides of θ_fid do where the parameter changes nothing. */
  readonly mayRepeat: boolean
  /** Arrays that go with every group. @defaultValue none */
  readonly constants?: Leaves
}

/** How the datasets of a set are called, and what their batches are. */
export interface FeedForm {
  readonly parts: Readonly<Record<Part, PartForm>>
  readonly rows: number
  readonly inputShape: Shape
  readonly dtype: FloatDType
}
