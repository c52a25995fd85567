// The one key: held for its time, sent at once and again until the host has it, with two receipts. It is a page of its own, small and
// kept on the phone, so that it opens without a network.
//
//     held 1.5 s ──► kept on the device ──► sent, again after 0.5, 1, 2, 4 s and every 5 s, always under the same key
//         no 2xx within 5 s ──► telephone and message over the whole screen, while sending goes on
//         2xx ──► delivered (it is on the host's disk) ──► the stream: taken, by whom

import { flush, isKnown, isKnownBy, once, put, queue, send, who } from './sos-send.js';

const tag = /** @type {HTMLElement} */ (document.getElementById('sos'));
/** @param {string} key @param {Record<string, string | number>} [args] */
const say = (key, args = {}) => (tag.dataset[key] ?? key).replace(/%(\w+)%/g, (whole, name) => String(args[name] ?? whole));
const AGAIN = [500, 1_000, 2_000, 4_000];
const THEN = 5_000;
/** Without an answer for so long, somebody is rung by telephone. */
const CALL = 5_000;
const HEALTH = 60_000;
const DAY = 86_400_000;

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const receipt = at('receipt'), calls = at('call'), back = at('back'), light = at('light');

/** @param {string} stage @param {string} text */
function tell(stage, text) {
  if (receipt.dataset.stage === stage && at('said').textContent === text) return;
  receipt.hidden = false;
  receipt.dataset.stage = stage;
  at('said').textContent = text;
  navigator.vibrate?.(stage === 'taken' ? [200, 100, 200, 100, 200] : 200);
}

/** Numbers to ring, and a message that is written already. @param {HTMLElement | null} of @param {import('./sos-send.js').Press} press */
function offerCalls(of, press) {
  const label = of?.querySelector(`[name=category][value="${press.body.category}"]`)?.parentElement?.textContent?.trim() ?? '';
  const list = at('numbers');
  list.replaceChildren(...[...(of?.querySelectorAll('.contacts a') ?? [])].map((a) => a.cloneNode(true)));
  const first = /** @type {HTMLAnchorElement | null} */ (list.querySelector('a'));
  const number = first?.getAttribute('href')?.slice(4) ?? '110';
  const where = of?.querySelector('.site strong')?.textContent ?? '';
  const words = say('sms', { site: where, kind: label, time: new Date(press.at).toLocaleTimeString() });
  const message = Object.assign(document.createElement('a'), { className: 'button', textContent: say('smsLabel'), href: `sms:${number}?body=${encodeURIComponent(words)}` });
  list.append(message);
  calls.hidden = false;
  /** @type {HTMLElement | null} */ (list.querySelector('a'))?.focus();
}

/** The alarm this page is about. @type {number | undefined} */
let alarm;
/** @type {AbortController | undefined} */
let listening;

/** Hears what becomes of it until it is over; comes back by itself. @param {number} of */
async function follow(of) {
  alarm = of;
  listening?.abort();
  const mine = (listening = new AbortController());
  const topic = `${tag.dataset.pressed}?alarm=${of}`;
  while (!mine.signal.aborted) {
    try {
      const stream = await fetch('/live?t=' + encodeURIComponent('0:' + topic), { headers: { accept: 'text/event-stream', ...who() }, signal: mine.signal });
      const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) break;
        text += value;
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) hear(part);
      }
    } catch {
      // The network is gone: what was delivered is delivered.
    }
    await new Promise((again) => setTimeout(again, 2_000));
  }
}

/** @param {string} part one event of the stream */
function hear(part) {
  if (!/^event: ?html$/m.test(part)) return;
  const data = part.split('\n').filter((l) => l.startsWith('data:')).map((l) => l.slice(5)).join('\n');
  const page = new DOMParser().parseFromString(JSON.parse(data).html, 'text/html');
  const [state, name] = [...page.querySelectorAll('dd')].map((e) => e.textContent?.trim() ?? '');
  const over = state === say('over');
  back.hidden = over;
  tell(over ? 'over' : name ? 'taken' : state === say('delivered') ? 'delivered' : 'other', name ? `${state} · ${name}` : state);
}

/** @param {HTMLFormElement} form */
function press(form) {
  const body = /** @type {Record<string, unknown>} */ ({});
  for (const [name, value] of new FormData(form)) {
    if (name.startsWith('_')) continue;
    body[name] = name === 'place' ? Number(value) : String(value);
  }
  const now = Date.now();
  body.pressed = new Date(now).toISOString();
  /** @type {import('./sos-send.js').Press} */
  const made = { key: crypto.randomUUID(), to: new URL(form.action).pathname.replace('/do/', '/api/v1/'), body, at: now, tries: 0 };
  put(made);
  back.hidden = false;
  tell('sending', say('sending'));
  const site = /** @type {HTMLElement | null} */ (form.closest('gov-sos'));
  const late = setTimeout(() => offerCalls(site, made), CALL);
  attempt(made, () => clearTimeout(late), () => offerCalls(site, made));
}

