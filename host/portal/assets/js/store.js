// The outbox on this device: records encrypted under a key that scripts can use and nobody can read out.
//
// A record is what a form sends, whole: its key makes the host do it once, however often it arrives. Files lie beside it, each
// under a key made from the record's: one that is at the host already is not sent again, and its bytes leave the device.

/** @typedef {{id: string, account: string, at: number, state: 'waiting' | 'wrong', status: number, page: string, action: string, warned: number, files: Attached[], iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}} Kept */
/** A file of a record: its place in the form, what it is called, the hash of its bytes, and its number at the host once it is there.
 * @typedef {{number: number, field: string, name: string, hash: string, id: number}} Attached */
/** @typedef {[string, string][]} Pairs */

const NAME = 'changzhi';
/** Lets other pages know there is something to send without opening the database. */
const MARK = 'outbox';
/** The same for pages kept on the device: who signs out anywhere takes them along. */
const PAGES = 'pages';

/** False on a page without a safe origin: nothing could be sealed there. */
export const isSafe = globalThis.isSecureContext && 'indexedDB' in globalThis;

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 2);
    request.onupgradeneeded = (event) => {
      if (event.oldVersion < 1) {
        request.result.createObjectStore('records', { keyPath: 'id' });
        request.result.createObjectStore('keys');
      }
      request.result.createObjectStore('files', { keyPath: 'id' });
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
 * @template T @param {'records' | 'keys' | 'files'} store @param {IDBTransactionMode} mode @param {(s: IDBObjectStore) => IDBRequest<T>} work
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

/** @param {string} account @param {BufferSource} plain */
async function seal(account, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, sealed: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await key(account), plain) };
}

/** Several changes of records and files, all or none. @param {(records: IDBObjectStore, files: IDBObjectStore) => void} work */
async function both(work) {
  const db = await open();
  await new Promise((resolve, reject) => {
    const transaction = db.transaction(['records', 'files'], 'readwrite', { durability: 'strict' });
    work(transaction.objectStore('records'), transaction.objectStore('files'));
    transaction.oncomplete = resolve;
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
}

/** @param {string} id @param {number} number */
const fileId = (id, number) => `${id}-${number}`;
/** @param {string} id */
const filesOf = (id) => IDBKeyRange.bound(`${id}-`, `${id}-\uffff`);

/**
 * @param {{id: string, account: string, page: string, action: string, pairs: Pairs}} record
 * @param {{number: number, field: string, name: string, blob: Blob}[]} files
 * @returns {Promise<Kept>}
 */
export async function keep(record, files) {
  const { pairs, ...open } = record;
  const words = await seal(record.account, new TextEncoder().encode(JSON.stringify(pairs)));
  /** @type {{id: string, type: string, iv: Uint8Array<ArrayBuffer>, sealed: ArrayBuffer}[]} */
  const boxes = [];
  const listed = [];
  for (const { number, field, name, blob } of files) {
    const plain = await blob.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', plain));
    const hash = [...digest].map((b) => b.toString(16).padStart(2, '0')).join('');
    boxes.push({ id: fileId(record.id, number), type: blob.type, ...(await seal(record.account, plain)) });
    listed.push({ number, field, name, hash, id: 0 });
  }
  const kept = /** @type {Kept} */ ({ ...open, at: Date.now(), state: 'waiting', status: 0, warned: 0, files: listed, ...words });
  await both((records, stored) => {
    stored.delete(filesOf(record.id));
    records.put(kept);
    for (const box of boxes) stored.put(box);
  });
  localStorage.setItem(MARK, '1');
  navigator.storage?.persist?.();
  return kept;
}

/** The bytes of a file that is not at the host yet. @param {Kept} record @param {Attached} file @returns {Promise<Blob>} */
export async function bytes(record, file) {
  const kept = await run('files', 'readonly', (s) => s.get(fileId(record.id, file.number)));
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: kept.iv }, await key(record.account), kept.sealed);
  return new Blob([plain], { type: kept.type });
}

/** A file is at the host: the record knows its number, and its bytes leave the device. @param {Kept} record @param {Attached} file @param {number} id */
export async function arrived(record, file, id) {
  file.id = id;
  await both((records, stored) => {
    records.put(record);
    stored.delete(fileId(record.id, file.number));
  });
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
export const drop = (id) => both((records, stored) => {
  records.delete(id);
  stored.delete(filesOf(id));
});

const DAY = 24 * 3_600_000;
/** So long a record is kept; before it is deleted its writer was told, a day ahead at least. */
const KEPT_FOR = 7 * DAY;
const TOLD_AHEAD = 2 * DAY;

/** When a record leaves the device. @param {Kept} record */
export const leaves = (record) => Math.max(record.at + KEPT_FOR, (record.warned || Date.now()) + DAY);

/**
 * Deletes what is too old, and marks what soon will be as told.
 * @param {Kept[]} records @returns {Promise<{gone: number, old: Kept[]}>}
 */
export async function expire(records) {
  const now = Date.now();
  let gone = 0;
  const old = [];
  for (const record of records) {
    if (now < record.at + KEPT_FOR - TOLD_AHEAD) continue;
    if (record.warned && now >= leaves(record)) {
      await drop(record.id);
      gone += 1;
      continue;
    }
    if (!record.warned) {
      record.warned = now;
      await run('records', 'readwrite', (s) => s.put(record));
    }
    old.push(record);
  }
  return { gone, old };
}

/** Has the worker keep this page. */
export async function keepPage() {
  const worker = await navigator.serviceWorker?.ready;
  worker?.active?.postMessage({ keep: location.href });
  localStorage.setItem(PAGES, '1');
}

/** Records, keys and kept pages are gone. */
export async function wipe() {
  localStorage.removeItem(MARK);
  localStorage.removeItem(PAGES);
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
