// The lab view: loss, every step of both networks with its shape and weights, memory, seconds, luck
// and run code.

import type { Layer } from '../../wasm_glue/layers';
import type { Plan } from '../../wasm_glue/protocol';
import { gapSentence } from '../lesson/verdict';
import { isReal } from '../settings/limits';
import { channelsOf, networkConfig } from '../settings/spec';
import type { Settings } from '../settings/table';
import { ceilingOf } from '../state/ceiling';
import { core } from '../state/engine';
import { armOf, outcomeOf } from '../state/judge';
import { type Facts, facts } from '../state/preview';
import { current, type RunView } from '../state/runs';
import { type Side, settingsOf } from '../state/store';
import { text } from '../text/en';
import { ceilingText } from '../text/en-chart';
import { formatBytes, formatCount, formatDecimal, formatPercent, formatSize } from '../text/format';
import { LossChart } from './RunChart';

interface Step {
  name: string;
  shape: string;
  weights: number;
}

function nameOf({ kind, block }: Layer, s: Settings): string {
  const t = text.network;
  const numbered = (name: string) => (s.blocks > 1 ? t.ofBlock(name, block) : name);
  switch (kind) {
    case 'input':
      return t.input;
    case 'conv':
      return numbered(t.conv(s.kernel));
    case 'norm':
      return numbered(t.norm);
    case 'pool':
      return numbered(t.pool[s.pooling === 'average2' ? 'average2' : 'max2']);
    case 'head':
      return s.blocks === 0 ? t.pixels : t[s.ending];
    case 'hidden':
      return t.hidden;
    case 'logits':
      return t.dense;
    case 'relu':
    case 'probabilities':
      return '';
    default:
      return kind satisfies never;
  }
}

/** Every layer but those that change no shape. */
function steps(s: Settings, layers: readonly Layer[]): Step[] {
  return layers
    .filter(({ kind }) => kind !== 'relu' && kind !== 'probabilities')
    .map((layer) => ({
      name: nameOf(layer, s),
      shape:
        layer.side > 1 || layer.block > 0 || layer.kind === 'input'
          ? `${formatSize(layer.side)} × ${layer.channels}`
          : formatCount(layer.channels),
      weights: layer.parameters,
    }));
}

function Ladder({ side, plan, own }: { side: Side; plan: Plan; own: Facts }) {
  const t = text.network;
  const layers = core.value?.layers(networkConfig(own.settings)) ?? [];
  return (
    <table class="ladder">
      <caption>{t.caption(text.row[side])}</caption>
      <thead>
        <tr>
          <th scope="col">{t.layer}</th>
          <th scope="col">{t.shape}</th>
          <th scope="col">{t.layerWeights}</th>
        </tr>
      </thead>
      <tbody>
        {steps(own.settings, layers).map(({ name, shape, weights }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{shape}</td>
            <td>{formatCount(weights)}</td>
          </tr>
        ))}
        <tr class="ladder-total">
          <th scope="row">{t.total}</th>
          <td>{t.memoryOf(formatBytes(own.bytes))}</td>
          <td>{formatCount(plan.parameters)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function RunFacts({ view }: { view: RunView }) {
  const { dataLuck, networkLuck } = view.settings;
  const t = text.result;
  const outcome = outcomeOf(view);
  return (
    <p class="run-facts">
      {outcome?.kind === 'finished' && `${gapSentence(armOf(view, [outcome]))} `}
      {text.runs.luckOf(dataLuck, networkLuck)}
      {view.result !== null && (
        <>
          {' · '}
          <span class="runs-code">{t.code(view.result.fingerprint)}</span>
          {isReal(view.settings) && (
            <span class="runs-code"> {t.pictureCode(view.result.dataHash)}</span>
          )}
          {' · '}
          {t.seconds(view.result.dataSeconds.toFixed(1), view.result.trainSeconds.toFixed(1))}
        </>
      )}
    </p>
  );
}

/** What can be known about the scene before anything is trained. */
function CeilingFacts({ settings: s }: { settings: Settings }) {
  const t = ceilingText;
  const known = ceilingOf(s);
  if (known === null) return s.source === 'templates' ? <p class="run-facts">{t.unknown}</p> : null;
  const { best, strength, fewSamples } = known;
  if (strength === null) return <p class="run-facts">{t.guessing(formatPercent(best))}</p>;
  const numbers = formatCount(s.size ** 2 * channelsOf(s));
  return (
    <p class="run-facts">
      {[
        t.strength(formatDecimal(strength), formatSize(s.size)),
        t.best(formatPercent(best)),
        fewSamples === null
          ? ''
          : t.fewSamples(formatPercent(fewSamples), formatCount(s.perKind), numbers),
        s.wrongLabels > 0 ? t.wrongLabels : '',
      ].join(' ')}
    </p>
  );
}

function LabSide({ side }: { side: Side }) {
  const own = facts[side].value;
  const run = current.value;
  const view = (side === 'a' ? run?.a.value : run?.b?.value) ?? null;
  if (own === null) return null;
  return (
    <div class="lab-side">
      {own.plan !== null && <Ladder side={side} plan={own.plan} own={own} />}
      <CeilingFacts settings={own.settings} />
      <LossChart side={side} settings={view?.settings ?? settingsOf(side)} view={view} />
      {view !== null && <RunFacts view={view} />}
    </div>
  );
}

export function LabPanel() {
  return (
    <section class="lab" aria-label={text.change.lab}>
      <LabSide side="a" />
      <LabSide side="b" />
    </section>
  );
}
