import { expect } from 'vitest';

const tagPattern = /^<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[a-zA-Z][a-zA-Z0-9:-]*="[^"<>]*")*)\s*(\/?)>$/;
const hasNoEnd = new Set(['meta', 'br']);

/**
 * Fails unless a page or drawing is well-formed, refers to nothing outside itself, and tells readers who do not see it
 * what its pictures and tables show.
 */
export function checkDocument(text: string): void {
  const inside = text.replace(/^<!doctype html>|^<\?xml [^<>]*\?>/, '').replace(/<style>[^<]*<\/style>/g, '');
  const tags = checkNesting(inside);
  const ids = tags.flatMap((tag) => attributes(tag, 'id'));
  expect(new Set(ids).size).toBe(ids.length);
  const targets = tags.flatMap((tag) =>
    ['href', 'src', 'action', 'srcset'].flatMap((name) => attributes(tag, name)),
  );
  const isInside = (target: string): boolean =>
    target.startsWith('#') ? ids.includes(target.slice(1)) : target.startsWith('data:image/png;base64,');
  expect(targets.filter((target) => !isInside(target))).toEqual([]);
  expect(text).not.toMatch(/@import|url\(/);
  const active = /^<(script|link|iframe|img|object|embed|form)\b|\son[a-z]+="/i;
  expect(tags.filter((tag) => active.test(tag))).toEqual([]);
  const drawings = tags.filter((tag) => tag.startsWith('<svg'));
  expect(drawings.filter((tag) => !/role="img" aria-label="[^"]{10,}"/.test(tag))).toEqual([]);
  const paths = tags.flatMap((tag) => attributes(tag, 'd'));
  expect(paths.filter((path) => !/^M[-\d. MmLHVhvZ]+$/.test(path))).toEqual([]);
  for (const table of inside.split('<table>').slice(1)) {
    expect(table).toMatch(/^<caption>.{10}/);
    expect(table).toMatch(/<th scope="col"/);
  }
}

/** The tags of a text; every bracket belongs to one, and every element ends where it should. */
function checkNesting(text: string): string[] {
  const pieces = text.split(/(<[^<>]*>)/);
  const tags = pieces.filter((_, i) => i % 2 === 1);
  expect(pieces.filter((piece, i) => i % 2 === 0 && /[<>]/.test(piece))).toEqual([]);
  const open: string[] = [];
  const wrong = tags.filter((tag) => {
    const [, close, name, , isEmpty] = tag.match(tagPattern) ?? [];
    if (name === undefined) return true;
    if (close === '/') return open.pop() !== name;
    if (isEmpty === '' && !hasNoEnd.has(name)) open.push(name);
    return false;
  });
  expect(wrong).toEqual([]);
  expect(open).toEqual([]);
  return tags;
}

const attributes = (tag: string, name: string): string[] =>
  [...tag.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'g'))].map(([, value]) => value!);
