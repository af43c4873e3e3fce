// The package has no types; `daikon.ts` says what is used of it.
declare module 'daikon' {
  const daikon: unknown;
  export default daikon;
}
