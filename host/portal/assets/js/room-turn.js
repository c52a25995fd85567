// How long the one who has the word may still speak: counted down from the moment the record says, by the clock of the host.

import { say } from './room-words.js';

const MINUTE = 60_000;

/** The host's clock against this device's, in milliseconds: what the page says of when it was made, and when it began to arrive. */
function ahead() {
  const made = Date.parse(/** @type {HTMLTimeElement | null} */ (document.querySelector('.revision time'))?.dateTime ?? '');
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  return Number.isNaN(made) || !navigation ? 0 : made - (performance.timeOrigin + navigation.responseStart);
}

const AHEAD = ahead();

/** Shows the time that is left in a room, once a second. @param {HTMLElement} room @returns {() => void} looks at once */
export function count(room) {
  /** Which end was told of already. @type {Record<'minute' | 'over', string>} */
  const told = { minute: '', over: '' };
  const tell = (/** @type {'minute' | 'over'} */ key, /** @type {string} */ until, /** @type {boolean} */ late) => {
    if (told[key] === until) return;
    told[key] = until;
    const clock = room.querySelector('.clock');
    // Whoever comes when it was over long since is shown it and not told.
    if (clock && !late) clock.textContent = say(room, key);
  };
  const look = () => {
    const until = room.dataset.until ?? '';
    const place = room.querySelector('.turn .left');
    if (!until || !place) return;
    const left = Number(until) - (Date.now() + AHEAD);
    if (left <= 0) tell('over', until, left < -5_000);
    else if (left <= MINUTE) tell('minute', until, left < MINUTE - 5_000);
    const seconds = Math.max(0, Math.ceil(left / 1_000));
    const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    const text = left <= 0 ? say(room, 'over') : say(room, 'remaining', { time });
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle('is-over', left <= 0);
  };
  setInterval(() => room.isConnected && look(), 1_000);
  look();
  return look;
}
