// Wires the page: what the server can do, files from disk, drag and folder, keys, failures.
import { ask, send, Failure } from './server.js';
import { Objects } from './objects.js';
import { Refinement } from './refinement.js';
import { Segmentation } from './segmentation.js';
import * as stage from './stage.js';

const byId = id => document.getElementById(id);
const opacity = byId('opacity');
const state = { segmentation: null, objects: null, refinement: null, tool: null, images: [], at: -1, file: null, running: null };

async function start() {
  const models = await (await ask('models')).json();
  state.segmentation = new Segmentation(models.classes, Boolean(models.segmenter));
  state.objects = models.sam && new Objects(guarded);
  state.refinement = models.sam && new Refinement(state.segmentation);
  byId('refinement').hidden = document.querySelector('.refinement').hidden = !state.refinement;
  document.querySelector('.objects').hidden = !state.objects;
  byId('tools').hidden = !state.objects;
  byId('where').textContent = [models.segmenter && `${models.segmenter.classes.length} classes`, models.sam && 'Segment Anything']
    .filter(part => part).join(', ');
  stage.onHover(pixel => state.tool === 'classes' ? state.segmentation.textAt(pixel) : null);
  stage.setOpacity(opacity.value / 100);
  pick(models.segmenter ? 'classes' : 'objects');
  if (models.folder) {
    await listFolder();
  }
}

/** Takes a tool; what it has not looked at yet it looks at now. */
function pick(tool) {
  if (tool === 'objects' && !state.objects) {
    return;
  }
  state.tool = tool;
  document.querySelectorAll('[data-tool]').forEach(button => button.setAttribute('aria-pressed', String(button.dataset.tool === tool)));
  showPanel();
  stage.marks.hidden = false;
  state.objects?.aim(tool === 'objects');
  guarded(look);
}

function showPanel() {
  byId('objects').hidden = state.tool !== 'objects';
  byId('classes').hidden = state.tool !== 'classes' || !state.file;
  byId('overlay').hidden = state.tool !== 'classes';
}

/** Has the tool look at the file that is shown. */
const look = () => busy(async signal => {
  if (state.file && state.tool === 'classes' && state.segmentation.segments && !state.segmentation.map) {
    await state.segmentation.run(state.file, signal);
  } else if (state.file && state.tool === 'objects' && !state.objects.embedding) {
    await state.objects.embed(state.file, signal);
  }
});

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

/** Shows a file and has the tool look at it; what was under way before is given up. */
async function open(file, name) {
  await busy(async signal => {
    const bitmap = await bitmapOf(file, signal);
    signal.throwIfAborted();
    [state.segmentation, state.objects, state.refinement].forEach(part => part?.forget());
    stage.show(bitmap);
    state.file = file;
    byId('where').textContent = name;
    showPanel();
  });
  await look();
}

/** Takes the labels of a file for the image that is shown. */
const openLabels = file => guarded(() => busy(async signal => {
  await state.segmentation.take(file, signal);
  state.refinement.forget();
}));

/** Does one thing at a time, and shows that something is done. */
async function busy(work) {
  state.running?.abort();
  const running = state.running = new AbortController();
  byId('busy').hidden = false;
  try {
    await work(running.signal);
  } finally {
    byId('busy').hidden ||= state.running === running;
  }
}

// What the browser cannot decode, TIFF for instance, the server draws.
async function bitmapOf(file, signal) {
  try {
    return await createImageBitmap(file);
  } catch (failure) {
    if (!state.segmentation.segments) {
      throw failure;
    }
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
  Escape: () => { byId('failure').hidden = true; state.objects?.clear(); },
  c: () => pick('classes'),
  p: () => pick('objects'),
  e: () => byId('exclude').click(),
  z: () => byId('undo').click(),
  1: () => state.objects?.choose(0),
  2: () => state.objects?.choose(1),
  3: () => state.objects?.choose(2),
  l: () => state.refinement && state.file && byId('labels').click(),
  r: () => byId('refine').click(),
  b: () => byId('before').click(),
  x: () => byId('xray').click(),
};

document.addEventListener('keydown', event => {
  const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input') || (event.key === ' ' && event.target.matches('button'));
  const act = elsewhere ? null : keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

// The space bar is the overlay's, not that of the button that the pointer has pressed last.
document.addEventListener('click', event => event.detail > 0 && event.target.closest('button')?.blur());
document.querySelectorAll('[data-tool]').forEach(button => button.addEventListener('click', () => pick(button.dataset.tool)));
byId('refine').addEventListener('click', () => state.refinement && guarded(() => busy(signal => state.refinement.run(state.file, byId('where').textContent, signal))));
byId('open').addEventListener('click', () => byId('file').click());
byId('labels').addEventListener('click', () => byId('labelsfile').click());
byId('dismiss').addEventListener('click', () => { byId('failure').hidden = true; });
for (const [input, take] of [['file', file => guarded(() => open(file, file.name))], ['labelsfile', openLabels]]) {
  byId(input).addEventListener('change', event => {
    const [file] = event.target.files;
    event.target.value = '';
    if (file) {
      take(file);
    }
  });
}
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
