/** A file that is found and is no configuration is an error that names it; what comes after it is never asked. */
import { describe, it } from 'vitest'
import { amongGood, CANARY, expectRefusal, GOOD } from './refusal.js'

const FORMS = [
  ['nothing', '', 'it is empty'],
  ['blanks', ' \n\t\r\n', 'it is empty'],
  ['a byte order mark alone', '\ufeff', 'it is empty'],
  ['bytes that are not UTF-8', Buffer.from(`{"local": "${CANARY}\xff"}`, 'latin1'), 'it is not UTF-8 text'],
  ['UTF-16', Buffer.from(`\ufeff{"local": "${CANARY}"}`, 'utf16le'), 'it is not UTF-8 text'],
  ['a list', JSON.stringify([GOOD]), 'it must be an object'],
  ['a number', '4711', 'it must be an object'],
  ['text', JSON.stringify(CANARY), 'it must be an object'],
  ['a word', CANARY, 'it must be an object'],
  ['null', 'null', 'it must be an object'],
  ['true', 'true', 'it must be an object'],
  ['a comment alone', `# ${CANARY}`, 'it must be an object'],
  ['half of an object', `{"local": "${CANARY}`, /^it is neither JSON nor YAML \(line 1, column \d+\)$/],
  ['an object and more', `{"local": "${CANARY}"} ${CANARY}`, /^it is neither JSON nor YAML \(line 1, column \d+\)$/],
  ['a conflict left by git', `<<<<<<< ${CANARY}\n{"local": "a"}\n=======\n`, /^it is neither JSON nor YAML/],
  ['broken YAML', `local: ${CANARY}\n\t- ${CANARY}: [`, /^it is neither JSON nor YAML \(line 2, column \d+\)$/],
  ['control characters', `{"local": "${CANARY}\0"}`, /./],
  ['fields that are there twice, in YAML', `local: ${CANARY}\nlocal: a\n`, 'a field is there twice (line 2, column 1)'],
  ['fields that are there twice, in JSON', `{"local": "${CANARY}", "local": "a"}`, 'a field is there twice (line 1, '],
  [
    'fields that are the same once read',
    `{"local": "${CANARY}", "loc\\u0061l": "a"}`,
    'a field is there twice (line 1, ',
  ],
  ['a YAML tag', `local: !!js/function 'function () { ${CANARY} }'\n`, 'a YAML tag has no place there (line 1, '],
  ['a YAML tag of its own', `!${CANARY}\nlocal: a\n`, 'a YAML tag has no place there (line 1, '],
  ['two YAML documents', `local: ${CANARY}\n---\nlocal: a\n`, 'there is more than one YAML document (line 2, '],
  ['a YAML alias', `local: &a ${CANARY}\nregion: *a\n`, /alias/],
  ['an alias bomb', bomb(), /alias/],
  ['more than 64 KiB', `{"local": "${CANARY}"}${' '.repeat(70 * 1024)}`, 'it is larger than 65536 bytes'],
  ['60 KiB of [', '['.repeat(60 * 1024), /neither JSON nor YAML|nested too deeply/],
  ['60 KiB of [ and ]', '['.repeat(30 * 1024) + ']'.repeat(30 * 1024), /must be an object|nested too deeply/],
  ['60 KiB of {', '{"local":'.repeat(6 * 1024), /neither JSON nor YAML|nested too deeply/],
  ['60 KiB of - ', '- '.repeat(30 * 1024), /must be an object|nested too deeply/],
  ['a YAML field whose name is an object', `? {local: ${CANARY}}\n: a\n`, 'it has a field of an odd name'],
  ['a YAML merge', `<<: {local: ${CANARY}}\n`, 'it has a field of an odd name'],
  ['a YAML merge of version 1.1', `%YAML 1.1\n---\n<<: {s3_path: ${CANARY}}\n`, /./],
  ['60 KiB of quotes', `{${'"'.repeat(60 * 1024)}`, /./],
] as const

function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`)
  return [`a0: &a0 [${CANARY}]`, ...levels, ''].join('\n')
}

describe('a file of the wrong form is refused', () => {
  it.each(FORMS)('%s', async (_what, content, reason) => {
    const sandbox = await amongGood()
    await expectRefusal(sandbox, { path: await sandbox.write('.lazycred', content), reason })
  })
})
