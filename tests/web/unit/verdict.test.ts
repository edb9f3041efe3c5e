// Every kind of verdict, word for word where the lesson fixes the words, and for all of them the
// rules of wording: whole percents, no claims beyond the interval, no long sentences.

import { describe, expect, it } from 'vitest';
import type { Arm, Difference, SeedOutcome, VerdictInput } from '../../../web/lesson/verdict';
import { gapSentence, verdict } from '../../../web/lesson/verdict';

/** One finished seed: right answers of 200 seen and 500 new pictures. */
function seed(number: number, train: number, test: number, counts = [200, 500]): SeedOutcome {
  return {
    kind: 'finished',
    seed: number,
    train: { correct: train, count: counts[0] ?? 200 },
    test: { correct: test, count: counts[1] ?? 500 },
  };
}

const ball: Arm = {
  resolution: 24,
  classes: 5,
  perClass: 40,
  trainCount: 200,
  head: 'flatten',
  parameters: 9845,
  epochs: 30,
  batch: 32,
  learningRate: 0.001,
  chance: 0.2,
  outcomes: [seed(1, 200, 488)],
};
const big: Arm = { ...ball, resolution: 48, parameters: 42485, outcomes: [seed(1, 200, 348)] };
const bySize: Difference[] = [{ kind: 'resolution' }];

function input(a: Arm, b: Arm, more: Partial<VerdictInput> = {}): VerdictInput {
  return { a, b, differences: bySize, guess: null, source: 'scene', ...more };
}

/** All sentences of a verdict in one string. */
function allWords(of: VerdictInput): string {
  const v = verdict(of);
  return [v.sentence, ...v.details, v.changed, v.guessLine].filter(Boolean).join(' ');
}

describe('the default pair, one seed', () => {
  const v = verdict(input(ball, big, { guess: 'B' }));

  it('says the lesson sentence word for word', () => {
    expect(v.kind).toBe('worse');
    expect(v.sentence).toBe(
      'In this run four times the pixels made it worse: 98% → 70% of 500 new pictures.',
    );
    expect(v.details[0]).toBe(
      'Both networks know their 200 training pictures by heart (100% and 100%), but the bigger one learned less that carries over.',
    );
    expect(v.details[1]).toBe(
      'Allowing for the luck of the test pictures, the difference is 24 to 32 points.',
    );
    expect(v.changed).toBe('Only the picture size differs.');
    expect(v.guessLine).toBe('Your guess: 48 × 48. This run: 24 × 24.');
    expect(v.badges).toEqual(['by-heart']);
  });

  it('carries the Newcombe interval of B minus A', () => {
    expect(v.interval).toMatchObject({ unit: 'score', method: 'newcombe', seeds: 1 });
    expect(v.interval?.estimate).toBeCloseTo(-0.28, 12);
    expect(v.interval?.low).toBeCloseTo(-0.3229, 3);
    expect(v.interval?.high).toBeCloseTo(-0.2374, 3);
  });

  it('leaves out "by heart" when one network knows less than 99 %', () => {
    const less = { ...big, outcomes: [seed(1, 197, 348)] };
    const w = verdict(input(ball, less));
    expect(w.badges).toEqual([]);
    expect(w.details.join(' ')).not.toContain('by heart');
    const just = { ...big, outcomes: [seed(1, 198, 348)] };
    expect(verdict(input(ball, just)).badges).toEqual(['by-heart']);
  });
});

