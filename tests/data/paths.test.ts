// From paths to kinds: one table per way in which people and systems arrange folders.
import { describe, expect, it } from 'vitest';
import { limits } from '../../web/data/limits';
import {
  cleanName,
  isSystemPath,
  kindsFromNames,
  partOf,
  partsOf,
  placePaths,
  shortName,
} from '../../web/data/paths';

/** "cats", or "(loose)", or "(outside)", per path. */
function kinds(...paths: string[]): string[] {
  return placePaths(paths).map((place) =>
    place.kind === 'class' ? place.name : `(${place.kind})`,
  );
}

describe('placePaths', () => {
  const table: [string, string[], string[]][] = [
    ['two folders', ['cats/1.png', 'dogs/1.png'], ['cats', 'dogs']],
    ['one folder that holds two', ['pets/cats/1.png', 'pets/dogs/1.png'], ['cats', 'dogs']],
    ['one folder alone', ['cats/1.png', 'cats/2.png'], ['cats', 'cats']],
    ['one folder deep inside others', ['a/b/cats/1.png', 'a/b/cats/2.png'], ['cats', 'cats']],
    ['one picture beside the folders', ['p/cats/1.png', 'p/x.png'], ['cats', '(outside)']],
    ['a loose picture beside folders', ['cats/1.png', 'x.png'], ['cats', '(outside)']],
    ['train and test folders', ['d/train/cats/1.png', 'd/test/cats/2.png'], ['cats', 'cats']],
    [
      'a kind with a folder inside',
      ['p/cats/1.png', 'p/cats/old/2.png', 'p/dogs/3.png'],
      ['cats', 'old', 'dogs'],
    ],
    ['files without folders', ['1.png', '2.png'], ['(loose)', '(loose)']],
    ['one file', ['1.png'], ['(loose)']],
    ['nothing', [], []],
    ['backslashes', ['pets\\cats\\1.png', 'pets\\dogs\\1.png'], ['cats', 'dogs']],
    ['a path that climbs out', ['../../etc/passwd.png', '/abs/1.png'], ['etc', 'abs']],
    ['a drive', ['C:\\win\\1.png', 'a/./b/../1.png'], ['win', 'b']],
    [
      'names that objects have',
      ['__proto__/1.png', 'constructor/1.png', 'hasOwnProperty/1.png'],
      ['__proto__', 'constructor', 'hasOwnProperty'],
    ],
    ['parts below the kinds', ['p/cats/train/1.png', 'p/dogs/Test/1.png'], ['cats', 'dogs']],
    ['one kind in parts', ['cats/training/1.png', 'cats/testing/2.png'], ['cats', 'cats']],
    ['parts and nothing else', ['train/1.png', 'val/2.png'], ['(loose)', '(loose)']],
    [
      'pictures beside the kinds of a part',
      ['train/cats/1.png', 'test/2.png'],
      ['cats', '(outside)'],
    ],
    ['a test of another kind', ['p/test/1.png', 'p/plane/1.png'], ['test', 'plane']],
    ['a vehicle', ['p/train/1.png', 'p/plane/1.png'], ['train', 'plane']],
    ['spaces', ['my cats /1.png', ' dogs/1.png'], ['my cats', 'dogs']],
  ];
  it.each(table)('%s', (_, paths, expected) => {
    expect(kinds(...paths)).toEqual(expected);
  });

  it('takes one name for one, however its accents are stored', () => {
    const [composed, apart] = kinds('é/1.png', 'e\u0301/2.png');
    expect(composed).toBe(apart);
  });

  it('drops marks that cannot be seen and keeps those that scripts need', () => {
    expect(kinds('c\u202ea\u200bts\u0007/1.png', 'x/1.png')[0]).toBe('cats');
    expect(kinds('نمی\u200cدانم/1.png', 'x/1.png')[0]).toBe('نمی\u200cدانم');
  });

  it('cuts a long name between characters', () => {
    const name = '🐈'.repeat(200);
    expect([...shortName(name)]).toHaveLength(limits.nameLength);
    expect(shortName(name).endsWith('🐈…')).toBe(true);
    expect(shortName('cats')).toBe('cats');
  });
});

describe('parts of a split', () => {
  const partsIn = (...paths: string[]): (string | undefined)[] =>
    placePaths(paths).map((place) => ('part' in place ? place.part : undefined));

  it('knows the spellings in use', () => {
    const names = ['train', 'Training', 'val', 'valid', 'VALIDATION', 'test', 'testing', 'tests'];
    const [t, v, e] = ['train', 'validation', 'test'];
    expect(names.map(partOf)).toEqual([t, t, v, v, v, e, e, null]);
  });

  it('stand above or below the kinds, and not without a counterpart', () => {
    expect(partsIn('d/train/cats/1.png', 'd/test/cats/2.png', 'd/more/cats/3.png')).toEqual([
      'train',
      'test',
      undefined,
    ]);
    expect(partsIn('d/cats/train/1.png', 'd/cats/valid/2.png')).toEqual(['train', 'validation']);
    expect(partsIn('p/train/1.png', 'p/plane/1.png')).toEqual([undefined, undefined]);
    expect(partsIn('p/test/1.png', 'p/plane/1.png')).toEqual([undefined, undefined]);
  });
});

describe('cleanName', () => {
  it('keeps what is seen, and nothing of a name that is not', () => {
    expect(cleanName('  c\u202eats ')).toBe('cats');
    expect(cleanName(' \u200b ')).toBe('');
  });
});

describe('partsOf', () => {
  it('keeps names only', () => {
    expect(partsOf('/../a/./b//c.png')).toEqual(['a', 'b', 'c.png']);
    expect(partsOf('')).toEqual([]);
  });
});

describe('isSystemPath', () => {
  it.each([
    ['cat/Thumbs.db', true],
    ['cat/desktop.ini', true],
    ['__MACOSX/._1.png', true],
    ['cat/.DS_Store', true],
    ['.hidden/1.png', true],
    ['a/./b/../1.png', false],
    ['../1.png', false],
    ['cat/1.png', false],
  ])('%s: %s', (path, expected) => {
    expect(isSystemPath(path)).toBe(expected);
  });
});

describe('kindsFromNames', () => {
  it('takes the words that names start with', () => {
    const names = [
      'cat 1.jpg',
      'cat_2.png',
      'dog (1).png',
      'dog-2.webp',
      'red panda 1.png',
      'red panda2.png',
    ];
    expect(kindsFromNames(names)).toEqual(['cat', 'cat', 'dog', 'dog', 'red panda', 'red panda']);
  });

  it.each([
    ['camera names', ['IMG_0001.jpg', 'IMG_0002.jpg', 'IMG_0003.jpg']],
    ['numbers', ['1.png', '2.png', '3.png', '4.png']],
    ['a name of its own for each', ['cat.png', 'dog.png', 'bird.png']],
    ['one kind too small', ['cat 1.png', 'cat 2.png', 'dog 1.png']],
    ['nothing', []],
  ])('does not guess from %s', (_, names) => {
    expect(kindsFromNames(names)).toBeNull();
  });
});
