// @ts-check
/**
 * Shortcuts: J and K move over rows, Enter follows the row's link (the browser does that), "/" searches, G and a letter goes
 * somewhere, "?" helps. Everything they do can be done without them; `data-keys="nokeys"` on the root switches them off.
 *
 * A key is left alone while anything is typed, composed (IME) or held down with Ctrl, Alt or Meta.
 */

/** Where G and a letter lead. @type {Record<string, string>} */
const places = { h: "/", n: "/notices", m: "/me", j: "/jobs", a: "/admin" };

/** How long G waits for its letter, in milliseconds. */
const WAITS = 1500;

let going = 0;

/** @param {EventTarget | null} target */
const types = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** What a row is moved onto: its first link or button. */
const stops = () =>
  [...document.querySelectorAll("main tbody tr, main .news li, main .found li, main .topics li")]
    .map((row) => /** @type {HTMLElement | null} */ (row.querySelector("a[href], button")))
    .filter((stop) => stop !== null);

/** @param {number} by */
const move = (by) => {
  const all = stops();
  const here = all.findIndex((stop) => stop.closest("tr, li")?.contains(document.activeElement));
  const to = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  const stop = all[to];
  stop?.focus();
  stop?.closest("tr, li")?.scrollIntoView({ block: "nearest" });
  return stop !== undefined;
};

/** @param {KeyboardEvent} event */
const pressed = (event) => {
  if (document.documentElement.dataset.keys === "nokeys" || event.defaultPrevented) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || types(event.target)) return;
  const key = event.key.toLowerCase();
  const after = Date.now() - going < WAITS;
  going = 0;
  if (after && places[key]) {
    event.preventDefault();
    location.assign(places[key]);
  } else if (key === "g") {
    going = Date.now();
  } else if (key === "j" || key === "k") {
    if (move(key === "j" ? 1 : -1)) event.preventDefault();
  } else if (event.key === "/") {
    const box = document.getElementById("find") ?? document.querySelector('input[type="search"]');
    event.preventDefault();
    if (box instanceof HTMLElement && box.offsetParent !== null) box.focus();
    else location.assign("/search");
  } else if (event.key === "?") {
    event.preventDefault();
    location.assign("/help#keys");
  }
};

document.addEventListener("keydown", pressed);
document.documentElement.dataset.hearsKeys = "";
// An error summary takes the focus, so that what went wrong is read first.
const summary = document.querySelector(".summary[tabindex]");
if (summary instanceof HTMLElement) summary.focus();
