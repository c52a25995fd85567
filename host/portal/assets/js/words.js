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
