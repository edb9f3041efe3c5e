// npm start: builds the page and serves it until Ctrl+C.
import { join } from 'node:path';
import { buildAll } from './build.mjs';
import { ROOT } from './run.mjs';
import { serve } from './serve.mjs';

const FIRST_PORT = 4173;

await buildAll();
const { address } = await serve(join(ROOT, 'dist'), FIRST_PORT);
console.log(`\nThe page is at ${address} (Ctrl+C ends it).`);
console.log('The same page works without this server: open dist/index.html by double click.');
