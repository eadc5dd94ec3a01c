import { describe, expect, it } from 'vitest'
import { runCrew } from '../support/crew.js'
import { makeFolderSandbox, treeOf } from '../support/local.js'
import { DONE, outcome } from '../support/outcome.js'

const COUNT = 50
const members = Array.from({ length: COUNT }, (_, me) => me)
/** Long enough that two of them could mix, if writing were not whole. */
const valueOf = (me: number): string => String(me).padStart(2, '0').repeat(50_000)

describe(`${COUNT} processes that begin at the same moment in an empty folder`, () => {
  it('make one master key, store every value whole, and read nothing but whole values', async () => {
    const sandbox = await makeFolderSandbox()
    const crew = await runCrew(
      sandbox,
      COUNT,
      `
      const lazycred = new LazyCred()
      const value = String(me).padStart(2, '0').repeat(50_000)
      const isWhole = (text) => text.length === 100_000 && text === text.slice(0, 2).repeat(50_000)
      const early = await lazycred.get('shared').catch(({ code }) => code)
      if (early !== 'NOT_FOUND' && !isWhole(early)) throw new Error('the shared secret was not whole at first: ' + early.slice(0, 20))
      await Promise.all([lazycred.put('shared', value), lazycred.put('own ' + me, value)])
      for (let times = 0; times < 5; times++) {
        if (!isWhole(await lazycred.get('shared'))) throw new Error('the shared secret was not whole')
        if ((await lazycred.get('own ' + me)) !== value) throw new Error('its own secret was not what it put')
        await lazycred.put('shared', value)
      }`,
    )
    expect(crew.filter(({ status, stderr }) => status !== 0 || stderr !== '')).toEqual([])
    for (const me of members) expect((await sandbox.library.get(`own ${me}`)) === valueOf(me)).toBe(true)
    expect(members.map(valueOf).includes(await sandbox.library.get('shared'))).toBe(true)
    const tree = await treeOf(sandbox.folder)
    expect(Object.keys(tree)).toHaveLength(2 + COUNT + 1)
    expect(Object.keys(tree).filter((path) => path.endsWith('.tmp'))).toEqual([])
  })

  it('may be commands as well, of which each does what it says', async () => {
    const sandbox = await makeFolderSandbox()
    const line = `
      check() { "$@" || echo "$me: status $?" >&2; }
      for me in {1..${COUNT}}; do
        case $((me % 3)) in
          0) printf "value $me" | check lazycred put "own $me" & ;;
          1) printf shared | check lazycred put shared & ;;
          2) { found=$(lazycred get shared 2> /dev/null); case $?:$found in 0:shared | 3:) ;; *) echo "$me: $found" >&2 ;; esac; } & ;;
        esac
      done
      wait`
    expect(outcome(await sandbox.shell(line))).toEqual(DONE)
    const own = members.filter((me) => me > 0 && me % 3 === 0)
    for (const me of own) expect(await sandbox.library.get(`own ${me}`)).toBe(`value ${me}`)
    expect(await sandbox.library.get('shared')).toBe('shared')
    expect(Object.keys(await treeOf(sandbox.folder))).toHaveLength(2 + own.length + 1)
  })
})
