// One line where this browser changes the pixels that pages read; nothing elsewhere.
import { useEffect, useState } from 'preact/hooks';
import { type ReadBack, readBack } from '../data/read_back';
import { dataText } from '../text/en-data';

export function ReadBackNote({ measure = readBack }: { measure?: () => Promise<ReadBack> }) {
  const [found, setFound] = useState<ReadBack | null>(null);
  useEffect(() => {
    let gone = false;
    measure().then(
      (result) => {
        if (!gone) setFound(result);
      },
      // Without a canvas no picture decodes, and that is said then.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [measure]);
  if (found === null || found.most === 0) return null;
  return <p class="data-note">{dataText.own.readBack(found.share, found.most)}</p>;
}
