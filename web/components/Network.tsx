// Column 2: the way of the numbers through the network, and how many weights that takes. The bar
// compares the weights of A and B on one scale.

import type { Plan } from '../../wasm_glue/protocol';
import { channelsOf } from '../settings/spec';
import type { Settings } from '../settings/table';
import { type Facts, facts } from '../state/preview';
import type { Side } from '../state/store';
import { text } from '../text/en';
import { formatBytes, formatCount, formatSeconds } from '../text/format';
import './network.css';

interface Rung {
  /** What stands there. */
  main: string;
  name: string;
}

export function rungs(s: Settings, plan: Plan): Rung[] {
  const t = text.network;
  const input = s.size * s.size * channelsOf(s);
  const rung = (value: number, name: string): Rung => ({ main: formatCount(value), name });
  return [
    rung(input, t.numbersWord),
    // Without blocks the answers are read from the pixels: one number each.
    ...(s.blocks === 0
      ? []
      : [
          rung(s.blocks === 1 ? s.filters : s.laterFilters, t.filtersWord),
          rung(plan.features, t.endingShort[s.ending]),
        ]),
    ...(s.hidden === 0 ? [] : [rung(s.hidden, t.hiddenWord)]),
    rung(s.kinds, t.kindsWord),
  ];
}

function needs(f: Facts): string {
  const memory = formatBytes(f.bytes);
  if (f.seconds === null) return text.network.needsMemory(memory);
  return text.network.needs(formatSeconds(f.seconds), memory);
}

export function Network({ side }: { side: Side }) {
  const own = facts[side].value;
  if (own === null) return null;
  const { settings: s, plan, train } = own;
  const letter = text.row[side];
  const most = Math.max(facts.a.value.plan?.parameters ?? 1, facts.b.value?.plan?.parameters ?? 1);
  return (
    <section class={`network network-${side}`} aria-label={text.row.network(letter)}>
      {plan === null ? null : (
        <>
          <ol class="rungs">
            {rungs(s, plan).map(({ main, name }) => (
              <li key={name}>
                <span class="rung-main">{main}</span>
                <span class="rung-name">{name}</span>
              </li>
            ))}
          </ol>
          <div class="weights">
            <span class="weights-bar" aria-hidden="true">
              <span style={{ width: `${Math.max(0.6, (100 * plan.parameters) / most)}%` }} />
            </span>
            <p>
              <span class="weights-sum">
                {text.network.sum(
                  formatCount(plan.convParameters),
                  formatCount(plan.headParameters),
                )}
              </span>{' '}
              <strong>{text.network.weights(formatCount(plan.parameters))}</strong>
            </p>
            <p class="needs">
              {text.network.weightsPerPicture(formatCount(Math.round(plan.parameters / train)))}
              <br />
              {needs(own)}
            </p>
          </div>
        </>
      )}
    </section>
  );
}
