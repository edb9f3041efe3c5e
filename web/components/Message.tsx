// One short line for what has just happened, read out politely and gone after a while.
import { useEffect } from 'preact/hooks';
import { message } from '../state/page';
import './message.css';

const SHOWN_MS = 6000;

export function Message() {
  const words = message.value;
  useEffect(() => {
    if (words === '') return undefined;
    const timer = setTimeout(() => {
      message.value = '';
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <div class="message" role="status">
      {words !== '' && <p>{words}</p>}
    </div>
  );
}