describe('one run, every outcome', () => {
  it('above', () => {
    const small = { ...ball, resolution: 12, parameters: 2165, outcomes: [seed(1, 188, 385)] };
    const v = verdict(input(small, ball, { guess: 'same' }));
    expect(v.kind).toBe('better');
    expect(v.sentence).toBe(
      'In this run four times the pixels helped: 77% → 98% of 500 new pictures.',
    );
    expect(v.guessLine).toBe('Your guess: about the same. This run: 24 × 24.');
  });

  it('across zero, with the margin that luck can make', () => {
    const near = { ...big, outcomes: [seed(1, 200, 481)] };
    const v = verdict(input(ball, near, { guess: 'same' }));
    expect(v.kind).toBe('same');
    expect(v.sentence).toBe(
      'In this run we see no difference: 98% and 96%. With 500 test pictures, differences under about 3 points can be luck.',
    );
    expect(v.guessLine).toBe('Your guess: about the same. This run: no difference seen.');
    expect(v.details).toEqual([]);
  });

  it('both inside the guessing band', () => {
    const a = { ...ball, outcomes: [seed(1, 200, 110)] };
    const b = { ...big, outcomes: [seed(1, 200, 118)] };
    const v = verdict(input(a, b, { guess: 'A' }));
    expect(v.kind).toBe('guessing');
    expect(v.sentence).toBe(
      'In this run neither network beats guessing (20%). Try more pictures per kind or less noise.',
    );
    expect(v.guessLine).toBe('Your guess: 24 × 24. This run: neither beats guessing.');
    expect(v.badges).toEqual(['a-guessing', 'b-guessing']);
    // One right answer more is outside the band: 118 of 500 is the 97.5 % quantile.
    const c = { ...big, outcomes: [seed(1, 200, 119)] };
    expect(verdict(input(a, c)).kind).not.toBe('guessing');
  });

  it('advice follows where the pictures come from', () => {
    const a = { ...ball, outcomes: [seed(1, 200, 100)] };
    const b = { ...big, outcomes: [seed(1, 200, 100)] };
    expect(verdict(input(a, b, { source: 'pictures' })).sentence).toBe(
      'In this run neither network beats guessing (20%). Try more pictures per kind.',
    );
    const random = verdict(input(a, b, { source: 'random' }));
    expect(random.sentence).toBe(
      'In this run neither network beats guessing (20%). The labels are random, so nothing carries over to new pictures.',
    );
    expect(random.details).toEqual([
      'Both networks know their 200 training labels by heart (100% and 100%), and can do nothing with them.',
    ]);
  });

  it('names the one network that is inside the band', () => {
    const b = { ...big, outcomes: [seed(1, 200, 105)] };
    const v = verdict(input(ball, b));
    expect(v.kind).toBe('worse');
    expect(v.details).toContain('Network B is not distinguishable from guessing (20%).');
    expect(v.badges).toContain('b-guessing');
    const w = verdict(input(b, ball));
    expect(w.details).toContain('Network A is not distinguishable from guessing (20%).');
  });

  it('stopped, with cause and remedy', () => {
    const broken: Arm = {
      ...big,
      learningRate: 10,
      outcomes: [{ kind: 'stopped', seed: 1, epoch: 3 }],
    };
    const v = verdict(input(ball, broken, { guess: 'B' }));
    expect(v.kind).toBe('stopped');
    expect(v.sentence).toBe(
      'Network B stopped in round (epoch) 3: its numbers ran away. Most likely cause: learning rate 10. Nothing is lost; try 1.',
    );
    expect(v.guessLine).toBe('Your guess: 48 × 48. This run: no result.');
    expect(v.interval).toBeNull();
    expect(verdict(input({ ...broken, learningRate: 0.05 }, ball)).sentence).toBe(
      'Network A stopped in round (epoch) 3: its numbers ran away. Most likely cause: learning rate 0.05. Nothing is lost; try 0.005.',
    );
    expect(verdict(input(broken, broken)).sentence).toBe(
      'Both networks stopped, A in round (epoch) 3 and B in 3: their numbers ran away. Most likely cause: learning rate 10. Nothing is lost; try 1.',
    );
  });

  it('shares under one percent are "under 1%"', () => {
    const many = { ...ball, classes: 200, chance: 0.005, trainCount: 8000 };
    const v = verdict(
      input(
        { ...many, outcomes: [seed(1, 7000, 3, [8000, 500])] },
        { ...many, resolution: 48, outcomes: [seed(1, 7000, 4, [8000, 500])] },
      ),
    );
    expect(v.sentence).toContain('guessing (under 1%)');
  });
});

