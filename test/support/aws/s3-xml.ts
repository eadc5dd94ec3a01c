/** S3's XML namespace. */
const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** A whole document in S3's namespace. */
export function xmlDocument(name: string, ...children: string[]): string {
  return `${DECLARATION}<${name} xmlns="${NAMESPACE}">${children.join('')}</${name}>`
}

/** An error document; S3 gives these no namespace. */
export function xmlError(...children: string[]): string {
  return `${DECLARATION}<Error>${children.join('')}</Error>`
}

/** An element that holds others. */
export function xmlNode(name: string, ...children: string[]): string {
  return `<${name}>${children.join('')}</${name}>`
}

/** An element that holds text; nothing where there is no text to hold. */
export function xmlText(name: string, text: string | number | boolean | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`
}

/** The text of the first such element, for the small documents that S3 is sent. */
export function xmlValue(document: string, name: string): string | undefined {
  return new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(document)?.[1]?.trim()
}

/** Control characters go as references, as S3 sends them, although XML 1.0 knows no such characters. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"\p{Cc}]/gu, (character) => `&#x${character.charCodeAt(0).toString(16)};`)
}
