/** What goes in comes out, to the byte, whichever way it goes. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DONE, failed, outcome } from '../support/outcome.js'
import { describeEverywhere, type SecretsSandbox } from '../support/places.js'
import type { RunResult } from '../support/run.js'

const values: [string, Buffer][] = [
  ['no byte', Buffer.alloc(0)],
  ['NULs and invalid UTF-8', Buffer.from('00ff00fec0afeda080f5f6c3', 'hex')],
  ['text with a newline at its end', Buffer.from('The gold is at the post office.\n')],
  ['text with several', Buffer.from('\n\ntext\n\n\n')],
  ['text with none', Buffer.from('text')],
  ['a newline alone', Buffer.from('\n')],
  ['CRLF', Buffer.from('one\r\ntwo\r\n\r')],
  ['a byte order mark', Buffer.from('\ufefftext\ufeff')],
  ['1 MiB of random bytes', randomBytes(1024 * 1024)],
]

function expectBytes({ status, stdout, stderr }: RunResult, value: Buffer): void {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expectSame(stdout, value)
}

/** By content, and without a megabyte of difference in the report. */
function expectSame(given: Uint8Array, value: Buffer): void {
  expect(given.length).toBe(value.length)
  expect(Buffer.compare(given, value)).toBe(0)
}

/** Puts the value by file, by pipe and by library, under a name each. */
async function putEveryWay({ library, lazycred, shell, write }: SecretsSandbox, value: Buffer): Promise<string[]> {
  await write('value.bin', value)
  const puts = [lazycred(['put', 'by file', 'value.bin']), shell(`cat value.bin | lazycred put 'by pipe'`)]
  expect((await Promise.all(puts)).map(outcome)).toEqual([DONE, DONE])
  await library.put('by library', new Uint8Array(value))
  return ['by file', 'by pipe', 'by library']
}

describeEverywhere('bytes', (place) => {
  it.each(values)('by file, pipe and library are the same to command and library: %s', async (_what, value) => {
    const sandbox = await place.open()
    const names = await putEveryWay(sandbox, value)
    for (const name of names) expectSame(await sandbox.library.getBytes(name), value)
    expectBytes(await sandbox.lazycred(['get', 'by library']), value)
    const files = await sandbox.shell(`lazycred get 'by pipe' > copy && cmp copy value.bin && cat copy`)
    expectBytes(files, value)
  })

  it('by library are the same, whatever they are', async () => {
    const { library } = await place.open()
    const same = async (value: Uint8Array): Promise<void> => {
      await library.put('any', value)
      expectSame(await library.getBytes('any'), Buffer.from(value))
    }
    // Around the blocks of the cipher, too.
    const bytes = fc.oneof(fc.uint8Array({ size: 'large' }), fc.uint8Array({ maxLength: 33 }))
    await fc.assert(fc.asyncProperty(bytes, same), { numRuns: 40 })
  })

  it('are replaced whole by what is put later, be it longer, shorter or nothing', async () => {
    const { library, lazycred } = await place.open()
    const steps = [randomBytes(5000), Buffer.alloc(0), randomBytes(70_000)]
    for (const value of steps) {
      await library.put('again', value)
      expectBytes(await lazycred(['get', 'again']), value)
      const next = Buffer.concat([value, Buffer.of(1)])
      expect(outcome(await lazycred(['put', 'again'], { input: next }))).toEqual(DONE)
      expectSame(await library.getBytes('again'), next)
    }
  })

  it('stay the caller’s: a put changes nothing of what it was given, and two gets share no memory', async () => {
    const { library } = await place.open()
    const value = randomBytes(1000)
    const given = Buffer.from(value)
    await library.put('memory', given)
    expectSame(given, value)
    const [one, two] = [await library.getBytes('memory'), await library.getBytes('memory')]
    one.fill(0)
    expectSame(two, value)
  })

  it('may be a view into a larger buffer', async () => {
    const { library } = await place.open()
    const whole = randomBytes(3000)
    await library.put('view', new Uint8Array(whole.buffer, whole.byteOffset + 1001, 777))
    expectSame(await library.getBytes('view'), whole.subarray(1001, 1778))
  })
})