describe('one network', () => {
  it('tells both scores and the gap with its interval in words', () => {
    const v = verdict({ a: big, differences: [], guess: null, source: 'scene' });
    expect(v.kind).toBe('single');
    expect(v.sentence).toBe(
      'In this run the network gets 70% of 500 new pictures right, and 100% of the 200 it has seen.',
    );
    expect(v.details).toEqual([
      'The gap between seen and new pictures is 30 points; allowing for luck, 26 to 35 points.',
    ]);
    expect(v.interval).toMatchObject({ unit: 'gap', method: 'newcombe' });
    expect(v.changed).toBeNull();
    expect(v.guessLine).toBeNull();
  });

  it('warns that a small gap is not a good model', () => {
    const low = { ...big, head: 'global_average' as const, outcomes: [seed(1, 96, 237)] };
    const v = verdict({ a: low, differences: [], guess: null, source: 'scene' });
    expect(v.details.at(-1)).toBe('A small gap is not a good model: both scores are low.');
    expect(v.badges).toEqual(['small-gap-low']);
    const good = { ...big, outcomes: [seed(1, 200, 495)] };
    expect(verdict({ a: good, differences: [], guess: null, source: 'scene' }).badges).toEqual([]);
    // Low scores with a wide gap are another matter.
    const wide = { ...big, outcomes: [seed(1, 120, 200)] };
    expect(verdict({ a: wide, differences: [], guess: null, source: 'scene' }).badges).toEqual([]);
    // A pair names the network.
    expect(verdict(input(ball, low)).details).toContain(
      'A small gap is not a good model: both scores of network B are low.',
    );
  });

  it('inside the band, with and without random labels', () => {
    const lost = { ...big, outcomes: [seed(1, 200, 100)] };
    const v = verdict({ a: lost, differences: [], guess: null, source: 'random' });
    expect(v.kind).toBe('guessing');
    expect(v.sentence).toContain('In this run the network does not beat guessing (20%).');
    expect(v.details).toEqual([
      'It knows its 200 training labels by heart (100%), and can do nothing with them.',
    ]);
    expect(verdict({ a: lost, differences: [], guess: null, source: 'scene' }).details).toEqual([]);
  });

  it('stopped', () => {
    const broken: Arm = { ...big, outcomes: [{ kind: 'stopped', seed: 1, epoch: 12 }] };
    expect(verdict({ a: broken, differences: [], guess: null, source: 'scene' }).sentence).toBe(
      'The network stopped in round (epoch) 12: its numbers ran away. Most likely cause: learning rate 0.001. Nothing is lost; try 0.0001.',
    );
  });

  it('several seeds speak of an average', () => {
    const runs = { ...big, outcomes: [350, 355, 325, 375, 330].map((n, i) => seed(i, 200, n)) };
    const v = verdict({ a: runs, differences: [], guess: null, source: 'scene' });
    expect(v.sentence).toBe(
      'In 5 runs the network averages 69% of 500 new pictures, and 100% of the 200 it has seen.',
    );
    expect(v.interval).toMatchObject({ method: 't', seeds: 5 });
  });
});

describe('gapSentence', () => {
  it.each<[number, number, string]>([
    [
      200,
      348,
      'The gap between seen and new pictures is 30 points; allowing for luck, 26 to 35 points.',
    ],
    [
      138,
      457,
      'New pictures score higher than seen ones: the gap is below zero, by 16 to 29 points.',
    ],
    [160, 395, 'The gap between seen and new pictures is 1 point, which can be luck.'],
    [160, 400, 'There is no gap between seen and new pictures.'],
  ])('%i of 200 seen, %i of 500 new', (train, test, words) => {
    expect(gapSentence({ ...ball, outcomes: [seed(1, train, test)] })).toBe(words);
  });
});

