import ProgressBar from 'progress'
import { stderr } from './stderr.js'

export interface Progress {
  update: (done: number, known: number) => void
  stop: () => void
}

/** @returns a bar on standard error where that is a terminal, and where it is worth it; else something that does nothing */
export function showProgress(worthIt: boolean): Progress {
  const stream = stderr()
  if (!worthIt || !stream.isTTY) return { update: () => undefined, stop: () => undefined }
  const bar = new ProgressBar('[:bar] :current of :total', { total: 1, width: 40, clear: true, stream })
  return {
    update(done, known) {
      // More may be found than is known so far, so it is not full before the end.
      bar.total = known + 1
      bar.curr = done
      bar.render()
    },
    stop() {
      bar.terminate()
    },
  }
}
