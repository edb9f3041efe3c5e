// The house's rules as functions from one file's path and text to sentences about what it breaks.
// Dependencies point one way, web -> wasm_glue -> core; each room is kept to what it may know.
import { posix } from 'node:path';

export interface SourceFile {
  /** From the project's top, with forward slashes. */
  path: string;
  text: string;
}
type Rule = (file: SourceFile) => string[];

/** What each room's TypeScript may import from, by top folder; packages have their own list. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  web: ['web', 'wasm_glue'],
  wasm_glue: ['wasm_glue'],
};
/** Plug-ins of the build run in Node and are no part of the page. */
const BUILD_FOLDER = 'web/build/';
/** The compiled core, the one thing of the build that is imported. */
const CORE_WASM = 'build/wasm/core.wasm';

const CORE_HEADERS = ['stdint.h', 'stddef.h', 'string.h', 'float.h', 'limits.h', 'assert.h'];
/** Of math.h only the square root, which IEEE 754 makes exact. */
const EXACT_HEADERS = [...CORE_HEADERS, 'math.h'];
const LIBM =
  /(?<![\w.>])(?:exp2?|expm1|log(?:2|10|1p)?|pow|sin|cos|tan|a(?:sin|cos|tan2?)|sinh|cosh|tanh|erfc?|fma|fmax|fmin|cbrt|hypot|tgamma|lgamma)[fl]?\s*\(/;
const SYSTEM =
  /(?<![\w.>])(?:malloc|calloc|realloc|free|exit|abort|printf|fprintf|fopen|time|rand)\s*\(/;
/** A file-scope variable that is not const, one line long. */
const GLOBAL =
  /^(?:static\s+)?(?!.*\bconst\b)(?:unsigned |struct )?\w+\s+\**\w+(?:\[[^\]]*\])*\s*(?:=.*|;)$/;

const HEAP = [/\bHEAP(?:U?8|U?16|U?32|F32|F64)\b/, /\bWebAssembly\.\w/, /\.memory\.buffer\b/];
/** Reading outerHTML (to save the page) is fine; writing it is not. */
const MARKUP = [
  /\binnerHTML\b/,
  /\bouterHTML\s*\+?=(?!=)/,
  /\binsertAdjacentHTML\b/,
  /\bdocument\.writeln?\b/,
  /\b(?:createContextualFragment|setHTMLUnsafe|srcdoc)\b/,
];

/** Text without C-style comments; strings keep theirs only where they look like one. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:])\/\/.*$/gm, '$1');
}

/** Every module that a TypeScript file names: import, export from, import(). */
export function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const found = code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map((match) => match[1] ?? '');
}

const isScript = (path: string): boolean => /\.(?:ts|tsx|mjs|js)$/.test(path);
const isC = (path: string): boolean => /\.[ch]$/.test(path);
const topFolder = (path: string): string => path.split('/')[0] ?? '';
const inPage = (path: string): boolean => path.startsWith('web/') && !path.startsWith(BUILD_FOLDER);

const importDirection: Rule = ({ path, text }) => {
  const allowed = ROOMS[topFolder(path)];
  if (!allowed || !isScript(path) || path.startsWith(BUILD_FOLDER)) return [];
  return importsOf(text)
    .filter((name) => name.startsWith('.') || name.startsWith('/'))
    .map((name) => posix.join(posix.dirname(path), name.replace(/\?.*$/, '')))
    .filter((target) => target !== CORE_WASM && !allowed.includes(topFolder(target)))
    .map((target) => `${path} imports ${target}: ${topFolder(path)} may use ${allowed.join(', ')}`);
};

const pageHasNoBuild: Rule = ({ path, text }) => {
  if (!inPage(path) && topFolder(path) !== 'wasm_glue') return [];
  return isScript(path) && importsOf(text).some((name) => name.startsWith('node:'))
    ? [`${path} imports a Node module`]
    : [];
};

