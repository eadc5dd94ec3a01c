import fc from 'fast-check'
import { expect } from 'vitest'
import type { Check } from './endpoints.js'
import { createKey, decrypt, encrypt, refusalOf, type Kms } from './kms-client.js'

type Context = Record<string, string>

const PLAINTEXT = Buffer.from('plaintext')

/** Any pairs of text; AWS asks for literal strings and documents nothing about empty names. */
const contexts = fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary' }), {
  noNullPrototype: true,
  maxKeys: 6,
})

/** Contexts that look alike, and that a careless serialisation would take for one another. */
const LOOKALIKES: [Context, Context][] = [
  [{ a: 'bc' }, { ab: 'c' }],
  [{ a: 'b', c: 'd' }, { a: 'bcd' }],
  [
    { a: 'b', c: 'd' },
    { a: 'd', c: 'b' },
  ],
  [{ a: 'b' }, { b: 'a' }],
  [{ a: 'b' }, { a: 'B' }],
  [{ a: 'b' }, { A: 'b' }],
  [{ a: 'b' }, { a: 'b ' }],
  [{ a: 'b' }, { a: 'b', c: 'd' }],
  [{ a: '1","b":"2' }, { a: '1', b: '2' }],
  [{ 'a=1,b': '2' }, { a: '1', b: '2' }],
  [{ name: 'caf\u00e9' }, { name: 'cafe\u0301' }],
  [{ a: 'b' }, {}],
]

/** The encryption context (AWS page "Encryption context"): an exact match, in which order does not count. */
export function contextChecks(kms: Kms, check: Check): void {
  const seal = async (context?: Context) => {
    const { keyId } = await createKey(kms)
    return encrypt(kms, { KeyId: keyId, Plaintext: PLAINTEXT, EncryptionContext: context })
  }
  const open = (blob: Uint8Array, context?: Context) =>
    decrypt(kms, { CiphertextBlob: blob, EncryptionContext: context })
  const refused = async (blob: Uint8Array, context?: Context) => {
    const refusal = await refusalOf(open(blob, context))
    expect(refusal).toMatchObject({ code: 'InvalidCiphertextException', status: 400 })
  }

  check('opens under the same context, whatever its order', async () => {
    const property = fc.asyncProperty(contexts, async (context) => {
      const blob = await seal(context)
      expect(await open(blob, Object.fromEntries(Object.entries(context).reverse()))).toEqual(PLAINTEXT)
    })
    await fc.assert(property, { numRuns: 25 })
  })

  check('does not open under any other context', async () => {
    const pairs = fc.tuple(contexts, contexts).filter(([one, other]) => fingerprint(one) !== fingerprint(other))
    await fc.assert(
      fc.asyncProperty(pairs, async ([one, other]) => {
        await refused(await seal(one), other)
      }),
      { numRuns: 25 },
    )
  })

  for (const [one, other] of LOOKALIKES) {
    check(`tells ${JSON.stringify(one)} from ${escape(JSON.stringify(other))}`, async () => {
      await refused(await seal(one), other)
      await refused(await seal(other), one)
    })
  }

  check('takes an empty context for none', async () => {
    expect(await open(await seal(), {})).toEqual(PLAINTEXT)
    expect(await open(await seal({}))).toEqual(PLAINTEXT)
  })

  check('does not open without the context', async () => {
    await refused(await seal({ purpose: 'contract' }))
  })

  check('takes names that JavaScript objects have of themselves', async () => {
    const context = Object.fromEntries(['__proto__', 'constructor', 'toString'].map((name) => [name, 'value']))
    const blob = await seal(context)
    expect(await open(blob, context)).toEqual(PLAINTEXT)
    await refused(blob, Object.fromEntries(Object.entries(context).slice(1)))
  })
}

function fingerprint(context: Context): string {
  return JSON.stringify(Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1)))
}

function escape(text: string): string {
  return text.replace(/[^ -~]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
