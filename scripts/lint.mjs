// npm run lint: every static check. One alone: node scripts/lint.mjs clang-tidy.
import { availableParallelism } from 'node:os';
import { pathToFileURL } from 'node:url';
import { cmakeEnvironment, configure } from './cmake.mjs';
import { cFiles, cSources } from './files.mjs';
import { packageScript, run, stop } from './run.mjs';
import { setUp } from './setup.mjs';

/** Flags for files that no native build compiles (the wasm exports), and for cppcheck. */
const INCLUDES = ['-Icore/include', '-Icore/src', '-Itests/core'];

/** @typedef {(options: import('./run.mjs').RunOptions) => Promise<number>} Check */

/**
 * One clang-tidy a file, as many at a time as there are processors. Its stderr only counts the
 * warnings of system headers.
 * @type {Check}
 */
async function clangTidy(options) {
  const configured = await configure('native-clang', options);
  if (configured !== 0) return configured;
  const queue = cSources();
  let worst = 0;
  const work = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const compiled = !file.startsWith('wasm_glue/');
      const how = compiled ? ['-p', 'build/native-clang'] : [];
      const flags = compiled ? [] : ['--', '-std=c11', ...INCLUDES];
      const code = await run('clang-tidy', ['--quiet', ...how, file, ...flags], {
        ...options,
        quiet: true,
      });
      worst = Math.max(worst, code);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return worst;
}

/**
 * In tests a loop over outputs that never ran, then log(0), is no case worth a guard.
 * @type {Check}
 */
function cppcheck(options) {
  const allowed = ['missingIncludeSystem', 'invalidFunctionArg:tests/*'];
  const enabled = ['--enable=warning,performance,portability', '--error-exitcode=1'];
  const quiet = ['--inline-suppr', '--quiet', '--std=c11'];
  const suppress = allowed.map((name) => `--suppress=${name}`);
  const jobs = ['-j', String(availableParallelism())];
  return run(
    'cppcheck',
    [...enabled, ...quiet, ...suppress, ...jobs, ...INCLUDES, ...cSources()],
    options,
  );
}

/** @type {Record<string, Check>} */
export const CHECKS = {
  biome: (options) => {
    const biome = packageScript('@biomejs/biome/bin/biome');
    return run(process.execPath, [biome, 'check', '--error-on-warnings', '.'], options);
  },
  types: (options) => run(process.execPath, [packageScript('typescript/bin/tsc'), '-b'], options),
  'clang-format': (options) => run('clang-format', ['--dry-run', '--Werror', ...cFiles()], options),
  'clang-tidy': clangTidy,
  cppcheck,
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await setUp('lint');
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !CHECKS[name]);
  if (unknown) stop(`Unknown check ${unknown}: ${Object.keys(CHECKS).join(', ')}.`);
  const failed = [];
  for (const [name, check] of Object.entries(CHECKS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n== ${name}`);
    if ((await check({ env: cmakeEnvironment() })) !== 0) failed.push(name);
  }
  if (failed.length > 0) stop(`Not clean: ${failed.join(', ')}.`);
  console.log('\nClean.');
}
