/** The npm package `fernet` 0.3.3, as far as it serves here as a witness. It carries text only. */
declare module 'fernet' {
  export class Secret {
    constructor(secret: string)
  }
  export class Token {
    constructor(options: { secret: Secret; token?: string; ttl?: number; time?: Date; iv?: readonly number[] })
    encode(message: string): string
    decode(): string
  }
}
