/** Loaded before a program: writes the peak of its memory, in KiB, to the file that LAZYCRED_BENCH_PEAK names. */
const { readFileSync, writeFileSync } = require('node:fs')

const { LAZYCRED_BENCH_PEAK = '' } = process.env

/** On Linux, what getrusage tells can be the peak of the process that started this one. */
function peak() {
  try {
    return /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  } catch {
    return process.resourceUsage().maxRSS
  }
}

process.on('exit', () => {
  writeFileSync(LAZYCRED_BENCH_PEAK, String(peak()))
})
