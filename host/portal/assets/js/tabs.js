// Parts of which one is shown at a time, as tabs: arrows move between them, Home and End to the ends, Tab into the part itself.
//
// Without a script, and on paper, the same parts are headings that open: nothing is lost but the row of tabs. A live section that is
// painted anew comes without what was set here, so it is set again after each.

let made = 0;

/** @param {HTMLElement} group */
const panels = (group) => /** @type {HTMLDetailsElement[]} */ ([...group.children].filter((c) => c instanceof HTMLDetailsElement));

/** @param {HTMLElement} group @param {number} at */
function choose(group, at) {
  for (const [n, tab] of [...group.querySelectorAll(':scope > [role=tablist] > [role=tab]')].entries()) {
    tab.setAttribute('aria-selected', String(n === at));
    tab.setAttribute('tabindex', n === at ? '0' : '-1');
  }
  for (const [n, panel] of panels(group).entries()) panel.hidden = n !== at;
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
  const parts = panels(group);
  if (parts.length < 2) return;
  let list = group.querySelector(':scope > [role=tablist]');
  if (!list) {
    list = Object.assign(document.createElement('div'), { className: 'tablist' });
    list.setAttribute('role', 'tablist');
    list.addEventListener('keydown', (event) => pressed(group, /** @type {KeyboardEvent} */ (event)));
    group.prepend(list);
  }
  const tabs = parts.map((panel, n) => {
    panel.id ||= `tab-part-${(made += 1)}`;
    const id = `${panel.id}-tab`;
    const there = document.getElementById(id);
    const tab = there ?? Object.assign(document.createElement('button'), { type: 'button', id, onclick: () => choose(group, n) });
    const label = panel.querySelector('summary')?.textContent ?? '';
    if (tab.textContent !== label) tab.textContent = label;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', panel.id);
    panel.removeAttribute('name');
    panel.open = true;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', id);
    panel.tabIndex = 0;
    return tab;
  });
  // The same row stays where it is: whoever is on a tab keeps the focus.
  if (tabs.length !== list.children.length || tabs.some((tab, n) => tab !== list.children[n])) list.replaceChildren(...tabs);
  const asked = location.hash && parts.findIndex((p) => p.querySelector(CSS.escape ? `#${CSS.escape(location.hash.slice(1))}` : 'none') || `#${p.id}` === location.hash);
  const first = typeof asked === 'number' && asked >= 0 ? asked : 0;
  const at = Number(group.dataset.tab ?? first);
  group.dataset.tabs = 'ready';
  choose(group, Math.min(at, parts.length - 1));
}

const all = () => /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.folds.tabs')).forEach(settle);

all();
document.addEventListener('changzhi:live', all);
