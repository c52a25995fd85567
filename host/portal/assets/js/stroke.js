// A pad to sign on by hand. What is drawn becomes a path (`M x y L x y …`) in the field beneath it; who cannot draw, or has no script,
// writes their name there instead. Only where the pen went is kept: no pressure, no speed, no time, so that a signature is no biometric.

const WIDTH = 320;
const HEIGHT = 120;
/** Longest path, in bytes: what the field takes. */
const LONGEST = 15_000;

/** @param {HTMLTextAreaElement} field */
function pad(field) {
  const canvas = document.createElement('canvas');
  canvas.className = 'pad';
  canvas.width = WIDTH * 2;
  canvas.height = HEIGHT * 2;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', field.dataset.pad ?? '');
  const clear = document.createElement('button');
  clear.type = 'button';
  clear.textContent = field.dataset.clear ?? '×';
  field.before(canvas, clear);
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.lineWidth = 4;
  pen.lineCap = 'round';
  pen.strokeStyle = getComputedStyle(field).color;
  let path = '';
  let down = false;

  /** @param {PointerEvent} event */
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const part = (/** @type {number} */ n, /** @type {number} */ of, /** @type {number} */ to) => Math.max(0, Math.min(to, Math.round((n / of) * to)));
    return [part(event.clientX - box.left, box.width, WIDTH), part(event.clientY - box.top, box.height, HEIGHT)];
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    down = path.length < LONGEST;
    path += `${path ? ' ' : ''}M ${x} ${y}`;
    pen.beginPath();
    pen.moveTo(x * 2, y * 2);
    event.preventDefault();
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!down) return;
    const [x, y] = at(event);
    path += ` L ${x} ${y}`;
    pen.lineTo(x * 2, y * 2);
    pen.stroke();
    down = path.length < LONGEST;
  });
  canvas.addEventListener('pointerup', () => {
    down = false;
    field.value = path;
    field.hidden = true;
  });
  clear.addEventListener('click', () => {
    path = '';
    pen.clearRect(0, 0, canvas.width, canvas.height);
    field.value = '';
    field.hidden = false;
    field.focus();
  });
}

for (const field of document.querySelectorAll('textarea[data-pad]')) pad(/** @type {HTMLTextAreaElement} */ (field));
// A section that came live brings its own.
document.addEventListener('htmx:afterSwap', () => {
  for (const field of document.querySelectorAll('textarea[data-pad]')) {
    if (!(field.previousElementSibling instanceof HTMLButtonElement)) pad(/** @type {HTMLTextAreaElement} */ (field));
  }
});
