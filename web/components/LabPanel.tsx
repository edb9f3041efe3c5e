// The lab view: loss, every step of both networks with its shape and weights, memory, seconds, luck
// and run code.

import type { Plan } from '../../wasm_glue/protocol';
import { gapSentence } from '../lesson/verdict';
import { isReal } from '../settings/limits';
import { channelsOf } from '../settings/spec';
import type { Settings } from '../settings/table';
import { armOf, outcomeOf } from '../state/judge';
import { type Facts, facts } from '../state/preview';
import { current, type RunView } from '../state/runs';
import { type Side, settingsOf } from '../state/store';
import { text } from '../text/en';
import { formatBytes, formatCount, formatSize } from '../text/format';
import { LossChart } from './RunChart';

interface Layer {
  name: string;
  shape: string;
  weights: number;
}

function layers(s: Settings, plan: Plan): Layer[] {
  const t = text.network;
  const cube = (side: number, depth: number) => `${formatSize(side)} × ${depth}`;
  const ending = { flatten: t.flatten, global_max: t.global_max, global_average: t.global_average };
  const pooled = s.pooling === 'max2';
  return [
    { name: t.input, shape: cube(s.size, channelsOf(s)), weights: 0 },
    { name: t.conv, shape: cube(plan.convSide, s.filters), weights: plan.convParameters },
    ...(pooled ? [{ name: t.pool, shape: cube(plan.poolSide, s.filters), weights: 0 }] : []),
    { name: ending[s.ending], shape: formatCount(plan.features), weights: 0 },
    { name: t.dense, shape: formatCount(plan.outputs), weights: plan.headParameters },
  ];
}

function Ladder({ side, plan, own }: { side: Side; plan: Plan; own: Facts }) {
  const t = text.network;
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
        {layers(own.settings, plan).map(({ name, shape, weights }) => (
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

function LabSide({ side }: { side: Side }) {
  const own = facts[side].value;
  const run = current.value;
  const view = (side === 'a' ? run?.a.value : run?.b?.value) ?? null;
  if (own === null) return null;
  return (
    <div class="lab-side">
      {own.plan !== null && <Ladder side={side} plan={own.plan} own={own} />}
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