describe('three seeds and more', () => {
  const small = [485, 480, 490, 495, 490];
  const large = [350, 355, 325, 375, 330];
  const runs = (arm: Arm, tests: number[]): Arm => ({
    ...arm,
    outcomes: tests.map((n, i) => seed(i + 1, 200, n)),
  });

  it('uses the paired t interval and counts the runs', () => {
    const v = verdict(input(runs(ball, small), runs(big, large), { guess: 'A' }));
    expect(v.sentence).toBe(
      'In 5 of 5 runs four times the pixels made it worse: on average 98% → 69% of 500 new pictures.',
    );
    expect(v.details).toContain(
      'Allowing for the luck of the runs, the difference is 23 to 33 points.',
    );
    expect(v.interval).toMatchObject({ method: 'paired t', seeds: 5 });
    // 97 96 98 99 98 against 70 71 65 75 66: -28.2 with t(4) = 2.776.
    expect(v.interval?.low).toBeCloseTo(-0.3327, 3);
    expect(v.interval?.high).toBeCloseTo(-0.2313, 3);
    expect(v.guessLine).toBe('Your guess: 24 × 24. These 5 runs: 24 × 24.');
  });

  it('counts only the runs that agree', () => {
    const v = verdict(
      input(runs(ball, [400, 410, 405, 400, 395]), runs(big, [340, 345, 350, 330, 396])),
    );
    expect(v.kind).toBe('worse');
    expect(v.sentence).toContain('In 4 of 5 runs');
  });

  it('across zero speaks of the runs', () => {
    const v = verdict(input(runs(ball, [400, 410, 390]), runs(big, [405, 400, 395])));
    expect(v.kind).toBe('same');
    expect(v.sentence).toBe(
      'In 3 runs we see no difference: 80% and 80% on average. With 3 runs, differences under about 5 points can be luck.',
    );
  });

  it('pairs by seed, whatever the order, and leaves out a seed that only one arm has', () => {
    const a = runs(ball, small);
    const b = runs(big, large);
    const mixed = { ...b, outcomes: [...b.outcomes].reverse() };
    expect(verdict(input(a, mixed))).toEqual(verdict(input(a, b)));
    const fewer = { ...b, outcomes: b.outcomes.slice(0, 4) };
    expect(verdict(input(a, fewer)).interval?.seeds).toBe(4);
  });

  it('two seeds are pooled, not put into a t interval', () => {
    const v = verdict(input(runs(ball, small.slice(0, 2)), runs(big, large.slice(0, 2))));
    expect(v.interval).toMatchObject({ method: 'newcombe', seeds: 2 });
    expect(v.sentence).toBe(
      'In these 2 runs four times the pixels made it worse: on average 97% → 71% of 500 new pictures.',
    );
  });

  it('guessing in all runs', () => {
    const v = verdict(input(runs(ball, [100, 104, 95]), runs(big, [110, 90, 99])));
    expect(v.sentence).toContain('In 3 runs neither network beats guessing (20%).');
  });

  it('says in how many runs the numbers ran away', () => {
    const a = runs(ball, small);
    const b = runs(big, large);
    const broken = {
      ...b,
      outcomes: [...b.outcomes.slice(0, 4), { kind: 'stopped', seed: 5, epoch: 2 } as const],
    };
    const v = verdict(input(a, broken));
    expect(v.kind).toBe('stopped');
    expect(v.details).toContain('This happened in 1 of 5 runs.');
  });

  it('does not call a difference that whole percents cannot show', () => {
    const v = verdict(input(runs(ball, [400, 410, 390]), runs(big, [401, 411, 391])));
    expect(v.kind).toBe('same');
  });
});

