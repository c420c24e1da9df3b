import { errorTable } from '../core/errors.ts'
import { loadLibc } from './libc.ts'

/** SIGALRM, which nothing else here uses. */
const alarm = 14

/**
 * From now on SIGALRM ends this process at once with the exit status of ERR_STUCK, however stuck it is: the handler is the C library's own `_exit`, which takes the
 * number of the signal for the status. No event loop and no thread of ours is needed. Where the C library cannot be called, the signal ends the process all
 * the same, and a shell sees 142. Source: signal(7), _exit(2).
 */
export function endWithStatusOnAlarm(): void {
  if (alarm !== errorTable.ERR_STUCK.exitCode) throw new Error('the status of ERR_STUCK is the number of the signal that ends a stuck process')
  try {
    const { library } = loadLibc()
    const dlsym = library.func('void *dlsym(void *handle, const char *name)')
    const signal = library.func('void *signal(int number, void *handler)')
    const exit: unknown = dlsym(null, '_exit')
    if (exit !== null) signal(alarm, exit)
  } catch {
    // As said above.
  }
}
