// A training fixture's optimiser as the core's settings. Files describe it by numbers and by a
// formula in words; what stays unclear is refused by name, never guessed.
import type { NetworkConfig } from '../../wasm_glue/protocol';
import { type Options, UnsupportedFixture } from './fixture_layers';

const NAMES: Record<string, string> = {
  learningrate: 'lr',
  rate: 'lr',
  eta: 'lr',
  b1: 'beta1',
  b2: 'beta2',
  epsilon: 'eps',
  mu: 'momentum',
  wd: 'weightdecay',
  decay: 'weightdecay',
  lambda: 'weightdecay',
  clip: 'clipnorm',
  globalclipnorm: 'clipnorm',
  maxnorm: 'clipnorm',
};
const TEXTS = ['form', 'name', 'type', 'note', 'what', 'order', 'decayform'];
const NUMBERS = ['lr', 'beta1', 'beta2', 'eps', 'momentum', 'weightdecay', 'clipnorm'];

interface Read {
  text: string;
  numbers: Record<string, number>;
  nesterov: boolean;
  decoupled: boolean;
}

function read(run: string, options: Options): Read {
  const numbers: Record<string, number> = {};
  const texts: string[] = [];
  let [nesterov, decoupled] = [false, false];
  for (const [key, value] of Object.entries(options)) {
    const bare = key.toLowerCase().replace(/[^a-z0-9]/g, '');
    const name = NAMES[bare] ?? bare;
    if (TEXTS.includes(name)) texts.push(String(value ?? ''));
    else if (name === 'betas' && Array.isArray(value)) {
      Object.assign(numbers, { beta1: Number(value[0]), beta2: Number(value[1]) });
    } else if (name === 'nesterov') nesterov = Boolean(value);
    else if (name === 'decoupled') decoupled = Boolean(value);
    else if (NUMBERS.includes(name)) numbers[name] = Number(value ?? 0);
    else if (value && name !== 'biascorrection') {
      throw new UnsupportedFixture(`optimizer option ${key} = ${value} is not in this model`);
    }
  }
  const text = texts.join(' ');
  decoupled ||= /adam_?w\b|adamw|sgdw|decoupled/i.test(`${run} ${text}`);
  nesterov ||= /nesterov/i.test(`${run} ${text}`);
  return { text, numbers, nesterov, decoupled };
}

/** Which of the two Adams: the formula decides, then the frameworks named in it, then the run's
 *  name, then the epsilon, whose defaults differ (Keras 1e-7, PyTorch 1e-8). */
function adamForm(run: string, text: string, eps: number | undefined) {
  const clues: [RegExp, RegExp, string][] = [
    [/sqrt\(\s*v\s*\)\s*\+|epsilon.?hat/i, /sqrt\(\s*(v_?hat|v\s*\/)/i, text],
    [/keras|tensorflow|\btf\b/i, /torch|tfjs/i, text],
    [/keras|tensorflow|tf/i, /torch/i, run],
    [/^1e-7$/, /^1e-8$/, String(eps)],
  ];
  for (const [hat, torch, where] of clues) {
    const [isHat, isTorch] = [hat.test(where), torch.test(where)];
    if (isHat !== isTorch) return isHat ? ('adam' as const) : ('adam_torch' as const);
  }
  throw new UnsupportedFixture(`run ${run}: the form of Adam is not clear from "${text}"`);
}

/** The core's settings for one run's optimiser, or UnsupportedFixture. */
export function optimiserOf(run: string, options: Options): Partial<NetworkConfig> {
  const { text, numbers, nesterov, decoupled } = read(run, options);
  const { lr, beta1, beta2, eps, momentum, weightdecay = 0, clipnorm = 0 } = numbers;
  const missing = (name: string) => new UnsupportedFixture(`run ${run}: no ${name} is given`);
  if (lr === undefined) throw missing('learning rate');
  if (weightdecay && !decoupled) {
    throw new UnsupportedFixture(
      `run ${run}: a weight decay of ${weightdecay} that is not said to be decoupled`,
    );
  }
  const common = { learning_rate: lr, weight_decay: weightdecay, clip_norm: clipnorm };
  const words = `${run} ${text}`;
  if (beta1 !== undefined || /adam/i.test(words)) {
    if (beta1 === undefined || beta2 === undefined) throw missing('beta1 or beta2');
    if (eps === undefined) throw missing('epsilon');
    const optimiser = adamForm(run, text, eps);
    return { ...common, optimiser, beta1, beta2, epsilon: eps };
  }
  if (momentum !== undefined || /sgd|momentum/i.test(words)) {
    const own = { momentum: momentum ?? 0, nesterov: nesterov ? (1 as const) : (0 as const) };
    return { ...common, optimiser: 'sgd', ...own };
  }
  throw new UnsupportedFixture(`run ${run}: its optimiser is not in this model ("${text}")`);
}
