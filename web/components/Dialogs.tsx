// The windows that can be open, one at a time.
import { PRESETS } from '../presets';
import type { PresetId } from '../presets-ids';
import { choosePreset, openWindow, resetEverything } from '../state/page';
import { secondsOfPreset } from '../state/preview';
import { glossary, presetsText, text } from '../text/en';
import { formatSeconds } from '../text/format';
import { Dialog } from './Dialog';

function Experiment({ id }: { id: PresetId }) {
  const seconds = secondsOfPreset(id);
  const { name, about } = presetsText[id];
  return (
    <li>
      <button type="button" class="experiment" onClick={() => choosePreset(id)}>
        <span class="experiment-time">
          {seconds === null ? text.run.unknown : formatSeconds(seconds)}
        </span>
        <strong>{name}</strong>
        <span class="experiment-about">{about}</span>
      </button>
    </li>
  );
}

function Experiments() {
  const ids = PRESETS.map((preset) => preset.id);
  const original = ids.filter((id) => id.startsWith('experiment'));
  const lesson = ids.filter((id) => !id.startsWith('experiment'));
  return (
    <Dialog title={text.experiments.title}>
      <p>{text.experiments.lead}</p>
      <h3>{text.experiments.lesson}</h3>
      <ul class="experiment-list">
        {lesson.map((id) => (
          <Experiment key={id} id={id} />
        ))}
      </ul>
      <h3>{text.experiments.seed}</h3>
      <ul class="experiment-list">
        {original.map((id) => (
          <Experiment key={id} id={id} />
        ))}
      </ul>
    </Dialog>
  );
}

function Help() {
  return (
    <Dialog title={text.help.title}>
      <p>{text.help.lead}</p>
      <h3>{text.help.keys}</h3>
      <table class="keys">
        <tbody>
          {text.help.rows.map(([key, does]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{text.help.words}</h3>
      <dl class="words">
        {glossary.map(({ word, meaning }) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

function Reset() {
  return (
    <Dialog title={text.header.reset}>
      <p>{text.header.resetAsk}</p>
      <div class="buttons">
        <button type="button" class="primary" onClick={resetEverything}>
          {text.header.resetYes}
        </button>
        <button
          type="button"
          onClick={() => {
            openWindow.value = null;
          }}
        >
          {text.header.resetNo}
        </button>
      </div>
    </Dialog>
  );
}

export function Dialogs() {
  switch (openWindow.value) {
    case 'experiments':
      return <Experiments />;
    case 'help':
      return <Help />;
    case 'reset':
      return <Reset />;
    case 'more':
    case null:
      return null;
    default:
      return openWindow.value satisfies never;
  }
}
