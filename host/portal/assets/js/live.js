// Live sections of this tab: asks for its page, and puts what comes in its place.
//
// Where the stream comes from (this tab or another) is the business of stream.js. A form somebody is at (focus in it, an input
// method at work, something typed and not sent) is not touched: the rest of its section is, and the form follows when it is free.

import { follow } from './stream.js';
import { say, build, clock, completed } from './words.js';

/** `n`: where it stands among all that was said. @typedef {{topic: string, id: string, n?: number, rev: number, html: string}} Html */

const STALE = 15_000;

/** The page as the host knows it: a receipt is no part of it. */
function address() {
  const url = new URL(location.href);
  const kept = url.search.slice(1).split('&').filter((pair) => pair && !pair.startsWith('_done='));
  return url.pathname + (kept.length ? '?' + kept.join('&') : '');
}

const topic = /** @type {HTMLElement | null} */ (document.querySelector('[data-topic]'))?.dataset.topic ?? address();
/** @param {Document} of */
const revision = (of) => Number(/** @type {HTMLElement | null} */ (of.querySelector('[data-rev]'))?.dataset.rev ?? 0);
let pageRev = revision(document);
let boot = '';
/** The last that was put in each section's place. @type {Map<string, number>} */
const shown = new Map();
/** What came while a form was in use. @type {Map<string, Html>} */
const waiting = new Map();
let composing = false;
let fetchAgain = false;

/** @type {Promise<any> | undefined} */
let library;
async function htmx() {
  library ??= import('/assets/npm/htmx.js').then(({ default: htmx }) => {
    // Whether a fold is open is the reader's business.
    htmx.config.morphIgnore.push('open');
    return htmx;
  });
  return library;
}

/** @param {HTMLFormElement} form */
function isInUse(form) {
  const at = document.activeElement;
  if (form.contains(at) && at?.matches('input, textarea, select')) return true;
  return [...form.elements].some((e) => {
    if (e instanceof HTMLInputElement && e.type !== 'hidden') return e.value !== e.defaultValue || e.checked !== e.defaultChecked;
    return e instanceof HTMLTextAreaElement && e.value !== e.defaultValue;
  });
}

/** One at a time: a morph leaves its work to the next turn of the loop. */
let queue = Promise.resolve();
/** @param {() => Promise<void>} work */
const inTurn = (work) => (queue = queue.then(work).catch((error) => console.warn('changzhi: live', error)));

/** @param {Html} change */
async function put(change) {
  const old = document.getElementById(change.id);
  if (!old?.hasAttribute('data-live')) return resync();
  const before = shown.get(change.id);
  if (change.n && (before ? change.n < before : change.rev < pageRev)) return;
  const forms = [...old.querySelectorAll('form')].filter((form) => composing ? form.contains(document.activeElement) : isInUse(form));
  for (const form of forms) form.setAttribute('hx-morph-skip', '');
  await (await htmx()).swap({ text: completed(change.html), target: old, swap: 'outerMorph', sourceElement: old });
  for (const form of forms) form.removeAttribute('hx-morph-skip');
  if (forms.length) waiting.set(change.id, change);
  else waiting.delete(change.id);
  if (change.n) shown.set(change.id, change.n);
  // Maps and charts that draw by themselves are not morphed: they hear this and fetch or read what is new.
  document.dispatchEvent(new CustomEvent('changzhi:live', { detail: change.id }));
}

/** Forms that are free again catch up. */
function catchUp() {
  for (const change of waiting.values()) inTurn(() => put(change));
}

/** Fetches the page and puts its live sections in place; one that came or went makes the page load anew when nobody types. */
async function resync() {
  fetchAgain = true;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (answer.redirected || !answer.ok) return leave();
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const rev = (pageRev = revision(page));
  fetchAgain = false;
  const ids = (/** @type {Document} */ d) => [...d.querySelectorAll('[data-live]')].map((e) => e.id).join(' ');
  if (ids(page) !== ids(document)) return reload();
  for (const section of page.querySelectorAll('[data-live]')) await put({ topic, id: section.id, rev, html: section.outerHTML });
}

/** Somebody types here, or talks with others. */
const typing = () => composing || document.querySelector('.call[data-in]') || [...document.forms].some(isInUse);

/** Loads the page anew, but never under somebody's hands. */
function reload() {
  if (typing()) setTimeout(reload, 5_000);
  else location.reload();
}

/** Rights have changed: what is shown may not be. */
function leave() {
  if (typing()) banner('auth', say('auth'));
  else location.reload();
}

/** @param {string} kind @param {string} [text] */
function banner(kind, text) {
  let element = document.getElementById('live-state');
  if (!element) {
    element = document.createElement('p');
    element.id = 'live-state';
    element.setAttribute('role', 'status');
    document.body.prepend(element);
  }
  if (element.dataset.kind === 'auth' && kind !== 'auth') return;
  element.dataset.kind = kind;
  if (element.textContent !== (text ?? '')) element.textContent = text ?? '';
  element.hidden = !text;
  document.documentElement.toggleAttribute('data-stale', kind === 'stale');
}

/** @param {{id: string, key: string, level: number, title: string}} news */
function alarm(news) {
  const list = document.getElementById('live-alarms') ?? document.body.appendChild(Object.assign(document.createElement('div'), { id: 'live-alarms' }));
  list.setAttribute('role', 'alert');
  const link = document.createElement('a');
  link.href = '#' + news.id;
  link.className = 'l' + news.level;
  link.textContent = say(news.level === 1 ? 'alarm1' : 'alarm2', { title: news.title });
  link.addEventListener('click', () => link.remove());
  list.append(link);
  while (list.children.length > 5) list.firstElementChild?.remove();
  setTimeout(() => link.remove(), 60_000);
}

let heard = Date.now();
follow(topic, pageRev, (type, data) => {
  heard = Date.now();
  if (document.documentElement.hasAttribute('data-stale')) banner('fresh');
  if (fetchAgain) inTurn(resync);
  const mine = !data.topic || data.topic === topic;
  if (!mine) return;
  if (type === 'html') inTurn(() => put(data));
  else if (type === 'alarm') alarm(data);
  else if (type === 'resync') inTurn(resync);
  else if (type === 'auth') leave();
  else if (type === 'build') {
    if (build && data.build !== build) reload();
    // Another start of the host counts from the beginning.
    if (boot && boot !== data.boot) shown.clear();
    boot = data.boot;
  }
});

document.documentElement.dataset.listens = '';

// A wall runs for months: whatever a browser gathers in a day goes at night, not on all walls in the same minute.
if (document.documentElement.dataset.profile === 'wall') {
  const night = new Date();
  night.setHours(27, 60 * Math.random(), 0, 0);
  setTimeout(reload, night.getTime() - Date.now());
}

setInterval(() => {
  if (Date.now() - heard > STALE) banner('stale', say('stale', { time: clock(new Date(heard)) }));
}, 1_000);
document.addEventListener('focusout', () => setTimeout(catchUp));
document.addEventListener('compositionstart', () => (composing = true));
document.addEventListener('compositionend', () => {
  composing = false;
  setTimeout(catchUp);
});
