import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'

/** Longest time that a value read right after writing it was seen to be stale on Linux 6.12 is 22 ms; twice that, s. */
const patienceS = 0.05
const pollS = 0.002
const futex = new Int32Array(new SharedArrayBuffer(4))

/** Sleeps without an event loop: for exit paths, never for the control loop. */
export function sleepSync(timeS: number): void {
  Atomics.wait(futex, 0, 0, timeS * 1000)
}

/** Writes one value as `echo` does, never creating the file. Throws what the kernel answers. */
export function writeKernelFile(path: string, value: string): void {
  const descriptor = openSync(path, constants.O_WRONLY | constants.O_TRUNC)
  try {
    writeSync(descriptor, `${value}\n`)
  } finally {
    closeSync(descriptor)
  }
}

/** First line without surrounding white space. Throws what the kernel answers. */
export function readKernelFile(path: string): string {
  return (readFileSync(path, 'utf8').split('\n', 1)[0] as string).trim()
}

/** Reads until the value is the wanted one, at most 50 ms; what was read last. Throws what the kernel answers. */
export function readBack(path: string, wanted: string): string {
  let found = readKernelFile(path)
  for (let waitedS = 0; found !== wanted && waitedS < patienceS; waitedS += pollS) {
    sleepSync(pollS)
    found = readKernelFile(path)
  }
  return found
}
