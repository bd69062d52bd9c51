import { CotangentError } from '@cotangent/autodiff'

/** One thing that is wrong, and where. */
export interface Problem {
  /** The option, dataset or stage, as `nPerDevice` or `validationMain[1]`. */
  readonly where: string
  /** What was expected, what is there, and what to do. */
  readonly message: string
}

interface Details<R> {
  readonly problems?: readonly Problem[]
  readonly reached?: R | undefined
  readonly cause?: unknown
}

/** The root of the errors of this package. */
export class IMNNError<R = unknown> extends CotangentError {
  override readonly name: string = 'IMNNError'
  /** Everything that was found wrong. */
  readonly problems: readonly Problem[]
  /** When a fit had begun: the IMNN as far as it came, with its weights, best weights and history. */
  readonly reached: R | undefined

  constructor(message: string, { problems = [], reached, cause }: Details<R> = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.problems = problems
    this.reached = reached
  }
}

/** Options or datasets that cannot be used; `problems` lists all that was found, not only the first. */
export class ValidationError<R = unknown> extends IMNNError<R> {
  override readonly name: string = 'ValidationError'

  constructor(subject: string, problems: readonly Problem[], details: Omit<Details<R>, 'problems'> = {}) {
    super(describe(subject, problems), { ...details, problems })
  }
}

/** A fit that cannot go on: no Fisher information left, data or device failed. `reached` is what it came to. */
export class TrainingError<R = unknown> extends IMNNError<R> {
  override readonly name: string = 'TrainingError'
}

/** A checkpoint that cannot be read or written: damaged, of something else, or of another IMNN; `problems` say what differs. */
export class CheckpointError extends IMNNError {
  override readonly name: string = 'CheckpointError'

  constructor(subject: string, problems: readonly Problem[] = [], cause?: unknown) {
    super(problems.length === 0 ? subject : describe(subject, problems), { problems, cause })
  }
}

function describe(subject: string, problems: readonly Problem[]): string {
  const lines = problems.map(({ where, message }) => `${where}: ${message}`)
  if (lines.length === 1) return `${subject}: ${lines[0]}`
  return `${subject}: ${lines.length} problems\n${lines.map((line) => `  - ${line}`).join('\n')}`
}
