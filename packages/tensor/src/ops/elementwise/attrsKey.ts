/** Text of attributes that tells all numbers apart: JSON has no infinities, NaN or −0. */
export const attrsKey = (attrs: unknown): string =>
  attrs === undefined
    ? ''
    : JSON.stringify(attrs, (_, value) =>
        typeof value === 'number' ? (Object.is(value, -0) ? '-0' : String(value)) : value,
      );
