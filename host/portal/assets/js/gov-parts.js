// Small helps for parts that are whole without them: conditions in forms, the held button, parts that fill themselves in.

/** Shows what a form needs only under a condition; what is hidden is not sent. */
function conditions() {
  /** @param {FormData} data @param {HTMLElement} part */
  const holds = (data, part) => {
    const { field = '', op, value = '' } = part.dataset;
    const given = String(data.get(field) ?? '');
    switch (op) {
      case 'is': return given === value;
      case 'is-not': return given !== value;
      case 'in': return value.split(' ').includes(given);
      case 'empty': return given === '';
      default: return given !== '';
    }
  };
  const settle = (/** @type {HTMLFormElement} */ form) => {
    const parts = /** @type {NodeListOf<HTMLFieldSetElement>} */ (form.querySelectorAll('fieldset.when'));
    // A disabled part is not in the data, so each is asked with all of them enabled.
    for (const part of parts) part.disabled = false;
    const data = new FormData(form);
    for (const part of parts) part.hidden = part.disabled = !holds(data, part);
  };
  for (const form of document.forms) {
    if (!form.querySelector('fieldset.when')) continue;
    form.addEventListener('input', () => settle(form));
    settle(form);
  }
}

/** The one key: held for its time, and numbers to ring when nobody answers within five seconds. */
class GovSos extends HTMLElement {
  connectedCallback() {
    const hold = Number(this.dataset.hold ?? 1000);
    for (const form of this.querySelectorAll('form')) {
      const button = form.querySelector('button');
      if (!button || hold === 0) continue;
      /** @type {ReturnType<typeof setTimeout> | undefined} */
      let held;
      let ready = false;
      const press = () => {
        button.dataset.held = '';
        held = setTimeout(() => { ready = true; form.requestSubmit(); }, hold);
      };
      const release = () => { delete button.dataset.held; clearTimeout(held); };
      button.addEventListener('pointerdown', press);
      for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, release);
      // A key and a switch cannot hold: they press as they always do.
      button.addEventListener('click', (e) => { if (!ready && e.detail > 0) e.preventDefault(); });
      form.addEventListener('submit', () => setTimeout(() => this.toggleAttribute('data-unanswered', true), 5_000));
    }
  }
}

/** Fetches its page and puts what is on it in its own place. */
class GovLazy extends HTMLElement {
  async connectedCallback() {
    const src = this.dataset.src;
    if (!src || this.dataset.state) return;
    this.dataset.state = 'loading';
    try {
      const answer = await fetch(src, { headers: { accept: 'text/html' } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main .page');
      if (!page) throw new Error('there is no page in it');
      this.replaceChildren(...page.childNodes);
      this.dataset.state = 'ready';
    } catch (error) {
      this.dataset.state = 'failed';
      console.warn('changzhi: a part stays a link:', error);
    }
  }
}

customElements.define('gov-sos', GovSos);
customElements.define('gov-lazy', GovLazy);
conditions();
