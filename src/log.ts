/** Anything with these three will do: pino, winston and console do. Each call is one message, which may have two lines. */
export interface Logger {
  error(message: string): void
  warn(message: string): void
  debug(message: string): void
}

/** By the console, which survives a standard error that nobody reads any more. */
function write(level: string, message: string): void {
  console.error(`${level}:LazyCredLogger:${message}`)
}

/** Python's default format, to standard error; debug messages are dropped. */
export const stderrLogger: Logger = {
  error(message) {
    write('ERROR', message)
  },
  warn(message) {
    write('WARNING', message)
  },
  debug() {
    // As in the Python tool, whose default level is WARNING.
  },
}

/** The same, debug messages included. */
export const verboseLogger: Logger = {
  ...stderrLogger,
  debug(message) {
    write('DEBUG', message)
  },
}
