// Steps through a long list a page at a time, so that it is never drawn whole.
import { ownText } from '../text/en-own';

const text = ownText.kinds;

interface Props {
  /** Of the first shown. */
  from: number;
  perPage: number;
  total: number;
  /** What is listed, for a screen reader. */
  label: string;
  onFrom: (from: number) => void;
}

export function Pager({ from, perPage, total, label, onFrom }: Props) {
  if (total <= perPage) return null;
  const step = (words: string, to: number) => {
    const beyond = to < 0 || to >= total;
    return (
      <button
        type="button"
        aria-disabled={beyond}
        onClick={() => {
          if (!beyond) onFrom(to);
        }}
      >
        {words}
      </button>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields
    <div class="data-pager" role="group" aria-label={label}>
      {step(text.earlier, from - perPage)}
      <span>{text.range(from + 1, Math.min(total, from + perPage), total)}</span>
      {step(text.later, from + perPage)}
    </div>
  );
}

/** The first of the page that `from` is on once the list has become shorter. */
export function pageStart(from: number, perPage: number, total: number): number {
  return Math.min(from, Math.max(0, Math.floor((total - 1) / perPage) * perPage));
}
