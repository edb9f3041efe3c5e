// In a page without its picture sets: says so, and offers what there is.
import { SETTINGS } from '../settings/table';
import { openWindow } from '../state/page';
import { setSetting } from '../state/store';
import { setsText } from '../text/en-sets';

export function SetMissing() {
  return (
    <div class="note">
      <p>{setsText.missing}</p>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          onClick={() => setSetting('source', SETTINGS.source.default)}
        >
          {setsText.useScenes}
        </button>
        <button
          type="button"
          onClick={() => {
            setSetting('source', 'own');
            openWindow.value = 'more';
          }}
        >
          {setsText.useOwn}
        </button>
      </div>
    </div>
  );
}