/** Makes of its own species something else than it is, as arrays with a constructor of their own do. */
class Hexadecimal extends Uint8Array {
  constructor(text: unknown) {
    super(typeof text === 'string' ? Buffer.from(text, 'hex') : [])
  }
}

class Locked extends Uint8Array {
  override subarray(): never {
    throw new TypeError('locked')
  }
}

describeEverywhere('arrays that are not plain', (place) => {
  it.each<[string, Uint8Array]>([
    ['a class with a constructor of its own', new Hexadecimal('0102030405')],
    ['a class with methods of its own', new Locked([1, 2, 3, 4, 5])],
    ['memory that is shared', new Uint8Array(new SharedArrayBuffer(5)).fill(7)],
  ])('are stored by their bytes: %s', async (_what, value) => {
    const { library } = await place.open()
    await library.put('array', value)
    expectSame(await library.getBytes('array'), Buffer.from(value.buffer))
  })

  it('do not become an empty secret when their memory is transferred, before or meanwhile', async () => {
    const { library } = await place.open()
    await library.put('array', 'old')
    for (const delay of [-1, 0, 1]) {
      const value = new Uint8Array([1, 2, 3])
      const transfer = (): unknown => structuredClone(value.buffer, { transfer: [value.buffer] })
      if (delay < 0) transfer()
      const putting = library.put('array', value)
      if (delay === 0) transfer()
      if (delay > 0) setImmediate(transfer)
      await putting.catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'VALUE_INVALID' })
      })
      expect(['old', '\x01\x02\x03']).toContain(await library.get('array'))
    }
  })
})

describeEverywhere('text', (place) => {
  it.each([
    ['a byte order mark', '\ufefftext'],
    ['CRLF and newlines', '\r\none\r\n\n'],
    ['NULs', 'a\0b\0'],
    ['nothing', ''],
    ['composed and decomposed letters', '\u00e9e\u0301'],
    ['what takes four bytes', '🔑\u{10ffff}'],
  ])('keeps %s', async (_what, text) => {
    const { library } = await place.open()
    await library.put('text', text)
    expect(await library.get('text')).toBe(text)
    expectSame(await library.getBytes('text'), Buffer.from(text))
  })

  it.each([
    ['a byte that never occurs', 'ff'],
    ['a sequence cut short', '61c3'],
    ['an overlong one', 'c0af'],
    ['half of a surrogate pair', 'eda080'],
    ['Latin-1', 'e9'],
  ])('is not made of bytes that are not UTF-8, which stay in reach: %s', async (_what, hex) => {
    const { library } = await place.open()
    const value = Buffer.from(hex, 'hex')
    await library.put('not text', value)
    const error = { code: 'NOT_TEXT', secretName: 'not text', reason: 'the secret is not UTF-8 text' }
    await expect(library.get('not text')).rejects.toMatchObject(error)
    expectSame(await library.getBytes('not text'), value)
  })
})

describeEverywhere('a secret that is not there', (place) => {
  it('is told as such by command and library, and is there after a put', async () => {
    const { library, lazycred } = await place.open()
    for (const method of ['get', 'getBytes'] as const) {
      await expect(library[method]('missing')).rejects.toMatchObject({ code: 'NOT_FOUND', secretName: 'missing' })
    }
    const { place: where, objectPath } = (await library.get('missing').catch((error: unknown) => error)) as {
      place: string
      objectPath: string
    }
    const message = `Unable to get <Key: ${where},${objectPath}>. NOT_FOUND: there is no such secret`
    expect(outcome(await lazycred(['get', 'missing']))).toEqual(failed(3, message))
    await library.put('missing', '')
    expectBytes(await lazycred(['get', 'missing']), Buffer.alloc(0))
  })
})
