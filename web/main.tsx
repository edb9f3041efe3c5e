// Entry of the page: keeps the document as it was delivered, takes over what the build drew ahead
// of time, and then starts the engine.
import { hydrate, render } from 'preact';
import { App } from './components/App';
import { setBaked } from './state/baked';
import { readBaked } from './state/baked_dom';
import { boot } from './state/boot';
import { keepPristine } from './state/save';
import './styles/index.css';

keepPristine();
const root = document.getElementById('app');
if (root !== null) {
  setBaked(readBaked());
  // In development nothing is drawn ahead of time.
  if (root.firstElementChild === null) render(<App />, root);
  else hydrate(<App />, root);
  boot();
}
