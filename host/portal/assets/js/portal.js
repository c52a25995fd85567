// What every page loads: it brings the parts a page has a use for, and nothing else. A page without scripts is whole.
// Everything here is an ES module as the browser reads it; types are JSDoc, checked by `tsc --checkJs`.

/** Loads a part; a page goes on without it when it cannot be had. @param {string} name */
const load = (name) => import(name).catch((error) => console.warn(`changzhi: ${name} is not there`, error));

const has = (/** @type {string} */ selector) => document.querySelector(selector) !== null;

if (has('[data-live]')) load('./live.js');
if (has('#portal[data-rings]')) load('./ring.js');
if (localStorage.getItem('sos-queue') && !has('[data-sos]')) load('./sos-send.js').then((sos) => { sos?.flush(); addEventListener('online', () => sos?.flush()); });
if (has('form[data-offline]') || ['outbox', 'pages'].some((mark) => localStorage.getItem(mark))) load('./outbox.js');
if (has('.folds.tabs')) load('./tabs.js');
if (has('fieldset.files')) load('./files.js');
// Signed out from elsewhere: the device forgets what it keeps. (`Clear-Site-Data` hangs a navigation that a worker answers.)
if (has('[data-wipe]')) load('./store.js').then((store) => store?.wipe());
if (has('textarea[data-pad]')) load('./stroke.js');
if (has('form[data-push]')) load('./push.js');
if (has('gov-map')) load('./gov-map.js');
if (has('gov-chart')) load('./gov-chart.js');
if (has('gov-sos, gov-lazy, fieldset.when')) load('./gov-parts.js');
if (has('nav, .summary[tabindex]')) load('./shell.js');
if (has('gov-room')) load('./room.js');
// A room that is opened while its page is.
document.addEventListener('changzhi:live', () => has('gov-room') && load('./room.js'));

// Needs a safe origin (TLS, or this machine); elsewhere pages work without it.
if ('serviceWorker' in navigator) {
  navigator.serviceWorker.register('/service-worker.js').catch(() => {});
}
