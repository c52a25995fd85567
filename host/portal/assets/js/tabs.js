// Parts of which one is shown at a time, as tabs: arrows move between them, Home and End to the ends, Tab into the part itself.
//
// Without a script, and on paper, the same parts are headings that open: nothing is lost but the row of tabs. A live section that is
// painted anew comes without what was set here, so it is set again after each.

let made = 0;

/** The parts, bare or in their panels already. @param {HTMLElement} group */
const parts = (group) => /** @type {HTMLDetailsElement[]} */ ([...group.querySelectorAll(':scope > details, :scope > .tabpart > details')]);

/** What a part stands in: a heading that opens may not be a panel itself. @param {HTMLDetailsElement} part */
function panel(part) {
  const there = part.parentElement;
  if (there?.classList.contains('tabpart')) return there;
  const made = Object.assign(document.createElement('div'), { className: 'tabpart', tabIndex: 0 });
  part.replaceWith(made);
  made.append(part);
  return made;
}

/** @param {HTMLElement} group @param {number} at */
function choose(group, at) {
  for (const [n, tab] of [...group.querySelectorAll(':scope > [role=tablist] > [role=tab]')].entries()) {
    tab.setAttribute('aria-selected', String(n === at));
    tab.setAttribute('tabindex', n === at ? '0' : '-1');
  }
  for (const [n, part] of parts(group).entries()) panel(part).hidden = n !== at;
  group.dataset.tab = String(at);
}

/** @param {HTMLElement} group @param {KeyboardEvent} event */
function pressed(group, event) {
  const tabs = /** @type {HTMLElement[]} */ ([...group.querySelectorAll(':scope > [role=tablist] > [role=tab]')]);
  const here = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
  const to = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 }[event.key];
  if (here < 0 || to === undefined) return;
  event.preventDefault();
  const at = (to + tabs.length) % tabs.length;
  choose(group, at);
  tabs[at]?.focus();
}

/** @param {HTMLElement} group */
function settle(group) {
  const all = parts(group);
  if (all.length < 2) return;
  let list = group.querySelector(':scope > [role=tablist]');
  if (!list) {
    list = Object.assign(document.createElement('div'), { className: 'tablist' });
    list.setAttribute('role', 'tablist');
    list.addEventListener('keydown', (event) => pressed(group, /** @type {KeyboardEvent} */ (event)));
    group.prepend(list);
  }
  const tabs = all.map((part, n) => {
    part.id ||= `tab-part-${(made += 1)}`;
    const id = `${part.id}-tab`;
    const box = panel(part);
    const there = document.getElementById(id);
    const tab = there ?? Object.assign(document.createElement('button'), { type: 'button', id, onclick: () => choose(group, n) });
    const label = part.querySelector('summary')?.textContent ?? '';
    if (tab.textContent !== label) tab.textContent = label;
    tab.setAttribute('role', 'tab');
    box.id = `${part.id}-panel`;
    box.setAttribute('role', 'tabpanel');
    box.setAttribute('aria-labelledby', id);
    tab.setAttribute('aria-controls', box.id);
    part.removeAttribute('name');
    part.open = true;
    return tab;
  });
  // The same row stays where it is: whoever is on a tab keeps the focus.
  if (tabs.length !== list.children.length || tabs.some((tab, n) => tab !== list.children[n])) list.replaceChildren(...tabs);
  const asked = location.hash && all.findIndex((p) => p.querySelector(`#${CSS.escape(location.hash.slice(1))}`) || `#${p.id}` === location.hash);
  const first = typeof asked === 'number' && asked >= 0 ? asked : 0;
  const at = Number(group.dataset.tab ?? first);
  group.dataset.tabs = 'ready';
  choose(group, Math.min(at, all.length - 1));
}

const every = () => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.folds.tabs')).forEach(settle);

every();
document.addEventListener('changzhi:live', every);