const pageHasNoPointers: Rule = ({ path, text }) => {
  if (!inPage(path) || !isScript(path)) return [];
  const code = withoutComments(text);
  return HEAP.filter((pattern) => pattern.test(code)).map(
    (pattern) => `${path} reaches into the core's memory (${pattern.source})`,
  );
};

const noMarkupFromText: Rule = ({ path, text }) => {
  if (!/^(?:web|wasm_glue)\//.test(path)) return [];
  return [...MARKUP, /\bdangerouslySetInnerHTML\b/]
    .filter((pattern) => pattern.test(withoutComments(text)))
    .map((pattern) => `${path} turns text into markup (${pattern.source})`);
};

const includes = (text: string): string[] =>
  [...text.matchAll(/^\s*#\s*include\s*([<"][^>"]+[>"])/gm)].map((match) => match[1] ?? '');

const coreStandsAlone: Rule = ({ path, text }) => {
  if (!path.startsWith('core/') || !isC(path)) return [];
  const wrong = includes(text).filter((name) =>
    name.startsWith('<') ? !EXACT_HEADERS.includes(name.slice(1, -1)) : /[/\\]/.test(name),
  );
  return wrong.map((name) => `${path} includes ${name}`);
};

const coreIsPure: Rule = ({ path, text }) => {
  if (!path.startsWith('core/') || !isC(path)) return [];
  const code = withoutComments(text);
  const found = [LIBM, SYSTEM].flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
  const globals = code.split('\n').filter((line) => GLOBAL.test(line) && !/^typedef/.test(line));
  return [
    ...found.map((call) => `${path} calls ${call})`),
    ...globals.map((line) => `${path} has a global: ${line}`),
  ];
};

const glueSeesThePublicHeader: Rule = ({ path, text }) => {
  if (!path.startsWith('wasm_glue/') || !isC(path)) return [];
  return includes(text)
    .filter((name) => name.startsWith('"') && name !== '"cnn.h"')
    .map((name) => `${path} includes ${name}: only cnn.h is public`);
};

/** Addresses of one machine or of a package registry have no place in a file that travels. */
const LOCAL_TRACES = [
  /(?<![\w.~$}-])\/(?:work|root|home\/\w+|Users\/\w+)\//,
  /(?<![\w.$}-])\/tmp\/\w/,
  /\b[A-Z]:\\Users\\/,
  /https?:\/\/[^\s"'<>)]*(?:registry|artifactory|nexus|verdaccio|npmjs|mirror)/i,
  /"resolved":\s*"http/,
];

const noLocalTraces: Rule = ({ path, text }) => {
  if (path.startsWith('tests/architecture/')) return [];
  return LOCAL_TRACES.flatMap((pattern) => {
    const at = pattern.exec(text);
    return at ? [`${path} names a machine or a registry: ${at[0]}`] : [];
  });
};

/** What reads the sets that ship: canvases give changed pixels in browsers that hide who reads. */
const SHIPPED_READERS = /^web\/data\/(?:shipped|shipped_sets|packed|prepare|source|split)\.ts$/;
const CANVAS = /\b(?:canvas|Canvas|getContext|getImageData|createImageBitmap|ImageData|Image)\b/;

const shippedSetsAvoidCanvas: Rule = ({ path, text }) => {
  if (!SHIPPED_READERS.test(path)) return [];
  const at = CANVAS.exec(withoutComments(text));
  return at ? [`${path} reads pictures through the browser: ${at[0]}`] : [];
};

const RULES: readonly Rule[] = [
  shippedSetsAvoidCanvas,
  importDirection,
  pageHasNoBuild,
  pageHasNoPointers,
  noMarkupFromText,
  coreStandsAlone,
  coreIsPure,
  glueSeesThePublicHeader,
  noLocalTraces,
];

/** What one file breaks. */
export function violationsOf(file: SourceFile): string[] {
  return RULES.flatMap((rule) => rule(file));
}
