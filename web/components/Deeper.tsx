// Below the fold: every finished run, and in the lab view loss, every layer, luck and run code.
import { settingsA } from '../state/store';
import { text } from '../text/en';
import { LabPanel } from './LabPanel';
import { MyRuns } from './MyRuns';
import './deeper.css';

export function Deeper() {
  return (
    <div class="deeper">
      {settingsA.value.lab && <LabPanel />}
      <details class="deeper-section">
        <summary>{text.runs.title}</summary>
        <MyRuns />
      </details>
    </div>
  );
}
