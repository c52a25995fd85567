// Forms that work without a network: what is sent is kept on the device first, and let go when the host has it.
//
// Only forms marked `data-offline`. A refused one is shown by the host's own page while somebody is at it, and waits in the list
// ("to be mended") when nobody is. Without a safe origin forms are plain forms.

import { smaller } from './files.js';
import { all, arrived, bytes, drop, expire, isSafe, keep, keepPage, leaves, mark, pairs, wipe } from './store.js';
import { clock, say, account } from './words.js';

/** @typedef {import('./store.js').Kept} Kept */

const TIMEOUT = 10_000;
/** A photo on a slow line. */
const TIMEOUT_OF_A_FILE = 120_000;
const EVERY = 60_000;

const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

/** @param {HTMLFormElement} form @param {string} name */
const field = (form, name) => /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));

/**
 * Sends one record. `done`: where the receipt is; `refused`: the host will not have it; `later`: it did not arrive, or not now.
 * @param {string} action @param {[string, string][]} body
 * @returns {Promise<{is: 'done', at: string} | {is: 'refused', status: number} | {is: 'later'}>}
 */
async function post(action, body) {
  try {
    const answer = await fetch(action, {
      method: 'POST',
      body: new URLSearchParams(body),
      headers: { accept: 'text/html', 'idempotency-key': body.find(([name]) => name === '_key')?.[1] ?? '' },
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const at = new URL(answer.url);
    if (answer.redirected && at.searchParams.has('_done')) return { is: 'done', at: at.href };
    // Signed out meanwhile: it is sent after the next sign-in.
    if (answer.redirected || [401, 408, 429].includes(answer.status) || answer.status >= 500) return { is: 'later' };
    return answer.ok ? { is: 'done', at: '' } : { is: 'refused', status: answer.status };
  } catch {
    return { is: 'later' };
  }
}

/** @typedef {{is: 'done', at: string} | {is: 'refused', status: number} | {is: 'later'}} Sent */

/**
 * Sends the files of a record that are not at the host, one after another. @param {Kept} record
 * @returns {Promise<Sent>}
 */
async function sendFiles(record) {
  const plugin = record.action.split('/')[2] ?? '';
  for (const file of record.files ?? []) {
    if (file.id) continue;
    try {
      const answer = await fetch(`/files/${plugin}?name=${encodeURIComponent(file.name)}`, {
        method: 'POST',
        body: await bytes(record, file),
        // The same bytes for the same form are one file, however often they arrive.
        headers: { accept: 'application/json', 'idempotency-key': `${record.id}-${file.hash}` },
        signal: AbortSignal.timeout(TIMEOUT_OF_A_FILE),
      });
      if (answer.status === 201) await arrived(record, file, (await answer.json()).id);
      else if (answer.redirected || [401, 408, 429].includes(answer.status) || answer.status >= 500) return { is: 'later' };
      else return { is: 'refused', status: answer.status };
    } catch {
      return { is: 'later' };
    }
  }
  return { is: 'done', at: '' };
}

/**
 * Files first, then the form with their numbers. @param {Kept} record @param {[string, string][]} body
 * @returns {Promise<Sent>}
 */
async function deliver(record, body) {
  const files = await sendFiles(record);
  if (files.is !== 'done') return files;
  const numbers = (record.files ?? []).map(/** @returns {[string, string]} */ ({ field, id }) => [field, String(id)]);
  return post(record.action, [...body, ...numbers]);
}

/** The form secret and the account as the host has them now; nothing when there is no host. @param {string} page */
async function standing(page) {
  try {
    const answer = await fetch(page, { headers: { accept: 'text/html' }, cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT) });
    const there = new DOMParser().parseFromString(await answer.text(), 'text/html');
    // Signed out from elsewhere while this page stood open.
    if (there.querySelector('[data-wipe]')) {
      await wipe();
      location.assign('/sign-in');
      return null;
    }
    if (answer.redirected || !answer.ok) return null;
    const csrf = /** @type {HTMLInputElement | null} */ (there.querySelector('input[name=_csrf]'))?.value;
    const who = /** @type {HTMLElement | null} */ (there.getElementById('portal'))?.dataset.account;
    return csrf && who ? { csrf, who } : null;
  } catch {
    return null;
  }
}

/** Sends all that waits, one after another, in one tab of the browser. */
async function flush() {
  await navigator.locks.request('changzhi-outbox', { ifAvailable: true }, async (lock) => {
    const waiting = lock ? (await all()).filter((r) => r.state === 'waiting' && r.account === account) : [];
    const now = waiting[0] && (await standing(waiting[0].page));
    if (!now || now.who !== account) return;
    for (const record of waiting) {
      const body = (await pairs(record)).map(/** @returns {[string, string]} */ ([n, v]) => [n, n === '_csrf' ? now.csrf : v]);
      const sent = await deliver(record, body);
      if (sent.is === 'done') await drop(record.id);
      else if (sent.is === 'refused') await mark(record, sent.status);
      else return;
      await show();
    }
  });
  await show();
}

/** @param {HTMLFormElement} form */
async function submit(form) {
  const button = /** @type {HTMLButtonElement | null} */ (form.querySelector('button:not([type=button])'));
  const key = field(form, '_key');
  if (!key) return form.submit();
  const all = [...new FormData(form)];
  const body = /** @type {[string, string][]} */ (all.filter(([, value]) => typeof value === 'string'));
  if (button) button.disabled = true;
  /** @type {Kept} */
  let record;
  try {
    const files = [];
    for (const [index, [name, value]] of all.entries()) {
      if (value instanceof File && value.size > 0) files.push({ number: index + 1, field: name, name: value.name, blob: await smaller(value) });
    }
    const page = location.pathname + location.search;
    record = await keep({ id: key.value, account, page, action: new URL(form.action).pathname, pairs: body }, files);
  } catch {
    // No place on the device: then only the host can take it.
    return form.submit();
  }
  // While it is on its way nobody else sends it; a tab that dies leaves it to the next.
  const sent = await navigator.locks.request('changzhi-outbox', async () => {
    const first = await deliver(record, body);
    if (first.is !== 'refused' || first.status !== 403) return first;
    // The page may be one kept on the device, from before the last sign-in: its secret is of then.
    const now = await standing(record.page);
    const csrf = field(form, '_csrf');
    if (!now || now.who !== account || !csrf || csrf.value === now.csrf) return first;
    csrf.value = now.csrf;
    return deliver(record, body.map(([name, value]) => [name, name === '_csrf' ? now.csrf : value]));
  });
  if (button) button.disabled = false;
  if (sent.is === 'later') {
    form.reset();
    key.value = fresh();
    await show(say('outboxKept'));
  } else {
    await drop(record.id);
    if (sent.is === 'done' && sent.at) location.assign(sent.at);
    // The host says what is wrong, on its own page; the key is the same, so it is not done twice.
    else form.submit();
  }
}

/** Puts a refused record back into its form. @param {Kept} record */
async function mend(record) {
  const form = [...document.forms].find((f) => f.hasAttribute('data-offline') && new URL(f.action).pathname === record.action);
  if (!form) return location.assign(record.page + '#outbox-' + record.id);
  for (const [name, value] of await pairs(record)) {
    const input = field(form, name);
    if (name === '_csrf' || !input) continue;
    if (input.type === 'checkbox') input.checked = value !== '';
    else input.value = value;
  }
  for (const file of record.files ?? []) {
    if (file.id) {
      // It is at the host already: its number goes with the form.
      form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: file.field, value: String(file.id) }));
      continue;
    }
    const input = /** @type {HTMLInputElement | null} */ (form.querySelector(`input[type=file][name="${file.field}"][multiple]`));
    if (!input) continue;
    const chosen = new DataTransfer();
    for (const other of input.files ?? []) chosen.items.add(other);
    const blob = await bytes(record, file);
    chosen.items.add(new File([blob], file.name, { type: blob.type }));
    input.files = chosen.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
  form.querySelector('input:not([type=hidden]), textarea, select')?.scrollIntoView();
  /** @type {HTMLElement | null} */ (form.querySelector('input:not([type=hidden]), textarea, select'))?.focus();
}

