// Keeping the collection: in this browser, only on request, and as a .zip that other tools read.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addWhenFree } from '../data/capture';
import { exportZip } from '../data/export';
import { bytesOf, forgetKept, type Kept, keep, keptHere, keptPictures } from '../data/keep';
import { limits } from '../data/limits';
import type { OwnSession } from '../data/own_session';
import { DataError } from '../data/source';
import { download } from '../state/save';
import { keepText as text } from '../text/en-capture';

function wordsOf(error: unknown): string {
  return error instanceof DataError ? error.message : text.failed;
}

export function KeepPictures({ session }: { session: OwnSession }) {
  /** 'damaged' is there and cannot be read, only forgotten. */
  const [kept, setKept] = useState<Kept | 'damaged' | null>(null);
  const [said, setSaid] = useState('');
  const [busy, setBusy] = useState(false);
  const [packed, setPacked] = useState<number | null>(null);
  const packing = useRef<AbortController | null>(null);
  const pictures = [...session.pictures.value, ...session.loose.value];

  useEffect(() => {
    // A browser without storage needs no word before someone wants to save.
    keptHere().then(setKept, (error: unknown) => {
      if (wordsOf(error) === text.damaged) setKept('damaged');
    });
    return () => packing.current?.abort();
  }, []);

  /** One thing at a time; what it returns or throws is said. */
  const run = async (work: () => Promise<string>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setSaid('');
    try {
      setSaid(await work());
    } catch (error) {
      setSaid(packing.current?.signal.aborted ? '' : wordsOf(error));
    }
    packing.current = null;
    setPacked(null);
    setBusy(false);
  };
  const save = async (): Promise<string> => {
    setKept(await keep(pictures, Date.now()));
    return text.saved;
  };
  const bringBack = async (): Promise<string> => {
    await addWhenFree(session, await keptPictures());
    return '';
  };
  const forget = async (): Promise<string> => {
    await forgetKept();
    setKept(null);
    return text.forgotten;
  };
  const pack = async (): Promise<string> => {
    packing.current = new AbortController();
    const zip = await exportZip(pictures, packing.current.signal, setPacked);
    download(text.fileName, 'application/zip', zip as Blob & string);
    const small = zip.size <= limits.zipBytes && pictures.length <= limits.zipEntries;
    return small ? text.exported(zip.size) : text.exportedLarge(limits.zipEntries, limits.zipBytes);
  };
  const button = (words: string, work: () => Promise<string>) => (
    <button type="button" aria-disabled={busy} onClick={() => void run(work)}>
      {words}
    </button>
  );

  if (pictures.length === 0 && kept === null && said === '') return null;
  return (
    <div class="keep-pictures">
      <h4>{text.heading}</h4>
      {kept !== null && (
        <>
          <p>{kept === 'damaged' ? text.damaged : text.kept(kept.count, kept.bytes, kept.when)}</p>
          <div class="data-actions">
            {kept !== 'damaged' && button(text.bringBack, bringBack)}
            {button(text.forget, forget)}
          </div>
        </>
      )}
      {pictures.length > 0 && (
        <>
          <p class="data-small">
            {text.size(pictures.length, bytesOf(pictures))} {text.shared}
            {kept !== null && ` ${text.replaces}`}
          </p>
          <div class="data-actions">
            {button(text.save, save)}
            {button(text.export, pack)}
            {packed !== null && (
              <>
                <span>{text.packing(packed, pictures.length)}</span>
                <button type="button" onClick={() => packing.current?.abort()}>
                  {text.stop}
                </button>
              </>
            )}
          </div>
        </>
      )}
      <p class="data-status" aria-live="polite">
        {said}
      </p>
    </div>
  );
}
