/** A number of a record: JSON has no word for NaN and infinity, so that they may have become null. */
export type MaybeNumber = number | null | undefined;

export const isNumber = (value: MaybeNumber): value is number => Number.isFinite(value);

/** What stands where there is no number. */
export const noNumber = '–';

/** With so many digits after the point and a true minus sign; `–` where there is no number. */
export function fixed(value: MaybeNumber, digits: number): string {
  if (!isNumber(value)) return noNumber;
  const text = value.toFixed(digits);
  // −0.00 says nothing that 0.00 does not
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** In so many significant digits, without an exponent between 0.0001 and a million. */
export function significant(value: MaybeNumber, digits = 3): string {
  if (!isNumber(value)) return noNumber;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) return value.toExponential(digits - 1).replace(/-/g, '−');
  return String(Number(value.toPrecision(digits))).replace('-', '−');
}

/** `low to high`; an unbounded side, which a single subject leaves, says so. */
export function range(low: MaybeNumber, high: MaybeNumber, digits: number): string {
  if (!isNumber(low) || !isNumber(high)) return 'unbounded';
  return `${fixed(low, digits)} to ${fixed(high, digits)}`;
}

/** `3 images of 2 subjects` */
export const counted = (images: number, subjects: number): string =>
  `${plural(images, 'image')} of ${plural(subjects, 'subject')}`;

export const plural = (count: number, thing: string, things = `${thing}s`): string =>
  `${count} ${count === 1 ? thing : things}`;

/** `2 min 5 s` */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return noNumber;
  if (seconds < 60) return `${fixed(seconds, seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}
