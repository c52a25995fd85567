// The page's words for what scripts say: attributes of the script's own tag, in the visitor's language.

const tag = /** @type {HTMLElement | null} */ (document.getElementById('portal'));

/** A message, with `%name%` replaced. @param {string} key @param {Record<string, string | number>} [args] */
export function say(key, args = {}) {
  const text = tag?.dataset[key] ?? key;
  return text.replace(/%(\w+)%/g, (whole, name) => String(args[name] ?? whole));
}

/** What the host served this page with. */
export const build = tag?.dataset.build ?? '';

/** A local time of day. @param {Date} at */
export const clock = (at) => at.toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** Who is signed in, as a number; empty when nobody is. */
export const account = tag?.dataset.account ?? '';

/** Form secrets are this page's own, and every form has a key of its own. @param {string} html */
export function completed(html) {
  const csrf = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=_csrf]:not([value=""])'))?.value ?? '';
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');
  return html.replaceAll('name="_csrf" value=""', `name="_csrf" value="${csrf}"`).replace(/name="_key" value=""/g, () => `name="_key" value="${key()}"`);
}
