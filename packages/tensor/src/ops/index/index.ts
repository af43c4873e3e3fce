export { concat, stack } from './concat.js';
export { type DiagonalOptions, diagonal, trace, tril, triu } from './diagonal.js';
export { type EmbedOptions, embed } from './embed.js';
export { gather, scatterAdd, take, takeAdjoint } from './lookup.js';
export { oneHot } from './oneHot.js';
export { roll } from './roll.js';
