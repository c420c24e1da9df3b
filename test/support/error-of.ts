import { type ErrorCode, FlyballError } from '../../src/core/errors.ts'

/** The error that a call throws, which must be one that users meet. */
export function errorOf(run: () => unknown): { code: ErrorCode; exitCode: number; message: string } {
  try {
    run()
  } catch (error) {
    if (error instanceof FlyballError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