/** @param {import('./sos-send.js').Press} press @param {() => void} arrived @param {() => void} refused */
async function attempt(press, arrived, refused) {
  const answer = await once(press);
  if (answer && typeof answer === 'object') {
    arrived();
    calls.hidden = true;
    tell('delivered', say('delivered'));
    return follow(answer.alarm);
  }
  if (typeof answer === 'number' && answer < 500 && answer !== 429) {
    // Signed out, or enrolled no more: the telephone at once, and trying goes on.
    tell('refused', say(answer === 401 ? 'signedOut' : 'refused', { status: answer }));
    refused();
  }
  const wait = AGAIN[press.tries] ?? THEN;
  press.tries += 1;
  setTimeout(() => attempt(press, arrived, refused), wait);
}

for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('gov-sos form'))) {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
  const hold = Number(/** @type {HTMLElement | null} */ (form.closest('gov-sos'))?.dataset.hold ?? 1_500);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let held;
  const begin = () => {
    if (held !== undefined) return;
    button.dataset.held = '';
    held = setTimeout(() => {
      end();
      press(form);
    }, hold);
  };
  const end = () => {
    delete button.dataset.held;
    clearTimeout(held);
    held = undefined;
  };
  button.addEventListener('pointerdown', begin);
  for (const name of ['pointerup', 'pointerleave', 'pointercancel', 'blur']) button.addEventListener(name, end);
  // A key is held as a finger is.
  button.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) begin();
  });
  button.addEventListener('keyup', end);
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  form.addEventListener('submit', (event) => event.preventDefault());
}

// Whatever word is given, the screen says the same.
/** @type {HTMLFormElement} */ (at('back-form')).addEventListener('submit', async (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (at('word'));
  const [about, word] = [alarm, field.value];
  field.value = '';
  if (about === undefined) return tell('other', say('notYet'));
  const key = crypto.randomUUID();
  for (const wait of [0, ...AGAIN]) {
    await new Promise((go) => setTimeout(go, wait));
    const answer = await send(String(tag.dataset.takeBack), { alarm: about, ...(word ? { alarm_word: word } : {}) }, key);
    if (answer?.ok) return tell('other', say('takenBack'));
  }
  tell('refused', say('refused', { status: 0 }));
});

at('calls-close').addEventListener('click', () => (calls.hidden = true));

// A phone that is known needs no sign-in to call for help: a key for this device, that can do what needs no role, and can be revoked.
const ready = at('ready');
ready.hidden = isKnown() || !tag.dataset.account;
ready.addEventListener('click', async () => {
  const body = { label: 'sos', roles: '-', purposes: '-', expires: new Date(Date.now() + 90 * DAY).toISOString() };
  const answer = await send('/api/v1/host/issue-token', body, crypto.randomUUID());
  if (!answer?.ok) return;
  isKnownBy((await answer.json()).answer.token);
  ready.hidden = true;
  health();
});

/** Whether a press would arrive now. */
async function health() {
  const begun = performance.now();
  const answer = await fetch(String(tag.dataset.health), { headers: { accept: 'application/json', ...who() }, signal: AbortSignal.timeout(4_000) }).catch(() => null);
  const fine = answer?.ok === true;
  light.dataset.fine = String(fine);
  light.textContent = fine ? say('fine', { ms: Math.round(performance.now() - begun) }) : say(answer?.status === 401 ? 'signedOut' : 'offline');
}

/** What waits from before goes first; a press of before is followed like one of now. */
async function begin() {
  const waiting = queue().length;
  if (waiting) tell('sending', say('waiting', { count: waiting }));
  const sent = await flush();
  const last = sent.at(-1);
  if (last) {
    tell('delivered', say('delivered'));
    back.hidden = false;
    follow(last.alarm);
  }
}

health();
setInterval(health, HEALTH);
for (const event of ['online', 'offline']) addEventListener(event, () => health());
addEventListener('online', () => begin());
begin();
if ('serviceWorker' in navigator) {
  navigator.serviceWorker.register('/service-worker.js').catch(() => {});
  navigator.serviceWorker.ready.then((worker) => worker.active?.postMessage({ keep: location.origin + '/sos' }));
}
navigator.storage?.persist?.();
document.documentElement.dataset.sos = 'ready';
