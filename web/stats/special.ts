// Log gamma and the regularised incomplete beta function, to about 1e-14: enough for exact
// binomial sums and for Student's t at any number of runs. Real positive arguments only.

/** B_2k / (2k (2k-1)), k = 1..5, B_2k the Bernoulli numbers: Stirling's series (DLMF 5.11.1). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188];
/** From here on five terms leave an error below 1e-16. */
const STIRLING_FROM = 16;

/** ln Gamma(x), x > 0: recurrence up to 16, then Stirling's series. */
export function logGamma(x: number): number {
  if (!(x > 0 && Number.isFinite(x))) throw new RangeError(`x must be above 0, got ${x}`);
  let product = 1;
  let at = x;
  while (at < STIRLING_FROM) {
    product *= at;
    at += 1;
  }
  let series = 0;
  let power = 1 / at;
  for (const coefficient of STIRLING) {
    series += coefficient * power;
    power /= at * at;
  }
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/**
 * I_x(a, b), the regularised incomplete beta function, a, b > 0, 0 <= x <= 1, by its continued
 * fraction (DLMF 8.17.22) on the side where it converges fast, the other side by symmetry.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0)) throw new RangeError(`a and b must be above 0, got ${a}, ${b}`);
  if (!(x >= 0 && x <= 1)) throw new RangeError(`x must lie in 0..1, got ${x}`);
  if (x === 0 || x === 1) return x;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const logFront =
    a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  return (Math.exp(logFront) / a) * betaFraction(x, a, b);
}

/** The continued fraction 1/(1 + d1/(1 + d2/(1 + ...))), by Lentz's method as Thompson and Barnett
 * (1986) changed it: c and d are ratios of neighbouring numerators and denominators. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}
