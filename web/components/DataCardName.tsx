// Asks for the kind of pictures that came without a folder, as all do on most phones.
import { useState } from 'preact/hooks';
import { limits } from '../data/limits';
import { dataText } from '../text/en-data';

const text = dataText.own;

interface Props {
  count: number;
  onName: (name: string) => void;
}

export function DataCardName({ count, onName }: Props) {
  const [name, setName] = useState('');
  return (
    <form
      class="data-name"
      onSubmit={(event) => {
        event.preventDefault();
        onName(name);
        setName('');
      }}
    >
      <p>
        <strong>{text.nameHeading(count)}</strong> {text.nameHelp}
      </p>
      <label>
        {text.nameLabel}
        <input
          type="text"
          required
          maxLength={limits.nameLength}
          autocomplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <button type="submit">{text.nameAdd}</button>
    </form>
  );
}