describe('any factor', () => {
  const head = {
    ...big,
    head: 'global_max' as const,
    parameters: 245,
    outcomes: [seed(1, 200, 500)],
  };
  const more = {
    ...big,
    perClass: 160,
    trainCount: 800,
    epochs: 10,
    outcomes: [seed(1, 800, 489, [800, 500])],
  };

  it('the ending', () => {
    const v = verdict(input(big, head, { differences: [{ kind: 'head' }], guess: 'A' }));
    expect(v.sentence).toBe(
      'In this run the global max ending helped: 70% → 100% of 500 new pictures.',
    );
    expect(v.details).toContain('It has 245 weights instead of 42,485.');
    expect(v.changed).toBe('Only the ending differs.');
    expect(v.guessLine).toBe('Your guess: Flatten. This run: global max.');
    expect(verdict(input(head, big, { differences: [{ kind: 'head' }] })).sentence).toBe(
      'In this run the Flatten ending made it worse: 100% → 70% of 500 new pictures.',
    );
  });

  it('labelled pictures, with rounds that keep the steps equal', () => {
    const v = verdict(
      input(big, more, { differences: [{ kind: 'perClass' }, { kind: 'epochs' }], guess: 'B' }),
    );
    expect(v.sentence).toBe(
      'In this run four times the labelled pictures helped: 70% → 98% of 500 new pictures.',
    );
    expect(v.changed).toBe(
      'Only the number of labelled pictures per kind differs. The rounds are 30 and 10, so that both take about as many steps: 210 and 250.',
    );
    expect(v.guessLine).toBe('Your guess: 160 per kind. This run: 160 per kind.');
    expect(v.badges).toEqual(['rounds-differ']);
  });

  it('rounds that do not keep the steps equal are a second factor', () => {
    const longer = { ...more, epochs: 30 };
    const v = verdict(
      input({ ...big, epochs: 10 }, longer, {
        differences: [{ kind: 'perClass' }, { kind: 'epochs' }],
      }),
    );
    expect(v.badges).toEqual(['several-differ']);
  });

  it('different numbers of kinds: score above guessing, never raw accuracy', () => {
    const two = { ...ball, classes: 2, perClass: 20, trainCount: 40, chance: 0.5 };
    const many = { ...ball, classes: 32, perClass: 20, trainCount: 640, chance: 1 / 32 };
    const v = verdict(
      input(
        { ...two, outcomes: [seed(1, 40, 490, [40, 500])] },
        { ...many, outcomes: [seed(1, 600, 159, [640, 500])] },
        { differences: [{ kind: 'classes' }], guess: 'A' },
      ),
    );
    expect(v.kind).toBe('worse');
    expect(v.sentence).toBe(
      'In this run 16 times the kinds lowered the score above guessing: 0.96 → 0.30.',
    );
    expect(v.details).toContain('Score above guessing (kappa): 0 is guessing, 1 is perfect.');
    expect(v.details).toContain(
      'Raw scores of 2 and 32 kinds cannot be compared: guessing alone gives 50% and 3%.',
    );
    expect(v.interval?.unit).toBe('kappa');
    expect(v.guessLine).toBe('Your guess: 2 kinds. This run: 2 kinds.');
    expect(v.sentence).not.toContain('%');
    // Raw accuracy falls by 20 points here, kappa does not: no difference may be claimed.
    const flat = verdict(
      input(
        { ...two, outcomes: [seed(1, 40, 414, [40, 500])] },
        { ...many, outcomes: [seed(1, 600, 312, [640, 500])] },
        { differences: [{ kind: 'classes' }] },
      ),
    );
    expect(flat.kind).toBe('same');
    expect(flat.sentence).toBe(
      'In this run we see no difference in the score above guessing: 0.66 and 0.61. With 500 test pictures, differences under about 0.09 can be luck.',
    );
  });

  it.each<[number, number, string]>([
    [16, 24, 'In this run 2.3 times the pixels'],
    [16, 48, 'In this run 9 times the pixels'],
    [64, 256, 'In this run 16 times the pixels'],
    [48, 24, 'In this run a quarter of the pixels'],
    [192, 48, 'In this run 1/16 of the pixels'],
    [48, 32, 'In this run fewer pixels'],
  ])('%i against %i pixels a side', (from, to, opening) => {
    const v = verdict(input({ ...ball, resolution: from }, { ...big, resolution: to }));
    expect(v.sentence.startsWith(`${opening} made it worse: `)).toBe(true);
    const expected = to > from ? 'the bigger one' : 'the smaller one';
    expect(v.details[0]).toContain(`but ${expected} learned less`);
  });

  it('a factor without words of its own', () => {
    const snow: Difference = {
      kind: 'other',
      name: 'the snow (noise)',
      labelA: 'little',
      labelB: 'much',
    };
    const v = verdict(
      input(ball, { ...ball, outcomes: big.outcomes }, { differences: [snow], guess: 'B' }),
    );
    expect(v.sentence).toBe(
      'In this run changing the snow (noise) made it worse: 98% → 70% of 500 new pictures.',
    );
    expect(v.changed).toBe('Only the snow (noise) differs.');
    expect(v.guessLine).toBe('Your guess: much. This run: little.');
    expect(v.details[0]).toContain('but network B learned less');
  });

  it('warns by name when several things differ', () => {
    const v = verdict(
      input(
        ball,
        { ...head, outcomes: big.outcomes },
        {
          differences: [{ kind: 'resolution' }, { kind: 'head' }],
          guess: 'A',
        },
      ),
    );
    expect(v.sentence).toBe('In this run network B scored lower: 98% → 70% of 500 new pictures.');
    expect(v.changed).toBe('Two things differ: the picture size and the ending.');
    expect(v.details.at(-1)).toBe(
      'This comparison cannot say which one did it: the picture size or the ending.',
    );
    expect(v.badges).toContain('several-differ');
    expect(v.guessLine).toBe('Your guess: network A. This run: network A.');
  });

  it('says so when nothing differs', () => {
    const v = verdict(input(ball, ball, { differences: [] }));
    expect(v.changed).toBe('Both networks have the same settings: any difference is luck.');
    expect(v.badges).toEqual(['nothing-differs']);
  });

  it('shows both counts when the test sets differ in size', () => {
    const other = { ...big, outcomes: [seed(1, 200, 336, [200, 480])] };
    expect(verdict(input(ball, other)).sentence).toBe(
      'In this run four times the pixels made it worse: 98% of 500 → 70% of 480 new pictures.',
    );
  });
});

