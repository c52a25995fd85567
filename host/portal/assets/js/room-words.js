// What a room says, in the visitor's language: attributes of the part of the page that the script draws in.

/** @param {HTMLElement} room @param {string} key @param {Record<string, string | number>} [args] replace `%name%` */
export function say(room, key, args = {}) {
  const text = /** @type {HTMLElement | null} */ (room.querySelector('.call'))?.dataset[key] ?? key;
  return text.replace(/%(\w+)%/g, (whole, name) => String(args[name] ?? whole));
}
