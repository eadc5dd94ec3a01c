/** The npm package `fernet` 0.3.3, as far as it serves here as a witness. It carries text only. */
declare module 'fernet' {
  export type Secret = object
  export const Secret: new (secret: string) => Secret
  export class Token {
    constructor(options: { secret: Secret; token?: string; ttl?: number; time?: Date; iv?: readonly number[] })
    encode(message: string): string
    decode(): string
  }
}
