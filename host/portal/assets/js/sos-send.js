// Presses on their way: each is kept on the device until the host has it, under the key it was pressed with, so that it is one alarm
// however often it is sent. What is kept says what was pressed where and when, and nothing of anybody.

/** @typedef {{key: string, to: string, body: Record<string, unknown>, at: number, tries: number, wrong?: number}} Press */

const QUEUE = 'sos-queue';
const TOKEN = 'sos-token';
/** One answer is waited for so long. */
const PATIENCE = 4_000;

/** @returns {Press[]} */
export function queue() {
  try {
    return JSON.parse(localStorage.getItem(QUEUE) ?? '[]');
  } catch {
    return [];
  }
}

/** @param {Press[]} all */
function keep(all) {
  if (all.length) localStorage.setItem(QUEUE, JSON.stringify(all));
  else localStorage.removeItem(QUEUE);
}

/** @param {Press} press */
export function put(press) {
  keep([...queue().filter((p) => p.key !== press.key), press]);
}

/** @param {string} key */
export function drop(key) {
  keep(queue().filter((p) => p.key !== key));
}

/** The device's own key, if it was given one; otherwise the sign-in counts. @returns {Record<string, string>} */
export function who() {
  const token = localStorage.getItem(TOKEN);
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** @param {string} token */
export const isKnownBy = (token) => localStorage.setItem(TOKEN, token);
export const isKnown = () => localStorage.getItem(TOKEN) !== null;

/** Sends one command; `null`: no answer came. @param {string} to @param {unknown} body @param {string} key */
export async function send(to, body, key) {
  try {
    return await fetch(to, {
      method: 'POST',
      keepalive: true,
      headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': key, ...who() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
  } catch {
    return null;
  }
}

/** Sends a press once. Where the host has it, it is kept no longer. @param {Press} press @returns {Promise<{alarm: number, outcome: string} | number | null>} */
export async function once(press) {
  const answer = await send(press.to, press.body, press.key);
  if (!answer) return null;
  if (answer.ok) {
    drop(press.key);
    return (await answer.json()).answer;
  }
  // What the host refuses for good stays on the device and is shown: a press is never dropped unseen.
  put({ ...press, wrong: answer.status });
  return answer.status;
}

/** Sends what waits from before. */
export async function flush() {
  const sent = [];
  for (const press of queue()) {
    const answer = await once(press);
    if (answer && typeof answer === 'object') sent.push(answer);
  }
  return sent;
}
