// The picture, and what is painted over it. Positions are pixels of the picture.
const byId = id => document.getElementById(id);
const [stage, frame, picture, overlay, hover] = ['stage', 'frame', 'picture', 'overlay', 'hover'].map(byId);

/** The uppermost canvas, which gets the pointer's events. */
export const marks = byId('marks');

/** The first channel of a PNG: ids, or a mask. */
export async function valuesOf(blob) {
  const pixels = await pixelsOf(blob);
  return { width: pixels.width, height: pixels.height, values: Uint8Array.from({ length: pixels.data.length / 4 }, (_, i) => pixels.data[4 * i]) };
}

/** Pixels of a PNG as it stores them, without colour management. */
async function pixelsOf(blob) {
  const bitmap = await createImageBitmap(blob, { colorSpaceConversion: 'none', premultiplyAlpha: 'none' });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Shows a picture as large as the stage lets it. */
export function show(bitmap) {
  for (const canvas of [picture, overlay, marks]) {
    [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  }
  picture.getContext('2d').drawImage(bitmap, 0, 0);
  const ratio = bitmap.width / bitmap.height;
  frame.style.width = `min(100cqw, ${ratio * 100}cqh)`;
  frame.style.aspectRatio = `${bitmap.width} / ${bitmap.height}`;
  frame.hidden = false;
  byId('invitation').hidden = true;
}

/** Paints a layer over the picture: for each pixel a colour, or 0 for none. */
export function paint(colourOf) {
  overlay.getContext('2d').putImageData(layer(colourOf), 0, 0);
}

/** A layer of the picture's size. */
export function layer(colourOf) {
  const image = new ImageData(overlay.width, overlay.height);
  const words = new Uint32Array(image.data.buffer);
  for (let i = 0; i < words.length; i++) {
    words[i] = colourOf(i);
  }
  return image;
}

/** A colour as paint wants it. */
export const colour = ([red, green, blue], alpha = 255) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

export const clear = () => overlay.getContext('2d').clearRect(0, 0, overlay.width, overlay.height);
export const setOpacity = share => { overlay.style.opacity = share; };

/** Calls with the pixel under the pointer, or with null, and shows the text that comes back. */
export function onHover(textAt) {
  marks.addEventListener('pointermove', event => {
    const text = textAt(pixelAt(event));
    const box = stage.getBoundingClientRect();
    hover.hidden = !text;
    hover.textContent = text ?? '';
    const flip = event.clientX - box.left > box.width - 160;
    hover.style.left = `${event.clientX - box.left - (flip ? 150 : 0)}px`;
    hover.style.top = `${event.clientY - box.top}px`;
  });
  marks.addEventListener('pointerleave', () => { hover.hidden = true; });
}

/** The pixel of a pointer event. */
export function pixelAt(event) {
  const box = marks.getBoundingClientRect();
  const inside = (value, low, size, most) => Math.min(most - 1, Math.max(0, Math.floor((value - low) / size * most)));
  return { x: inside(event.clientX, box.left, box.width, marks.width), y: inside(event.clientY, box.top, box.height, marks.height) };
}
