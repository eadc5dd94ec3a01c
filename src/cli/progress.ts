import ProgressBar from 'progress'

export interface Progress {
  update: (done: number, known: number) => void
  stop: () => void
}

/** @returns a bar on standard error where that is a terminal, and where it is worth it; else something that does nothing */
export function showProgress(worthIt: boolean): Progress {
  const { stderr } = process
  if (!worthIt || !stderr.isTTY) return { update: () => undefined, stop: () => undefined }
  const bar = new ProgressBar('[:bar] :current of :total', { total: 1, width: 40, clear: true, stream: stderr })
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
