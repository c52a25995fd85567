// Keeps the pages of offline forms on the device, with the files they load, by version of the host's files.
//
// The network comes first: a kept page is shown only when there is none. What a page loads never changes under its name, so it
// is taken from the device at once. The one-key alarm is the other way round: who presses does not wait. Nothing else passes through here: live streams and commands go straight to the host.

const VERSION = '%BUILD%';
const PACK = 'pack-' + VERSION;
/** Where nothing is kept. */
const OFFLINE = '/offline';
const PATIENCE = 8_000;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** @param {Request | string} request */
async function store(request) {
  const answer = await fetch(request, { credentials: 'same-origin' });
  // A page somebody was led away from is not the page.
  if (answer.ok && !answer.redirected) await (await caches.open(PACK)).put(request, answer);
}

/** The same page in the same words, whatever receipt it shows. @param {string} address */
function plain(address) {
  const url = new URL(address);
  url.hash = '';
  url.searchParams.delete('_done');
  return url.href;
}

/** @param {Request} request */
async function page(request) {
  const address = plain(request.url);
  const pack = await caches.open(PACK);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
    if (answer.ok && !answer.redirected && address === request.url && (await pack.match(address))) await pack.put(address, answer.clone());
    return answer;
  } catch {
    return (await pack.match(address)) ?? (await pack.match(OFFLINE)) ?? Response.error();
  }
}

/** The one key opens at once: what is kept is shown, and what is new is there the next time. @param {Request} request */
async function kept(request) {
  const known = await (await caches.open(PACK)).match(plain(request.url));
  if (!known) return page(request);
  store(plain(request.url)).catch(() => {});
  return known;
}

/** @param {Request} request */
async function file(request) {
  const pack = await caches.open(PACK);
  const kept = await pack.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await pack.put(request.url, answer.clone());
  return answer;
}

worker.addEventListener('install', (event) => event.waitUntil(store(OFFLINE).then(() => worker.skipWaiting())));
worker.addEventListener('activate', (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith('pack-') && name !== PACK) await caches.delete(name);
    await worker.clients.claim();
  };
  event.waitUntil(tidy());
});
worker.addEventListener('message', (event) => {
  const address = event.data?.keep;
  if (typeof address === 'string' && new URL(address).origin === location.origin) event.waitUntil(store(plain(address)));
});
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') event.respondWith(url.pathname === '/sos' ? kept(request) : page(request));
  else if (url.pathname.startsWith('/assets/')) event.respondWith(file(request));
});

// Messages to this browser. The words come with them, encrypted; the worker has none of its own. The same message twice is one.
worker.addEventListener('push', (event) => {
  const { title, body, page, key } = event.data?.json() ?? {};
  if (typeof title !== 'string') return;
  event.waitUntil(worker.registration.showNotification(title, { body, tag: key, icon: '/assets/%BUILD%/icon-192.png', data: { page } }));
});
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const page = event.notification.data?.page;
  const own = typeof page === 'string' && new URL(page, location.origin).origin === location.origin;
  event.waitUntil(worker.clients.openWindow(own ? page : '/'));
});
