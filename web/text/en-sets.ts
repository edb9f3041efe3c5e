// Words about the sets of pictures that ship with the page: names, where they come from, what to
// watch out for. Sentences of at most 20 words. Part of the catalogue in en.ts.

export const setsText = {
  fashion: {
    title: 'Clothes (Fashion-MNIST)',
    credit: 'Fashion-MNIST, © 2017 Zalando SE, MIT licence.',
    /** Of every set: by the label in the published files. */
    classes: [
      'T-shirt',
      'Trousers',
      'Pullover',
      'Dress',
      'Coat',
      'Sandal',
      'Shirt',
      'Sneaker',
      'Bag',
      'Ankle boot',
    ],
    what: 'Grey shop photos of clothes, 28 × 28 pixels, 10 kinds. Per kind 500 to learn from and 100 for the test.',
    source: 'github.com/zalandoresearch/fashion-mnist',
    licence: 'MIT, © 2017 Zalando SE',
    split: 'The official halves of Fashion-MNIST. No picture stands in both.',
    traps: [
      'Pullover, coat and shirt look alike. They come last, so the last kinds are the hardest.',
      'Some published labels are doubtful, so no network gets all of them right.',
    ],
  },
  glyphs: {
    title: 'Letters and digits (62 kinds)',
    credit: '189 free fonts: OFL, Apache and Bitstream Vera licences.',
    classes: [...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'],
    what: 'Characters drawn from 189 fonts, 64 × 64 pixels, 62 kinds. Per kind 135 to learn from and 54 for the test.',
    source: 'Drawn for this page; the licence below names the fonts.',
    licence: 'OFL 1.1, Apache 2.0 and Bitstream Vera, font by font',
    split: 'No font family, copy of a family or identical picture stands in both halves.',
    traps: [
      'O, o and 0, or l, I and 1, can look the same. In one font l and I are one picture.',
      'c, o, s, v, w, x and z differ from their capitals mainly in size.',
      'Bold and italic of a font can repeat a picture within one half.',
      'One font draws its characters inside the frame of a key.',
      'Digits come first, then capitals: more kinds also bring more look-alikes.',
    ],
  },
  photos: {
    title: 'Surfaces (photographs)',
    credit: 'Brick, grass and gravel from scikit-image, CC0.',
    classes: ['Brick', 'Grass', 'Gravel'],
    what: 'Patches of 64 × 64 pixels cut from three photographs. Per kind 200 to learn from and 80 for the test.',
    source: 'scikit-image.org (its sample pictures brick, grass and gravel)',
    licence: 'CC0 1.0, public domain',
    split:
      'Training patches come from the left of each photo, test patches from the right, 64 pixels apart.',
    traps: [
      'One photo per kind: the network learns this wall, not brick in general.',
      'Patches of one half overlap, so 200 of them hold less than 200 photos would.',
      'Gravel is a little brighter, so brightness alone beats guessing.',
      'Shrinking averages the fine grain away.',
    ],
  },
  digits: {
    title: 'Small digits (8 × 8)',
    credit: 'Optical digits by E. Alpaydin and C. Kaynak, CC BY 4.0.',
    classes: [...'0123456789'],
    what: 'Scans of handwritten digits, 8 × 8 pixels, 10 kinds. In all 1,438 to learn from and 359 for the test.',
    source: 'doi.org/10.24432/C50P49 (UCI repository), as in scikit-learn',
    licence: 'CC BY 4.0, E. Alpaydin and C. Kaynak; stretched to 256 greys and divided here',
    split: 'Every fifth picture is for the test. No picture stands in both halves.',
    traps: [
      'The same 13 people wrote both halves, so the test is easier than new handwriting.',
      'Some digits have only 21 test pictures, so their scores jump.',
      'Above 8 × 8 nothing new is seen; the pixels only grow.',
    ],
  },

  about: 'About this data',
  heads: { what: 'What', source: 'Source', licence: 'Licence', split: 'Halves', kinds: 'Kinds' },
  traps: 'Known traps',
  fullLicence: 'Licence in full',
  mnist:
    'Bigger digits: the folder mnist10k beside the page file holds 10,000 of MNIST (CC BY-SA 3.0). Choose “Your pictures”, then all four .gz files.',

  missing:
    'This page file is the slim one: it has no real pictures inside. Choose a scene or your own pictures, or get the full page file.',
  useScenes: 'Use scenes',
  useOwn: 'Use your own pictures',
  damaged: (what: string) => `${what}: the packed data are damaged. Get the page file again.`,
} as const;
