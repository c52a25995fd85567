// Messages to this browser: asks, subscribes with the host's key, and hands the subscription in as the form's address.
// It is the browser's push service that carries them, and what it carries is encrypted for this browser alone.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector('form[data-push]'));

/** @param {string} text base64url */
function bytes(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

/** @param {HTMLFormElement} form */
async function subscribe(form) {
  const worker = await navigator.serviceWorker.ready;
  const key = bytes(form.dataset.push ?? '');
  // One made for another key of this host (a new data folder) is of no use.
  await (await worker.pushManager.getSubscription())?.unsubscribe();
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const address = /** @type {HTMLInputElement} */ (form.elements.namedItem('address'));
  address.value = JSON.stringify(made.toJSON());
  form.submit();
}

if (form && 'serviceWorker' in navigator && 'PushManager' in window) {
  form.hidden = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const said = form.querySelector('[role=status]');
    subscribe(form).catch((error) => {
      console.warn('changzhi: no subscription', error);
      if (said) said.textContent = form.dataset.refused ?? '';
    });
  });
}
