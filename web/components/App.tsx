// The whole page in reading order: question, pictures, guess, results, verdict, network, settings,
// what was run. styles/layout.css places the same order on wide screens and phones.

import { asking } from '../state/page';
import { current } from '../state/runs';
import { settingsB } from '../state/store';
import { ChangeStrip } from './ChangeStrip';
import { Deeper } from './Deeper';
import { Dialogs } from './Dialogs';
import { GuessPanel, Question } from './GuessPanel';
import { Header } from './Header';
import { Inside } from './Inside';
import { Message } from './Message';
import { Pictures } from './Pictures';
import { Result } from './Result';
import { VerdictPanel } from './VerdictPanel';

export function App() {
  const pair = settingsB.value !== null;
  const shown = current.value !== null;
  const state = `${pair ? 'pair' : 'single'} ${shown ? 'has-run' : 'no-run'} ${asking.value ? 'asking' : 'told'}`;
  return (
    <div class={`page ${state}`}>
      <Header />
      <main class="desk">
        <div class="row-card row-card-a" aria-hidden="true" />
        {pair && <div class="row-card row-card-b" aria-hidden="true" />}
        <Pictures side="a" />
        {pair && <Pictures side="b" />}
        <Question />
        <GuessPanel />
        <Result side="a" />
        {(current.value === null ? pair : current.value.b !== null) && <Result side="b" />}
        <VerdictPanel />
        <Inside />
        <ChangeStrip />
        <Deeper />
      </main>
      <Message />
      <Dialogs />
    </div>
  );
}
