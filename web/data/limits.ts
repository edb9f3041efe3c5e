// Every limit on pictures and archives that come from outside, in one place. They protect the page
// from files that are large by accident or hostile by design; each is far above a school project.

const MIB = 1024 * 1024;

export const limits = {
  /** Pictures in one collection, all kinds together. */
  pictures: 10_000,
  /** Files looked at in one drop, pictures or not; a dropped home folder must not hang the page. */
  files: 20_000,
  /** Folder depth followed in a drop; guards against links that lead back up. */
  folderDepth: 12,
  /** Bytes of one picture file, or of one table of pictures. */
  fileBytes: 64 * MIB,
  /** Width times height of one picture: 64 megapixels decode to 256 MiB of RGBA. */
  pixels: 64_000_000,
  /** Longer side over shorter side; a thinner strip has nothing to say once cropped square. */
  sideRatio: 200,
  /** Bytes within which a picture's width and height must stand. */
  headerBytes: 1 * MIB,

  /** Bytes of a .zip as it lies on disk. */
  zipBytes: 256 * MIB,
  /** Files in one .zip, folders not counted. */
  zipEntries: 5_000,
  /** Bytes of one .zip's list of files; the most that is read of it at once. */
  zipDirectoryBytes: 16 * MIB,
  /** Bytes that one .zip may unpack to, counted as they come out, whatever its headers say. */
  zipUnpackedBytes: 256 * MIB,
  /** Unpacked over packed size; deflate itself can reach 1,032. */
  zipRatio: 200,
  /** The ratio counts only past this many unpacked bytes: a small blank bitmap packs very well. */
  zipRatioFreeBytes: 4 * MIB,
  /** Packed bytes unpacked at once, fewer where the most that can come out would pass a limit. */
  zipPushBytes: 16 * 1024,
  /** The fewest: 1.5 MiB come out at most, so an archive is stopped within 1.5 times any limit. */
  zipLeastPushBytes: 1536,

  /** Kinds in one collection: labels are one byte, and the core takes 2..255. */
  minClasses: 2,
  maxClasses: 255,
  /** Pictures a kind needs: one to learn from and one to test with. */
  minPerClass: 2,
  /** Characters of a kind's name that are kept. */
  nameLength: 60,

  /** The core's largest input side for its area average. */
  resizeSide: 4096,
  /** Decoded pictures kept in memory. */
  cacheBytes: 256 * MIB,
  /** Bytes that one shipped, gzipped file may unpack to. */
  setBytes: 64 * MIB,
  /** Bytes of one prepared set (train and test) that is handed to a run. */
  preparedBytes: 512 * MIB,
} as const;

/** Limits as data, so that a test can pass smaller ones. */
export type Limits = { readonly [name in keyof typeof limits]: number };
