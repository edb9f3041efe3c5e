// npm run format: writes every file in the house style (Biome, clang-format).
import { cFiles } from './files.mjs';
import { packageScript, runOrStop } from './run.mjs';
import { setUp } from './setup.mjs';

await setUp('lint');
await runOrStop(process.execPath, [
  packageScript('@biomejs/biome/bin/biome'),
  'check',
  '--write',
  '.',
]);
await runOrStop('clang-format', ['-i', ...cFiles()]);
