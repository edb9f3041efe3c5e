// A session that only notes what it is given, for tests of the components that add pictures.
import { signal } from '@preact/signals';
import type { Choice, OwnSession } from '../../../web/data/own_session';
import type { FoundFile, OwnPicture } from '../../../web/data/own_types';

export interface Noted {
  session: OwnSession;
  /** Every choice that was added, in order. */
  added: FoundFile[][];
  /** While true nothing can be added. */
  hold: (busy: boolean) => void;
}

export function notingSession(present: readonly OwnPicture[] = []): Noted {
  const pictures = signal<readonly OwnPicture[]>(present);
  const loose = signal<readonly OwnPicture[]>([]);
  const classes = signal(
    [...new Set(present.map(({ className }) => className))].map((name) => ({ name })),
  );
  const added: FoundFile[][] = [];
  const state = { busy: false };
  const session = {
    pictures,
    loose,
    classes,
    get busy() {
      return state.busy;
    },
    async add(choice: Choice) {
      const { found } = await choice(new AbortController().signal);
      added.push(found);
      const named = found.filter(({ className }) => className !== undefined);
      pictures.value = [...pictures.value, ...(named as OwnPicture[])];
      const rest = found.filter(({ className }) => className === undefined);
      loose.value = [...loose.value, ...rest.map((item) => ({ ...item, className: '' }))];
    },
  };
  const hold = (busy: boolean): void => {
    state.busy = busy;
  };
  return { session: session as unknown as OwnSession, added, hold };
}
