// The networks of both runs: beside their pictures on wide screens, a closed section on phones.
import { insideOpen } from '../state/page';
import { settingsB } from '../state/store';
import { text } from '../text/en';
import { Network } from './Network';

export function Inside() {
  const open = insideOpen.value;
  return (
    <div class={`inside ${open ? 'open' : ''}`}>
      <button
        type="button"
        class="section-toggle phone-only"
        aria-expanded={open}
        onClick={() => {
          insideOpen.value = !open;
        }}
      >
        {text.network.inside}
      </button>
      <Network side="a" />
      {settingsB.value !== null && <Network side="b" />}
    </div>
  );
}
