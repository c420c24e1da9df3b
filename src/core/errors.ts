/**
 * Every error a user can meet: stable code, exit status, and what it means. docs/errors.md lists the same table; a test compares the two.
 *
 * Exit status: 2 the call was wrong, 3 something on disk is wrong, 4 the machine lacks something, 5 the run itself failed, 14 the
 * watchdog ended it, 130 a signal did.
 */
export const errorTable = {
  ERR_USAGE: { exitCode: 2, meaning: 'an argument is missing, unknown or of the wrong form' },
  ERR_UNKNOWN_AGENT: { exitCode: 2, meaning: 'no agent has this name' },
  ERR_UNKNOWN_ENV: { exitCode: 2, meaning: 'no environment has this name' },
  ERR_UNKNOWN_BOARD: {
    exitCode: 2,
    meaning: 'no board has this name, nothing that looks like a board is under this root, or a board file says too little to simulate it',
  },
  ERR_UNKNOWN_SCENARIO: { exitCode: 2, meaning: 'no scenario has this name' },
  ERR_UNKNOWN_KNOB: { exitCode: 2, meaning: 'no knob, or no value of a knob, has this name' },
  ERR_UNKNOWN_OPTION: { exitCode: 2, meaning: 'an agent or objective has no option of this name' },
  ERR_UNIT: { exitCode: 2, meaning: 'a quantity has no unit, an unknown unit, or is no number' },
  ERR_RANGE: { exitCode: 2, meaning: 'a value lies outside its range' },
  ERR_OUT_NOT_WRITABLE: { exitCode: 2, meaning: 'the output folder cannot be created or written' },
  ERR_OUT_EXISTS: { exitCode: 2, meaning: 'the output folder already holds a run; --resume goes on with it, --force starts over' },
  ERR_RUN_MISSING: { exitCode: 3, meaning: 'the folder holds no run, or a file of the run is missing' },
  ERR_CHECKPOINT_CORRUPT: { exitCode: 3, meaning: 'a checkpoint is truncated, not JSON, or its checksum does not match' },
  ERR_CHECKPOINT_SCHEMA: { exitCode: 3, meaning: 'a checkpoint has another schema, or one newer than this version reads' },
  ERR_SPACE_MISMATCH: { exitCode: 3, meaning: 'a checkpoint was made for other knobs, points or monitors' },
  ERR_BOARD_MISMATCH: { exitCode: 3, meaning: 'a checkpoint was made on another board' },
  ERR_NETWORK_MISMATCH: { exitCode: 3, meaning: 'a checkpoint was made for another network' },
  ERR_TRACE_CORRUPT: { exitCode: 3, meaning: 'a trace has no header, a broken record, or steps out of order' },
  ERR_TRACE_SCHEMA: { exitCode: 3, meaning: 'a trace has another schema, or one newer than this version reads' },
  ERR_TRACE_MISMATCH: {
    exitCode: 3,
    meaning: 'a trace and its checkpoint, or the run that goes on with it, do not belong together',
  },
  ERR_LOG: {
    exitCode: 3,
    meaning: 'a bandit log, a target policy, a log to import or its map cannot be read, is empty, or a record or field of it is wrong',
  },
  ERR_NETWORK_MANIFEST: { exitCode: 3, meaning: 'a network manifest is missing, not JSON, or a field is wrong' },
  ERR_NETWORK_FILE: { exitCode: 3, meaning: 'a file that a network manifest names is missing, changed, or no usable ONNX model' },
  ERR_NETWORK_SHAPE: { exitCode: 3, meaning: 'a tensor has another shape or type than the manifest says' },
  ERR_BOARD_FILE: { exitCode: 3, meaning: 'a board file cannot be read, is not JSON, or a field is wrong' },
  ERR_TABLE: { exitCode: 3, meaning: 'half of a measured table is missing, or a row, a column or a field of it is wrong' },
  ERR_SCENARIO: { exitCode: 3, meaning: 'a scenario file cannot be read, is not JSON, a field is wrong, or it names a cluster that the board lacks' },
  ERR_DATASET: { exitCode: 3, meaning: 'a data set is missing, truncated or malformed' },
  ERR_NO_SPACE: { exitCode: 4, meaning: 'the disk is full, or a quota or a limit of file sizes is reached; what was written before is kept' },
  ERR_BACKEND: { exitCode: 4, meaning: 'a training backend, or the engine for Parquet, is not installed or does not load' },
  ERR_KERNEL_READ: { exitCode: 4, meaning: 'a kernel file that must be readable is broken' },
  ERR_KERNEL_WRITE: { exitCode: 4, meaning: 'a kernel file refused a value' },
  ERR_NOT_PERMITTED: { exitCode: 4, meaning: 'this user may not do that; doctor prints the fix' },
  ERR_AFFINITY: { exitCode: 4, meaning: 'threads could not be placed on the wanted cores' },
  ERR_JOURNAL: {
    exitCode: 4,
    meaning:
      'the undo journal cannot be written, another live process holds it or governs the board, or what a killed run left leaves in doubt what clocks were',
  },
  ERR_INTERRUPTED: { exitCode: 130, meaning: 'a signal ended the command before there was anything to keep' },
  ERR_STUCK: { exitCode: 14, meaning: 'inference, agent or event loop were stuck: the watchdog put the knobs back and ended the run' },
  ERR_INFERENCE: { exitCode: 5, meaning: 'an inference failed' },
  ERR_EXPORT: { exitCode: 5, meaning: 'an exported network does not compute what it was made from' },
  ERR_INTERNAL: { exitCode: 5, meaning: 'a fault of flyball itself; please report it' },
} as const satisfies Record<string, { exitCode: number; meaning: string }>

export type ErrorCode = keyof typeof errorTable

/** An error that the user can act on: the message says what is wrong, where, and what would be right. */
export class FlyballError extends Error {
  readonly code: ErrorCode
  readonly exitCode: number

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'FlyballError'
    this.code = code
    this.exitCode = errorTable[code].exitCode
  }
}

/** True for errors of the operating system with one of these codes (`ENOENT`, `EACCES`, …). */
export function isSystemError(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
