/** What a listing asks for. */
export interface PageQuery {
  prefix: string | undefined
  delimiter: string | undefined
  limit: number
  /** Where the page before ended: a path, or a common prefix. */
  after: string
}

export interface Page {
  paths: string[]
  /** The common prefixes that paths were rolled up into, each counted once. */
  prefixes: string[]
  /** Where the next page begins after; nothing where this is the last one. */
  next: string | undefined
}

/** The first page of the sorted paths (AWS page "Organizing objects using prefixes"). */
export function pageOf(sorted: readonly string[], query: PageQuery): Page {
  const page: Page = { paths: [], prefixes: [], next: undefined }
  const { prefix = '', limit } = query
  let last: string | undefined
  for (const path of sorted.filter((each) => each.startsWith(prefix))) {
    const rolled = commonPrefix(path, prefix, query.delimiter)
    if (rolled !== undefined && (rolled === last || rolled === query.after)) continue
    if (page.paths.length + page.prefixes.length >= limit) return { ...page, next: limit === 0 ? undefined : last }
    last = rolled ?? path
    if (rolled === undefined) page.paths.push(path)
    else page.prefixes.push(rolled)
  }
  return page
}

function commonPrefix(path: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined
  const end = path.indexOf(delimiter, prefix.length)
  return end < 0 ? undefined : path.slice(0, end + delimiter.length)
}
