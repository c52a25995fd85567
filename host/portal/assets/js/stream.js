// One stream of events for all tabs of a browser.
//
// The tab that holds the lock has the EventSource and passes on what comes; the others tell it which page they show. It ends:
// the lock goes to another, which asks everybody again. Without locks (no safe origin) each tab has a stream of its own.

/** @typedef {(type: string, data: any) => void} Hear */
/** A page a tab shows: as of a revision; the leader notes up to which event it has heard all. @typedef {{topic: string, rev: number, after: string}} Wish */

const NAMES = ['html', 'alarm', 'resync', 'auth', 'build', 'beat'];
/** As the host has it. */
const TOPICS = 32;
/** Sections come packed: a phone on a poor line is sent a sixth. */
const UNPACKS = 'DecompressionStream' in globalThis;
/** For those that ask at once. */
const GATHER = 50;
const AGAIN = [2_000, 5_000, 15_000, 30_000, 60_000];


/**
 * Hears what is said about a page until the tab ends. What is followed twice in one tab is as if in two: a channel of its own each,
 * because a channel does not hear itself.
 * @param {string} topic address of the page @param {number} rev revision it shows @param {Hear} hear
 */
export function follow(topic, rev, hear) {
  const me = [...crypto.getRandomValues(new Uint8Array(8))].join('.');
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('changzhi-live') : null;
  /** @type {Wish} */
  const wish = { topic, rev, after: '' };
  if (!channel || !('locks' in navigator)) {
    const lead = leader(hear);
    lead.want(me, wish);
    return;
  }
  /** @type {ReturnType<typeof leader> | undefined} */
  let lead;
  const ask = () => (lead ? lead.want(me, wish) : channel.postMessage({ say: 'want', tab: me, wish }));
  channel.addEventListener('message', ({ data }) => {
    if (data.say === 'event' && (!data.tab || data.tab === me)) hear(data.type, data.data);
    else if (data.say === 'who') ask();
    else if (data.say === 'want') lead?.want(data.tab, data.wish);
    else if (data.say === 'bye') lead?.bye(data.tab);
  });
  addEventListener('pagehide', () => channel.postMessage({ say: 'bye', tab: me }));
  addEventListener('pageshow', (event) => /** @type {PageTransitionEvent} */ (event).persisted && ask());
  ask();
  navigator.locks.request('changzhi-live', () => {
    lead = leader((type, data, tab) => {
      if (!tab || tab === me) hear(type, data);
      if (tab !== me) channel.postMessage({ say: 'event', type, data, tab });
    });
    lead.want(me, wish);
    channel.postMessage({ say: 'who' });
    // Held as long as the tab lives.
    return new Promise(() => {});
  });
}

/** Gzip in base64. @param {string} z */
function unpacked(z) {
  const bytes = Uint8Array.from(atob(z), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
}

/** The stream itself. @param {(type: string, data: any, tab?: string) => void} tell */
function leader(tell) {
  /** @type {Map<string, Wish>} */
  const wishes = new Map();
  /** The newest form of each section, for tabs that come later. @type {Map<string, any>} */
  const newest = new Map();
  /** Revisions the open stream was asked for. @type {Map<string, number>} */
  const asked = new Map();
  /** Topics of the open stream. @type {Set<string>} */
  let open = new Set();
  let older = false;
  let boot = '';
  /** @type {EventSource | undefined} */
  let source;
  let failed = 0;
  /** @type {number | undefined} */
  let timer;

  /** Each topic with what all tabs that show it have. */
  function topics() {
    /** @type {Map<string, Wish[]>} */
    const by = new Map();
    for (const wish of wishes.values()) by.set(wish.topic, [...(by.get(wish.topic) ?? []), wish]);
    /** @type {Map<string, string>} */
    const all = new Map();
    for (const [topic, those] of [...by].slice(-TOPICS)) {
      const heard = those.map((wish) => wish.after.split('-'));
      const one = heard.every(([boot, number]) => number && boot === heard[0][0]);
      const least = (/** @type {number[]} */ numbers) => numbers.reduce((a, b) => Math.min(a, b));
      all.set(topic, one ? `${heard[0][0]}-${least(heard.map((h) => Number(h[1])))}` : String(least(those.map((w) => w.rev))));
      asked.set(topic, least(those.map((w) => w.rev)));
    }
    return all;
  }

  function gather(/** @type {number} */ wait) {
    clearTimeout(timer);
    timer = setTimeout(connect, wait);
  }

  function connect() {
    const all = topics();
    const same = all.size === open.size && [...all.keys()].every((topic) => open.has(topic));
    if (source && source.readyState !== EventSource.CLOSED && same && !older) return;
    source?.close();
    open = new Set(all.keys());
    older = false;
    for (const [key, data] of newest) if (!all.has(data.topic)) newest.delete(key);
    if (!all.size) return;
    source = new EventSource('/live?' + (UNPACKS ? 'z=1&' : '') + [...all].map(([topic, since]) => 't=' + encodeURIComponent(`${since}:${topic}`)).join('&'));
    for (const name of NAMES) source.addEventListener(name, (event) => on(name, /** @type {MessageEvent} */ (event)));
    source.onopen = () => (failed = 0);
    source.onerror = () => {
      // The browser comes back by itself where it may; refused, it does not.
      if (source?.readyState !== EventSource.CLOSED) return;
      gather(AGAIN[Math.min(failed++, AGAIN.length - 1)] * (0.5 + Math.random()));
    };
  }

  function on(/** @type {string} */ name, /** @type {MessageEvent} */ event) {
    const data = JSON.parse(event.data);
    // Of a topic the open stream was asked for, everything up to here was heard.
    if (event.lastEventId) for (const wish of wishes.values()) if (open.has(wish.topic)) wish.after = event.lastEventId;
    if (data.z === undefined) return pass(name, data);
    const { z, ...rest } = data;
    unpacked(z).then((html) => pass(name, { ...rest, html }), () => pass('resync', { topic: data.topic }));
  }

  function pass(/** @type {string} */ name, /** @type {any} */ data) {
    const key = data.topic + ' ' + data.id;
    // One that took longer to unpack than the next is no news any more.
    if (name === 'html' && newest.get(key)?.n > data.n) return;
    if (name === 'html') newest.set(key, data);
    // Another start of the host counts from the beginning.
    if (name === 'build' && boot !== data.boot) {
      boot = data.boot;
      newest.clear();
    }
    // The stream is over for good: every tab finds out for itself where it stands.
    if (name === 'auth' && !data.topic) source?.close();
    tell(name, data);
  }

  return {
    /** @param {string} tab @param {Wish} wish */
    want(tab, wish) {
      wishes.set(tab, { ...wish });
      // A page older than what the stream was asked for: what came between was never said here.
      older ||= wish.rev < (asked.get(wish.topic) ?? 0);
      for (const data of newest.values()) if (data.topic === wish.topic && data.rev >= wish.rev) tell('html', data, tab);
      gather(GATHER);
    },
    /** @param {string} tab */
    bye(tab) {
      wishes.delete(tab);
      gather(2_000);
    },
  };
}
