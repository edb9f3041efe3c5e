// Applies the texts of mutations.mjs.
export { MUTATIONS } from './mutations.mjs';

/** How often a text stands in another. @param {string} text @param {string} part */
export function countOf(text, part) {
  return text.split(part).length - 1;
}

/**
 * The changed files by name. Throws where a text is not found exactly once.
 * @param {import('./mutations.mjs').Edit[]} edits @param {(file: string) => string} read
 * @returns {Map<string, string>}
 */
export function applyEdits(edits, read) {
  const changed = new Map();
  for (const { file, find, replace } of edits) {
    const text = changed.get(file) ?? read(file);
    const found = countOf(text, find);
    if (found !== 1) throw new Error(`${file} has "${find}" ${found} times, not once`);
    changed.set(
      file,
      text.replace(find, () => replace),
    );
  }
  return changed;
}
