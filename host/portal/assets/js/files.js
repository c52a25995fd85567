// Pictures that were chosen: shown before they are sent, and drawn smaller. What a picture says of its place and time stays on
// the device; the host takes it out as well, for those who come without a script.

/** The longer side of what is sent, in pixels. */
const SIDE = 1600;
const QUALITY = 0.85;
/** Pictures shown of one form. */
const SHOWN = 10;

/**
 * The picture upright, no larger than is of use; anything else, and what this browser cannot draw, as it is.
 * @param {File} file @returns {Promise<Blob>}
 */
export async function smaller(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type)) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const type = file.type === 'image/png' ? 'image/png' : 'image/jpeg';
    const drawn = await new Promise((done) => canvas.toBlob(done, type, QUALITY));
    return drawn ?? file;
  } catch {
    return file;
  }
}

/** Shows what a form would send. @param {HTMLFieldSetElement} part */
function show(part) {
  const list = part.querySelector('.chosen') ?? part.appendChild(Object.assign(document.createElement('ul'), { className: 'chosen' }));
  for (const image of list.querySelectorAll('img')) URL.revokeObjectURL(image.src);
  const inputs = /** @type {NodeListOf<HTMLInputElement>} */ (part.querySelectorAll('input[type=file]'));
  const chosen = [...inputs].flatMap((input) => [...(input.files ?? [])]).slice(0, SHOWN);
  list.replaceChildren(...chosen.map((file) => {
    const item = document.createElement('li');
    if (file.type.startsWith('image/')) {
      item.append(Object.assign(new Image(), { src: URL.createObjectURL(file), alt: file.name }));
    } else item.textContent = file.name;
    return item;
  }));
}

for (const part of /** @type {NodeListOf<HTMLFieldSetElement>} */ (document.querySelectorAll('fieldset.files'))) {
  part.addEventListener('change', () => show(part));
  part.closest('form')?.addEventListener('reset', () => setTimeout(() => show(part)));
}