describe('rules that hold for every verdict', () => {
  const scores = [0, 3, 118, 119, 240, 481, 488, 500];
  const arms: Arm[] = scores.flatMap((test) =>
    [60, 200].map((train) => ({ ...ball, outcomes: [seed(1, train, test)] })),
  );
  const differences: Difference[][] = [
    bySize,
    [{ kind: 'head' }],
    [{ kind: 'perClass' }, { kind: 'epochs' }],
    [{ kind: 'resolution' }, { kind: 'head' }],
    [],
  ];
  const inputs: VerdictInput[] = arms.flatMap((a) =>
    arms.flatMap((b) =>
      differences.map((of) =>
        input(a, { ...b, resolution: 48, head: 'global_max' }, { differences: of, guess: 'same' }),
      ),
    ),
  );

  it('never claims too much and never writes a broken number', () => {
    for (const of of inputs) {
      const words = allWords(of);
      expect(words).not.toMatch(/\bguesses\b|prove|bigger is worse|simply|obviously|NaN|undefined/);
      expect(words).not.toMatch(/\d\.\d+%|±|\[|\]/);
      expect(words).not.toMatch(/\bthinks?\b|\bsees\b|\bcheats?\b|\bgreen\b|\bred\b|\bblue\b/);
    }
  });

  it('keeps sentences short', () => {
    for (const of of inputs) {
      for (const sentence of allWords(of).split(/(?<=[.])\s+/)) {
        expect(sentence.split(/\s+/).length, sentence).toBeLessThanOrEqual(21);
      }
    }
  });

  it('agrees with its own interval and turns round with its arms', () => {
    for (const of of inputs) {
      const v = verdict(of);
      if (v.kind === 'worse') expect(v.interval?.high).toBeLessThan(0);
      if (v.kind === 'better') expect(v.interval?.low).toBeGreaterThan(0);
      if (!of.b) continue;
      const turned = verdict({ ...of, a: of.b, b: of.a }).kind;
      const mirror = { worse: 'better', better: 'worse' } as const;
      expect(turned).toBe(v.kind === 'worse' || v.kind === 'better' ? mirror[v.kind] : v.kind);
    }
  });

  it('refuses an arm without outcomes', () => {
    expect(() => verdict(input(ball, { ...big, outcomes: [] }))).toThrow(RangeError);
  });

  it('survives a test set of one kind', () => {
    const one = { ...ball, chance: 1 };
    expect(allWords(input(one, { ...big, chance: 1 }))).toContain('neither network beats guessing');
    const single = { a: one, differences: [], guess: null, source: 'pictures' } as const;
    expect(verdict(single).kind).toBe('guessing');
  });
});
