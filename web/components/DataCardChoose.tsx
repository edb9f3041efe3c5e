// Where pictures come in: a place to drop them and three buttons that do the same by keyboard. Each
// button opens the browser's own chooser.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { dataText } from '../text/en-data';

const text = dataText.own;

/** Named types, so that phones hand over JPEG instead of HEIC. */
const PICTURE_TYPES = 'image/png,image/jpeg,image/webp,image/gif,image/bmp';
/** IDX files often have no ending: a folder of them is chosen as a folder. */
const ZIP_TYPES =
  '.zip,application/zip,application/x-zip-compressed,.csv,text/csv,.gz,.idx,.idx1,.idx3,.idx4,.ubyte';

interface ChooserProps {
  input: { multiple?: boolean; webkitdirectory?: boolean; accept?: string };
  busy: boolean;
  onFiles: (files: File[]) => void;
  children: ComponentChildren;
}

/** A button in front of a hidden file input, whose own look cannot be set. */
function Chooser({ input, busy, onFiles, children }: ChooserProps) {
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        aria-disabled={busy}
        onClick={() => {
          if (!busy) chooser.current?.click();
        }}
      >
        {children}
      </button>
      <input
        type="file"
        hidden
        tabIndex={-1}
        aria-hidden="true"
        ref={chooser}
        {...input}
        onChange={(event) => {
          const { files } = event.currentTarget;
          const chosen = files ? [...files] : [];
          // Choosing the same folder again must be a change again.
          event.currentTarget.value = '';
          if (chosen.length > 0) onFiles(chosen);
        }}
      />
    </>
  );
}

interface Props {
  /** Something is being dragged over the page. */
  over: boolean;
  busy: boolean;
  onFiles: (files: File[]) => void;
}

export function DataCardChoose({ over, busy, onFiles }: Props) {
  const shared = { busy, onFiles };
  const folders =
    typeof document === 'undefined' || 'webkitdirectory' in HTMLInputElement.prototype;
  return (
    <div class={over ? 'data-drop over' : 'data-drop'}>
      <p class="data-drop-here">{text.dropHere}</p>
      <div class="data-choosers">
        {folders && (
          <Chooser {...shared} input={{ webkitdirectory: true, multiple: true }}>
            {text.chooseFolder}
          </Chooser>
        )}
        <Chooser {...shared} input={{ multiple: true, accept: PICTURE_TYPES }}>
          {text.chooseFiles}
        </Chooser>
        <Chooser {...shared} input={{ multiple: true, accept: ZIP_TYPES }}>
          {text.chooseZip}
        </Chooser>
      </div>
      <p class="data-small">
        {text.formats} {text.prepared}
      </p>
    </div>
  );
}
