// The label map of a picture: colours over it, a legend with the share of each class, the class under the pointer.
import { send, Failure } from './server.js';
import * as stage from './stage.js';

const byId = id => document.getElementById(id);
const legend = byId('legend');

export class Segmentation {
  /** @param segments Whether the server can make labels; else they come from files. */
  constructor(classes, segments) {
    Object.assign(this, { classes, segments, map: null, only: null });
  }

  /** Asks for the labels of a file and paints them. */
  async run(file, signal) {
    const start = performance.now();
    const answer = await send('segment?as=ids', file, signal);
    this.labels = await answer.blob();
    this.show(await stage.valuesOf(this.labels));
    byId('took').textContent = `${this.map.width} × ${this.map.height} pixels in ${((performance.now() - start) / 1000).toFixed(2)} s`;
  }

  /** Takes the labels of a file, as any program writes them, in the place of those that the server makes. */
  async take(file, signal) {
    const labels = await (await send('labels', file, signal)).blob();
    const map = await stage.valuesOf(labels);
    const size = one => `${one.width} × ${one.height} pixels`;
    if (size(map) !== size(stage.marks)) {
      throw new Failure({ what: 'the labels have another size than the image', where: file.name, found: size(map), expected: size(stage.marks),
        next: 'open the labels of this image' });
    }
    this.labels = labels;
    this.show(map);
    byId('took').textContent = `${size(map)} of ${file.name}`;
  }

  /** Paints a label map and lists its classes. */
  show({ width, height, values }) {
    this.map = { width, height, ids: values };
    this.only = null;
    this.paint();
    this.list();
  }

  forget() {
    this.map = null;
    legend.replaceChildren();
    byId('took').textContent = '';
    stage.clear();
  }

  /** Paints the classes; where one is picked, the others are pale. */
  paint() {
    const strong = this.classes.map(one => stage.colour(one.colour));
    const pale = this.classes.map(one => stage.colour(one.colour, 40));
    stage.paint(i => (this.only === null || this.only === this.map.ids[i] ? strong : pale)[this.map.ids[i]] ?? 0);
  }

  textAt({ x, y }) {
    return this.map && (this.classes[this.map.ids[y * this.map.width + x]]?.name ?? 'no label');
  }

  list() {
    const counts = new Array(256).fill(0);
    this.map.ids.forEach(id => counts[id]++);
    const present = counts.map((count, id) => ({ count, id })).filter(one => one.count > 0).sort((a, b) => b.count - a.count);
    legend.replaceChildren(...present.map(one => this.row(one.id, one.count / this.map.ids.length)));
  }

  row(id, share) {
    const [item, button, patch, name, data] = ['li', 'button', 'i', 'span', 'data'].map(tag => document.createElement(tag));
    patch.style.background = this.classes[id] ? `rgb(${this.classes[id].colour.join(' ')})` : 'none';
    name.textContent = this.classes[id]?.name ?? 'no label';
    data.value = share;
    data.textContent = share < 0.001 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    button.append(patch, name, data);
    button.addEventListener('click', () => this.pick(id, button));
    item.append(button);
    return item;
  }

  pick(id, button) {
    this.only = this.only === id ? null : id;
    legend.querySelectorAll('button').forEach(other => other.setAttribute('aria-pressed', String(other === button && this.only === id)));
    this.paint();
  }
}
