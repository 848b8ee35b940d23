/** Time, as tests can replace it. */

export interface Clock {
  /** Milliseconds that only grow. The time of day may be set back, this may not. */
  now(): number;
  setTimeout(run: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The longest time that platforms keep, 24 days. They end a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  setTimeout: (run, milliseconds) => setTimeout(run, Math.min(milliseconds, LONGEST_TIMER_MS)),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

/** Waits; rejects with the reason of `signal` as soon as that aborts. */
export function sleep(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, Math.max(0, milliseconds));
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/** `promise`, or the error that `late` makes if it takes longer. The promise goes on. */
export function within<T>(clock: Clock, milliseconds: number, promise: Promise<T>, late: () => Error): Promise<T> {
  if (milliseconds === Infinity) return promise;
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(late()), Math.max(0, milliseconds));
    promise.then(resolve, reject).finally(() => clock.clearTimeout(timer));
  });
}

/** `promise`, or the reason of `signal` if that aborts first. The promise goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => {});
      return reject(signal.reason);
    }
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
