// Wires the page: what the server can do, files from disk, drag and folder, keys, failures.
import { ask, send, Failure } from './server.js';
import { Segmentation } from './segmentation.js';
import * as stage from './stage.js';

const byId = id => document.getElementById(id);
const opacity = byId('opacity');
const state = { segmentation: null, images: [], at: -1, running: null };

async function start() {
  const models = await (await ask('models')).json();
  state.segmentation = new Segmentation(models.segmenter.classes);
  byId('where').textContent = `${models.segmenter.classes.length} classes, ${models.segmenter.device}`;
  stage.onHover(pixel => state.segmentation.textAt(pixel));
  stage.setOpacity(opacity.value / 100);
  if (models.folder) {
    await listFolder();
  }
}

async function listFolder() {
  const { images, more } = await (await ask('files')).json();
  state.images = images;
  byId('images').replaceChildren(...images.map((path, i) => {
    const [item, button, name] = ['li', 'button', 'bdi'].map(tag => document.createElement(tag));
    name.textContent = path;
    button.type = 'button';
    button.title = path;
    button.append(name);
    button.addEventListener('click', () => openAt(i));
    item.append(button);
    return item;
  }));
  byId('folder').hidden = false;
  byId('folder').querySelector('h2').textContent = `Folder, ${images.length}${more ? ' and more' : ''} images`;
}

/** Opens an image of the folder. */
const openAt = i => guarded(async () => {
  if (i < 0 || i >= state.images.length) {
    return;
  }
  state.at = i;
  byId('images').querySelectorAll('button').forEach((button, j) => button.setAttribute('aria-pressed', String(i === j)));
  const path = state.images[i];
  const file = await (await ask(`files/${path.split('/').map(encodeURIComponent).join('/')}`)).blob();
  await open(file, path);
});

/** Shows a file and has it labelled; what was under way before is given up. */
async function open(file, name) {
  state.running?.abort();
  const running = state.running = new AbortController();
  byId('busy').hidden = false;
  try {
    const bitmap = await bitmapOf(file, running.signal);
    state.segmentation.forget();
    stage.show(bitmap);
    byId('where').textContent = name;
    await state.segmentation.run(file, running.signal);
  } finally {
    byId('busy').hidden = state.running === running;
  }
}

// What the browser cannot decode, TIFF for instance, the server draws.
async function bitmapOf(file, signal) {
  try {
    return await createImageBitmap(file);
  } catch {
    return createImageBitmap(await (await send('segment?as=overlay&opacity=0', file, signal)).blob());
  }
}

async function guarded(work) {
  try {
    byId('failure').hidden = true;
    await work();
  } catch (failure) {
    if (failure.name !== 'AbortError') {
      tell(failure instanceof Failure ? failure.told : { what: failure.message });
    }
  }
}

function tell({ what, where, found, expected, next }) {
  byId('what').textContent = what;
  byId('details').textContent = Object.entries({ where, found, expected, next }).filter(([, text]) => text).map(([name, text]) => `${name}: ${text}`).join('\n');
  byId('failure').hidden = false;
}

function setOpacity(value) {
  opacity.value = value;
  stage.setOpacity(opacity.value / 100);
}

const keys = {
  o: () => byId('file').click(),
  ' ': () => setOpacity(opacity.value > 0 ? (state.before = opacity.value, 0) : state.before ?? 55),
  '-': () => setOpacity(Number(opacity.value) - 10),
  '+': () => setOpacity(Number(opacity.value) + 10),
  ArrowLeft: () => openAt(state.at - 1),
  ArrowRight: () => openAt(state.at + 1),
  Escape: () => { byId('failure').hidden = true; },
};

document.addEventListener('keydown', event => {
  const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input') || (event.key === ' ' && event.target.matches('button'));
  const act = elsewhere ? null : keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

byId('open').addEventListener('click', () => byId('file').click());
byId('dismiss').addEventListener('click', () => { byId('failure').hidden = true; });
byId('file').addEventListener('change', event => {
  const [file] = event.target.files;
  event.target.value = '';
  if (file) {
    guarded(() => open(file, file.name));
  }
});
opacity.addEventListener('input', () => setOpacity(opacity.value));

for (const type of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(type, event => {
    event.preventDefault();
    byId('stage').classList.toggle('over', type === 'dragover');
    const file = type === 'drop' ? event.dataTransfer.files[0] : null;
    if (file) {
      guarded(() => open(file, file.name));
    }
  });
}

guarded(start);
