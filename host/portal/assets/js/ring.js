// What rings at whoever looks, over every page of theirs, with sound, until somebody takes it.
//
// The section comes from the stream as the host rendered it; nothing here decides who is rung. F2 takes the first alarm, Enter the one
// whose button has the focus. It cannot be closed: it ends when a person has taken what rings, here or anywhere else. What rings `aside`
// stands in a corner, so that whoever works on somebody's call sees their page.

import { follow } from './stream.js';
import { say, completed } from './words.js';

const address = document.getElementById('portal')?.dataset.rings ?? '';
/** Seconds between two calls of the sound. */
const EVERY = 1_600;

/** @type {HTMLDialogElement} */
const dialog = document.createElement('dialog');
dialog.id = 'ring';
dialog.setAttribute('aria-labelledby', 'ring-title');
const title = Object.assign(document.createElement('h2'), { id: 'ring-title', textContent: say('ringTitle') });
const body = document.createElement('div');
const state = document.createElement('p');
state.setAttribute('role', 'status');
dialog.append(title, body, state);
// Escape does not end an alarm.
dialog.addEventListener('cancel', (event) => event.preventDefault());
document.body.append(dialog);

const named = document.title;
/** @type {AudioContext | undefined} */
let sound;
/** @type {ReturnType<typeof setInterval> | undefined} */
let calling;

/** Two tones, one after the other. */
function tone() {
  if (!sound || sound.state !== 'running') return;
  for (const [at, pitch] of [[0, 880], [0.35, 660], [0.7, 880]]) {
    const [voice, level] = [sound.createOscillator(), sound.createGain()];
    voice.frequency.value = pitch;
    level.gain.setValueAtTime(0.25, sound.currentTime + at);
    level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.3);
    voice.connect(level).connect(sound.destination);
    voice.start(sound.currentTime + at);
    voice.stop(sound.currentTime + at + 0.3);
  }
}

/** A browser is silent until somebody has touched the page: then it is said. */
async function hear() {
  sound ??= new AudioContext();
  if (sound.state === 'suspended') await Promise.race([sound.resume(), new Promise((done) => setTimeout(done, 300))]);
  const mute = sound.state !== 'running';
  if (mute || state.textContent === say('ringMute')) state.textContent = mute ? say('ringMute') : '';
  dialog.toggleAttribute('data-mute', mute);
}

/** @param {boolean} on */
function call(on) {
  clearInterval(calling);
  calling = undefined;
  if (!on) return;
  hear().then(tone);
  navigator.vibrate?.([400, 200, 400]);
  calling = setInterval(tone, EVERY);
}
for (const touch of ['pointerdown', 'keydown']) addEventListener(touch, () => calling && hear().then(tone), { capture: true });

const buttons = () => /** @type {HTMLButtonElement[]} */ ([...body.querySelectorAll('li.waiting .actions button')]);

/** @param {string} html a live section as the host sends it */
function show(html) {
  const page = new DOMParser().parseFromString(completed(html), 'text/html');
  const section = page.querySelector('[data-live]');
  // Not a section of this page: it is not to be found by its id, nor morphed.
  section?.removeAttribute('data-live');
  section?.querySelectorAll('[id]').forEach((e) => (e.id = 'ring-' + e.id));
  if (section) section.id = 'ring-' + section.id;
  section?.querySelector('h2')?.remove();
  const waiting = section?.querySelectorAll('li.waiting').length ?? 0;
  const loud = section?.querySelectorAll('li.waiting:not(.quiet)').length ?? 0;
  if (!section || waiting === 0) {
    call(false);
    body.replaceChildren();
    document.title = named;
    if (dialog.open) dialog.close();
    return;
  }
  const held = document.activeElement?.closest('li')?.id;
  body.replaceChildren(section);
  document.title = `(${waiting}) ${say('ringTitle')}`;
  const covers = section.querySelector('li.waiting:not(.aside)') !== null;
  if (dialog.open && dialog.matches(':modal') !== covers) dialog.close();
  // `show` moves the focus into the dialog too: in a corner it stays with what somebody does.
  const before = document.activeElement;
  if (!dialog.open) covers ? dialog.showModal() : dialog.show();
  const kept = buttons().find((b) => held && b.closest('li')?.id === held);
  if (covers || kept) (kept ?? buttons()[0])?.focus();
  else if (before instanceof HTMLElement && before !== document.activeElement) before.focus({ preventScroll: true });
  if (!loud) call(false);
  else if (!calling) call(true);
}

/** Takes one, by name: whose page this is. @param {HTMLFormElement} form */
async function take(form) {
  const data = new FormData(form);
  /** @type {Record<string, number>} */
  const about = {};
  for (const [name, value] of data) if (!name.startsWith('_')) about[name] = Number(value);
  const link = /** @type {HTMLAnchorElement | null} */ (form.closest('li')?.querySelector('.title a'));
  const button = form.querySelector('button');
  if (button) button.disabled = true;
  try {
    const answer = await fetch(new URL(form.action).pathname.replace('/do/', '/api/v1/'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': String(data.get('_key') || crypto.randomUUID()) },
      body: JSON.stringify(about),
      signal: AbortSignal.timeout(5_000),
    });
    if (answer.ok) {
      call(false);
      // From the corner somebody goes on with what they were at.
      if (link && dialog.matches(':modal')) location.assign(link.href);
      return;
    }
    // Somebody was faster: the stream says so in a moment.
    state.textContent = answer.status === 409 ? say('ringTaken') : say('ringFailed');
  } catch {
    state.textContent = say('ringFailed');
  }
  if (button) button.disabled = false;
}

body.addEventListener('submit', (event) => {
  event.preventDefault();
  take(/** @type {HTMLFormElement} */ (event.target));
});
addEventListener('keydown', (event) => {
  if (event.key !== 'F2' || !dialog.open) return;
  event.preventDefault();
  buttons()[0]?.click();
});

/** What is now, where the stream cannot say. */
async function ask() {
  const answer = await fetch(address, { headers: { accept: 'text/html' } }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const section = page.querySelector('main [data-live]');
  if (section) show(section.outerHTML);
}

let boot = '';
follow(address, 0, (type, data) => {
  if (data.topic && data.topic !== address) return;
  if (type === 'html') show(data.html);
  else if (type === 'resync') ask();
  else if (type === 'build') {
    if (boot && boot !== data.boot) ask();
    boot = data.boot;
  }
});
document.documentElement.dataset.rings = '';
