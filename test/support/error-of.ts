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

/** As errorOf, of a promise. */
export async function rejectionOf(promise: Promise<unknown>): Promise<{ code: ErrorCode; exitCode: number; message: string }> {
  try {
    await promise
  } catch (error) {
    if (error instanceof FlyballError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
