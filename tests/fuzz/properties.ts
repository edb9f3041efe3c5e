// What the page's parsers promise for any input at all, as properties for fast-check. The tests try
// a few hundred inputs of a fixed seed, `npm run fuzz` as many as its time allows.
import fc from 'fast-check';
import { safeName } from '../../web/data/export';
import { limits } from '../../web/data/limits';
import { createPace } from '../../web/data/pace';
import { isSystemPath, kindsFromNames, partsOf, placePaths, shortName } from '../../web/data/paths';
import { readHeader } from '../../web/data/picture_header';
import { listZip, unpackEntry, ZipProblem } from '../../web/data/zip';
import { readHash, readValue, writeHash } from '../../web/settings/hash';
import { SETTING_NAMES, SETTINGS } from '../../web/settings/table';
import { scriptJson } from '../../web/state/baked';
import { carriedHash } from '../../web/state/save';
import { makeZip } from '../data/make_zip';

export interface Property {
  name: string;
  property: fc.IAsyncProperty<[unknown]>;
}

/** `holds` returns false or throws where the promise is broken. */
function property<T>(
  name: string,
  input: fc.Arbitrary<T>,
  holds: (value: T) => boolean | Promise<boolean>,
): Property {
  const checked = fc.asyncProperty(input, async (value) => holds(value));
  return { name, property: checked as unknown as fc.IAsyncProperty<[unknown]> };
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

/** Beginnings that lead into each branch of the header parser. */
const STARTS = [
  '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
  '\xff\xd8\xff',
  'GIF89a',
  'RIFF\0\0\0\0WEBPVP8 ',
  'RIFF\0\0\0\0WEBPVP8L',
  'RIFF\0\0\0\0WEBPVP8X',
  'BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0',
  'PK\x03\x04',
  '\0\0\0\0ftyp',
  '<svg ',
].map((text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0)));

const headed = fc
  .tuple(fc.constantFrom(...STARTS), bytes(200))
  .map(([start, rest]) => Uint8Array.from([...start, ...rest]));

const header = property('a header', fc.oneof(headed, bytes(200)), (input) => {
  const found = readHeader(input);
  if (found.kind !== 'picture') return true;
  const { width, height, frames } = found;
  return [width, height, frames].every((n) => Number.isInteger(n) && n >= 1 && n < 2 ** 32);
});

/** A view into a larger buffer must read as its copy does. */
const headerView = property('a header inside a buffer', headed, (input) => {
  const larger = new Uint8Array(input.length + 20).fill(0xff);
  larger.set(input, 7);
  const inside = readHeader(larger.subarray(7, 7 + input.length));
  return JSON.stringify(inside) === JSON.stringify(readHeader(input));
});

const anyName = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom('.', '/', '\\', ':', 'a', 'C', ' ', '\u202a', '\u202e', '\u2066', '\0'),
  }),
  fc.constantFrom('__proto__', 'constructor', '../../x', 'C:\\x', '__MACOSX/x', '.DS_Store', ''),
);

const entry = fc.record({
  name: anyName,
  data: bytes(60),
  method: fc.constantFrom(0 as const, 8 as const),
  bytes: fc.oneof(fc.nat(60), fc.constantFrom(0x7fffffff, 0xffffffff)),
});
const patch = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }));

const archive = property(
  'an archive',
  fc.tuple(fc.array(entry, { maxLength: 4 }), fc.array(patch, { maxLength: 4 })),
  async ([entries, patches]) => {
    const raw = new Uint8Array(await makeZip(entries).arrayBuffer());
    for (const [at, value] of patches) raw[at % raw.length] = value;
    const file = new Blob([raw]);
    const budget = { unpacked: 0 };
    try {
      for (const found of await listZip(file)) {
        try {
          const content = await unpackEntry(file, found, budget, createPace());
          if (content.size !== found.bytes) return false;
        } catch (error) {
          if (!(error instanceof ZipProblem)) throw error;
        }
      }
    } catch (error) {
      if (!(error instanceof ZipProblem)) throw error;
    }
    return budget.unpacked <= 1032 * raw.length * Math.max(1, entries.length);
  },
);

const isPart = (part: string): boolean => {
  const travels = /[/\\\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(part) || /^\.{0,2}$/.test(part);
  return !travels && !/^[A-Za-z]:$/.test(part) && part === part.normalize('NFC').trim();
};

const paths = property('paths', fc.array(anyName, { maxLength: 6 }), (list) => {
  const parts = list.map(partsOf);
  const again = parts.map((some) => partsOf(some.join('/')));
  const places = placePaths(list);
  const kinds = kindsFromNames(list);
  list.forEach(isSystemPath);
  return (
    parts.flat().every(isPart) &&
    JSON.stringify(again) === JSON.stringify(parts) &&
    places.length === list.length &&
    places.every((place) => place.kind !== 'class' || place.name !== '') &&
    (kinds === null || kinds.length === list.length)
  );
});

const names = property('names for files', anyName, (name) => {
  const safe = safeName(name, 'picture');
  return (
    [...shortName(name)].length <= limits.nameLength &&
    safe !== '' &&
    !/[<>:"|?*/\\\p{Cc}]|[. ]$/u.test(safe) &&
    !isSystemPath(safe)
  );
});

const keys = SETTING_NAMES.map((name) => SETTINGS[name].hash);
const hashPart = fc
  .tuple(
    fc.constantFrom('', 'b.', 'b.b.'),
    fc.oneof(fc.constantFrom(...keys, '__proto__', 'constructor', 'demo'), anyName),
    fc.constantFrom('=', '', '=='),
    fc.oneof(fc.double().map(String), fc.integer().map(String), anyName),
  )
  .map((parts) => parts.join(''));
const anyHash = fc.oneof(
  fc.array(hashPart, { maxLength: 8 }).map((parts) => `#${parts.join('&')}`),
  anyName,
);

/** Whether every value is one that its row allows. */
function allowed(settings: object): boolean {
  return Object.entries(settings).every(([name, value]) => {
    const row = SETTINGS[name as keyof typeof SETTINGS];
    const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
    return row !== undefined && readValue(row, text) === value;
  });
}

const hash = property('settings in an address', anyHash, (text) => {
  const { a, b, ignored } = readHash(text);
  const written = writeHash({ a, b });
  const again = readHash(written);
  return (
    allowed(a) &&
    allowed(b) &&
    Object.keys(a).length === SETTING_NAMES.length &&
    ignored.every((part) => part.length <= 40) &&
    again.ignored.length === 0 &&
    writeHash(again) === written &&
    Object.keys(Object.prototype).length === 0
  );
});

/** A page whose element of settings holds this text. */
const pageWith = (text: string) =>
  ({ querySelector: () => ({ textContent: text }) }) as unknown as ParentNode;

const saved = property(
  'settings in a saved copy',
  fc.oneof(
    anyName,
    fc.json(),
    fc.json().map((json) => `{"hash":${json}}`),
  ),
  (text) => {
    const carried = carriedHash(pageWith(text));
    readHash(carried);
    return typeof carried === 'string';
  },
);

const script = property('what a saved copy writes', fc.jsonValue(), (value) => {
  const text = scriptJson(value);
  return !text.includes('<') && JSON.stringify(JSON.parse(text)) === JSON.stringify(value);
});

const carried = property('a saved copy of a saved copy', anyHash, (text) => {
  return carriedHash(pageWith(scriptJson({ hash: text }))) === text;
});

export const PROPERTIES: readonly Property[] = [
  header,
  headerView,
  archive,
  paths,
  names,
  hash,
  saved,
  script,
  carried,
];
