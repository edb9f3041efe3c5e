// Files for the tests of page data that run in Node.
import { readFileSync } from 'node:fs';

export function fixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../fixtures/hostile/${name}`, import.meta.url)));
}

export function fixtureBlob(name: string): Blob {
  return new Blob([fixture(name)]);
}

/** Stands in for the packed elements of the built page. */
export async function readSet(id: string): Promise<Uint8Array> {
  return new Uint8Array(readFileSync(new URL(`../../web/data/sets/${id}`, import.meta.url)));
}

/** "ascii" and numbers in a row. */
export function bytesOf(...parts: (string | number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === 'string' ? [...part].map((letter) => letter.charCodeAt(0)) : part,
    ),
  );
}
