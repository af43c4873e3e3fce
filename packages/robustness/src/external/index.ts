export { type ExternalMethodOptions, externalMethod } from './externalMethod.js';
