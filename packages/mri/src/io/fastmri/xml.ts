import { FormatError } from '@adjoint/tensor';

/** An element: its name without namespace prefix, its elements, and its own text. */
export interface XmlElement {
  readonly name: string;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly children: XmlElement[];
  text: string;
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const maxDepth = 64;
const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([^\s<>/!?]+)((?:"[^"]*"|'[^']*'|[^"'<>])*?)(\/?)>|[^<]+|</g;

/**
 * The elements of an XML document: what headers of MRI files need. Attributes and namespaces are dropped; document
 * types are refused, because entities that they define can be made to grow without bound.
 *
 * @throws FormatError naming the place.
 */
export function parseXml(fn: string, argument: string, text: string): XmlElement {
  const root: Open = { name: '', children: [], text: '' };
  const open: Open[] = [root];
  const refuse = (expected: string, got: string) => new FormatError({ fn, argument, expected, got });
  for (const match of text.matchAll(token)) {
    const [whole, data, slash, name, , closed] = match;
    const top = open.at(-1)!;
    if (name === undefined) {
      if (whole === '<') throw refuse('XML', `${JSON.stringify(text.slice(match.index, match.index + 24))}`);
      if (data !== undefined) top.text += data;
      else if (!whole.startsWith('<')) top.text += decode(whole);
      continue;
    }
    const plain = name.slice(name.indexOf(':') + 1);
    if (slash) {
      if (open.length === 1 || top.name !== plain) throw refuse('XML', `</${name}> where it was not opened`);
      open.pop();
      continue;
    }
    const element: Open = { name: plain, children: [], text: '' };
    top.children.push(element);
    if (closed) continue;
    if (open.push(element) > maxDepth) throw refuse(`XML of at most ${maxDepth} levels`, 'more');
  }
  const [first, ...more] = root.children;
  if (open.length > 1) throw refuse('whole XML', `<${open.at(-1)!.name}> that is not closed`);
  if (!first || more.length > 0) throw refuse('XML with one outermost element', `${root.children.length}`);
  return first;
}

const decode = (text: string): string =>
  text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return entities[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** The first element reached by a path of names. */
export function elementAt(from: XmlElement, ...names: readonly string[]): XmlElement | undefined {
  let element: XmlElement | undefined = from;
  for (const name of names) element = element?.children.find((child) => child.name === name);
  return element;
}