/** @param {string} tag @param {Record<string, any>} with_ @param {(Node | string)[]} children */
function make(tag, with_ = {}, ...children) {
  const element = Object.assign(document.createElement(tag), with_);
  element.append(...children);
  return element;
}

function panel() {
  const there = document.getElementById('outbox');
  if (there) return there;
  const title = make('h2', { id: 'outbox-title', textContent: say('outboxTitle') });
  const send = make('button', { type: 'button', className: 'plain', textContent: say('outboxSend'), onclick: flush });
  const made = make('section', { id: 'outbox', className: 'panel outbox' }, title, make('p', { role: 'status' }), make('ul'), make('div', {}, send));
  made.setAttribute('aria-labelledby', 'outbox-title');
  document.getElementById('main')?.append(made);
  return made;
}

/** @param {string} [news] */
async function show(news) {
  const { gone, old } = await expire(await all());
  if (gone) news = [news, say('outboxExpired', { count: gone })].filter(Boolean).join(' · ');
  const records = await all();
  const own = records.filter((r) => r.account === account);
  if (!news && !records.length && !document.getElementById('outbox') && !document.querySelector('form[data-offline]')) return;
  const waiting = own.filter((r) => r.state === 'waiting');
  const box = panel();
  const count = own.length
    ? say('outboxWaiting', { count: own.length, time: clock(new Date(own[0].at)) })
    : say(records.length ? 'outboxForeign' : 'outboxEmpty');
  const status = /** @type {HTMLElement} */ (box.querySelector('[role=status]'));
  const first = Math.min(...old.map(leaves));
  const warning = old.length ? say('outboxOld', { count: old.length, time: new Date(first).toLocaleString(document.documentElement.lang) }) : '';
  const photos = own.reduce((sum, r) => sum + (r.files?.length ?? 0), 0);
  const said = [news, count, photos ? say('outboxPhotos', { count: photos }) : '', warning];
  status.textContent = said.filter(Boolean).join(' · ');
  box.dataset.count = String(own.length);
  /** @type {HTMLElement} */ (box.querySelector('div')).hidden = !waiting.length;
  const item = (/** @type {Kept} */ record) => make(
    'li', {},
    make('span', { textContent: `${say('outboxWrong')} (${record.status}) · ${new Date(record.at).toLocaleString(document.documentElement.lang)}` }),
    make('button', { type: 'button', className: 'plain', textContent: say('outboxMend'), onclick: () => mend(record) }),
    make('button', { type: 'button', className: 'plain', textContent: say('outboxDrop'), onclick: () => drop(record.id).then(() => show()) }),
  );
  box.querySelector('ul')?.replaceChildren(...own.filter((r) => r.state === 'wrong').map(item));
}

/** Signing out leaves nothing on the device. @param {HTMLFormElement} form */
async function signOut(form) {
  const own = await all();
  if (own.length && !confirm(say('outboxSignOut', { count: own.length }))) return;
  await wipe();
  form.submit();
}

if (isSafe && account) {
  for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll('form[data-offline]'))) {
    // The page may be one kept on the device, shown a second time: a key is for one sending.
    const key = field(form, '_key');
    if (key && !document.querySelector('.summary')) key.value = fresh();
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (navigator.onLine || form.reportValidity()) submit(form);
    });
  }
  for (const form of document.forms) {
    if (new URL(form.action).pathname !== '/sign-out') continue;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      signOut(form);
    });
  }
  addEventListener('online', flush);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && flush());
  setInterval(flush, EVERY);
  await flush();
  const asked = location.hash.match(/^#outbox-([\w-]+)$/)?.[1];
  const record = asked && (await all()).find((r) => r.id === asked);
  if (record) await mend(record);
  if (document.querySelector('form[data-offline]')) {
    keepPage();
  }
  document.documentElement.dataset.outbox = 'ready';
}
