/** All that calls need and an import does not. It is loaded at the first call, since an import must cost next to nothing. */
export { openBackend } from './backend.js'
export { findConfig } from './config.js'
export { open, seal } from './envelope.js'
export { rewrapRecord } from './rewrap.js'
export { bytesOf, decodeText } from './value.js'
