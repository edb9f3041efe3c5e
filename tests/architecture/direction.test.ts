// Holds every file of the project against rules.ts, and each rule against a file that breaks it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectFiles } from '../../scripts/files.mjs';
import { ROOT } from '../../scripts/run.mjs';
import { importsOf, violationsOf } from './rules';

const TEXT =
  /(?:\.(?:ts|tsx|mjs|js|c|h|json|md|css|html|yml|yaml|txt|svg|webmanifest)|(?:^|\/)[^./]+|(?:^|\/)\.[\w-]+)$/;
const files = projectFiles([''], TEXT);

describe('the project', () => {
  test('is found', () => {
    expect(files).toContain('core/include/cnn.h');
    expect(files).toContain('wasm_glue/protocol.ts');
    expect(files.filter((path) => path.startsWith('web/')).length).toBeGreaterThan(10);
  });

  test('keeps the rules of the house', () => {
    const broken = files.flatMap((path) =>
      violationsOf({ path, text: readFileSync(join(ROOT, path), 'utf8') }),
    );
    expect(broken).toEqual([]);
  });

  test('looks into the memory of the core in one file', () => {
    const glue = files.filter((path) => /^wasm_glue\/.*\.ts$/.test(path));
    const looking = glue.filter((path) =>
      /new \w+Array\([^)]*memory\.buffer/.test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(looking).toEqual(['wasm_glue/module.ts']);
  });
});

describe('a rule notices', () => {
  const cases: [string, string, string][] = [
    ['glue that knows the page', 'wasm_glue/core.ts', "import { App } from '../web/app';"],
    ['a lazy import', 'wasm_glue/core.ts', "const app = await import('../web/app');"],
    ['a page that reads the core', 'web/main.tsx', "import text from '../core/src/status.c?raw';"],
    ['a page that leans on tests', 'web/a/b.ts', "export { x } from '../../tests/glue/x';"],
    ['a page that wants Node', 'web/a/b.ts', "import { readFileSync } from 'node:fs';"],
    ['a heap view', 'web/a.ts', 'const value = HEAPF32[pointer >> 2];'],
    ['wasm memory', 'web/a.ts', 'const memory = new WebAssembly.Memory({ initial: 1 });'],
    ['memory through exports', 'web/a.ts', 'new Uint8Array(core.exports.memory.buffer);'],
    ['markup', 'web/a.tsx', 'element.innerHTML = name;'],
    ['markup by replacement', 'web/a.tsx', 'element.outerHTML = name;'],
    ['markup in Preact', 'web/a.tsx', '<p dangerouslySetInnerHTML={{ __html: name }} />'],
    ['markup written out', 'web/a.ts', 'document.writeln(name);'],
    ['a shipped set through a canvas', 'web/data/packed.ts', 'context.getImageData(0, 0, 1, 1);'],
    ['files in the core', 'core/src/a.c', '#include <stdio.h>'],
    ['an allocator in the core', 'core/src/a.c', '#include <stdlib.h>'],
    ['a clock in the core', 'core/src/a.c', '  #  include <time.h>'],
    ['a way out of the core', 'core/src/a.h', '#include "../../wasm_glue/exports.h"'],
    ['libm', 'core/src/a.c', 'x = expf(y);'],
    ['allocation', 'core/src/a.c', 'p = malloc(4);'],
    ['a global', 'core/src/a.c', 'static int calls = 0;'],
    ['private headers in the glue', 'wasm_glue/exports.c', '#include "trainer_state.h"'],
    ['a path of one machine', 'docs/a.md', 'see /home/someone/notes'],
    ['a registry', 'package-lock.json', '"resolved": "https://registry.example/x.tgz"'],
  ];
  test.each(cases)('%s', (_what, path, text) => {
    expect(violationsOf({ path, text })).not.toEqual([]);
  });
});

test('ordinary files pass', () => {
  const good: [string, string][] = [
    ['web/a/b.ts', "import type { RunSpec } from '../../wasm_glue/protocol';"],
    ['wasm_glue/assets.ts', "import url from '../build/wasm/core.wasm?url';"],
    ['web/a/save.ts', 'const text = page.outerHTML;'],
    ['web/build/pack.ts', "import { readFileSync } from 'node:fs';"],
    ['core/src/a.c', '#include "cnn.h"\n#include <math.h>\nstatic const int sizes[] = {1};'],
    ['core/src/a.c', 'x = cnn_exp(y); /* like exp(y) */ z = sqrtf(x);\nreturn cnn_log(x);'],
    ['wasm_glue/exports.c', '#include "cnn.h"\n#include <stdlib.h>\nvoid *p = malloc(4);'],
  ];
  expect(good.flatMap(([path, text]) => violationsOf({ path, text }))).toEqual([]);
});

test('imports are read from every form', () => {
  const text = `import a from './a'; import './b.css'; export * from "./c"; import('./d');
    // import e from './e';
    import type { F } from
      './f';`;
  expect(importsOf(text)).toEqual(['./a', './b.css', './c', './d', './f']);
});
