// What the pictures in use are, where they come from, under which licence, and what to watch out for.
// For the sets that ship; the user knows their own.
import { packedLicence } from '../data/packed';
import { isShipped, SHIPPED } from '../data/shipped_sets';
import { settingsA } from '../state/store';
import { setsText as t } from '../text/en-sets';
import './about-data.css';

const ROWS = ['what', 'source', 'licence', 'split'] as const;

export function AboutData() {
  const { source: id } = settingsA.value;
  if (id === 'own') return <p class="about-data">{t.mnist}</p>;
  if (!isShipped(id)) return null;
  const set = SHIPPED[id];
  const words = t[id];
  const licence = packedLicence(set.folder);
  return (
    <details class="about-data">
      <summary>
        {t.about}: {words.title}
      </summary>
      <dl>
        {ROWS.map((row) => (
          <div key={row}>
            <dt>{t.heads[row]}</dt>
            <dd>{words[row]}</dd>
          </div>
        ))}
        <div>
          <dt>{t.heads.kinds}</dt>
          <dd>{set.order.map((label) => words.classes[label]).join(', ')}</dd>
        </div>
        <div>
          <dt>{t.traps}</dt>
          <dd>
            <ul>
              {words.traps.map((trap) => (
                <li key={trap}>{trap}</li>
              ))}
            </ul>
          </dd>
        </div>
      </dl>
      {id === 'digits' && <p>{t.mnist}</p>}
      {licence !== null && (
        <details>
          <summary>{t.fullLicence}</summary>
          <p class="licence">{licence}</p>
        </details>
      )}
    </details>
  );
}
