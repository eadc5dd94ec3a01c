/** Gets so many secrets at once with one instance, and prints as JSON how long that took, and one alone. Run as: many.js COUNT */
import { LazyCred } from '../dist/index.js'

const count = Number(process.argv[2])
const lazycred = new LazyCred()

/** @param {() => Promise<unknown>} work */
async function timeOf(work) {
  const begin = performance.now()
  await work()
  return performance.now() - begin
}

await lazycred.put('many', 'D4nger Zone')
const ones = []
for (let round = 0; round < 10; round++) ones.push(await timeOf(() => lazycred.get('many')))
const one = ones.sort((a, b) => a - b)[ones.length / 2] ?? NaN
// Each asks the servers: reads of one secret that began already are not joined.
const all = await timeOf(() => Promise.all(Array.from({ length: count }, () => lazycred.get('many', { fresh: true }))))
process.stdout.write(JSON.stringify({ one, all }))
process.exit()
