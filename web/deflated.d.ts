/** A file deflated, in base64 (web/build/deflate.ts). */
declare module '*?deflated' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: what a bundler's import of a file gives
  export default text;
}
