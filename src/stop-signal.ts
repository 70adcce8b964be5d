// What the process is asked to stop by. A run then ends its batch and leaves the rest for another time.

/** Aborted by SIGTERM or SIGINT; the second one ends the process at once, as a shell expects. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.once(name, () => {
      stop.abort(name);
    });
  }
  return stop.signal;
}
