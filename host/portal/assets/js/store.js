// The outbox on this device: records encrypted under a key that scripts can use and nobody can read out.
//
// A record is what a form sends, whole: its key makes the host do it once, however often it arrives.

/** @typedef {{id: string, account: string, at: number, state: 'waiting' | 'wrong', status: number, page: string, action: string, iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}} Kept */
/** @typedef {[string, string][]} Pairs */

const NAME = 'changzhi';
/** Lets other pages know there is something to send without opening the database. */
const MARK = 'outbox';

/** False on a page without a safe origin: nothing could be sealed there. */
export const isSafe = globalThis.isSecureContext && 'indexedDB' in globalThis;

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('records', { keyPath: 'id' });
      request.result.createObjectStore('keys');
    };
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      // Another tab signs out: what it deletes must not wait for this one.
      request.result.onversionchange = () => {
        request.result.close();
        opened = undefined;
      };
      resolve(request.result);
    };
  });
  return opened;
}

/**
 * One transaction, on disk when it has answered.
 * @template T @param {'records' | 'keys'} store @param {IDBTransactionMode} mode @param {(s: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function run(store, mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** The account's key, made once. @param {string} account @returns {Promise<CryptoKey>} */
async function key(account) {
  const kept = await run('keys', 'readonly', (s) => s.get(account));
  if (kept) return kept;
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  // Two tabs may make one at once: the first stays.
  await run('keys', 'readwrite', (s) => s.add(fresh, account)).catch(() => {});
  return run('keys', 'readonly', (s) => s.get(account));
}

/** @param {{id: string, account: string, page: string, action: string, pairs: Pairs}} record */
export async function keep(record) {
  const { pairs, ...open } = record;
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(pairs));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(record.account), plain);
  await run('records', 'readwrite', (s) => s.put({ ...open, at: Date.now(), state: 'waiting', status: 0, iv, sealed }));
  localStorage.setItem(MARK, '1');
  navigator.storage?.persist?.();
}

/** What the form sends. @param {Kept} record @returns {Promise<Pairs>} */
export async function pairs({ account, iv, sealed }) {
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, await key(account), sealed);
  return JSON.parse(new TextDecoder().decode(plain));
}

/** The oldest first. @returns {Promise<Kept[]>} */
export async function all() {
  const records = /** @type {Kept[]} */ (await run('records', 'readonly', (s) => s.getAll()));
  if (!records.length) localStorage.removeItem(MARK);
  return records.sort((a, b) => a.at - b.at);
}

/** The host refused it: it waits for its writer. @param {Kept} record @param {number} status */
export const mark = (record, status) => run('records', 'readwrite', (s) => s.put({ ...record, state: 'wrong', status }));

/** @param {string} id */
export const drop = (id) => run('records', 'readwrite', (s) => s.delete(id));

/** Records, keys and kept pages are gone. */
export async function wipe() {
  localStorage.removeItem(MARK);
  (await opened)?.close();
  opened = undefined;
  await new Promise((resolve) => {
    const request = indexedDB.deleteDatabase(NAME);
    request.onsuccess = request.onerror = resolve;
  });
  // What belongs to nobody stays: files, and the page that says there is no network.
  for (const name of await caches.keys()) {
    const pack = await caches.open(name);
    for (const request of await pack.keys()) if (!/^\/(assets\/|offline$)/.test(new URL(request.url).pathname)) await pack.delete(request);
  }
}
