// Segment Anything: points and boxes on the picture, masks drawn at once.
import { askJson, carried, send } from './server.js';
import * as stage from './stage.js';

const byId = id => document.getElementById(id);
const Colour = [64, 120, 255];
const Drag = 6; // Pixels of the screen from which on a click is a box.

export class Objects {
  /** @param guarded Runs work and shows its failures. */
  constructor(guarded) {
    this.guarded = guarded;
    this.forget();
    stage.marks.addEventListener('contextmenu', event => event.preventDefault());
    stage.marks.addEventListener('pointerdown', event => this.down(event));
    stage.marks.addEventListener('pointermove', event => this.move(event));
    stage.marks.addEventListener('pointerup', event => this.up(event));
    byId('exclude').addEventListener('click', ({ target }) => target.setAttribute('aria-pressed', String(target.ariaPressed !== 'true')));
    byId('undo').addEventListener('click', () => this.undo());
    byId('clear').addEventListener('click', () => this.clear());
  }

  aim(on) {
    this.aiming = on;
    stage.marks.classList.toggle('aiming', on);
    this.draw();
  }

  forget() {
    this.embedding = null;
    this.clear();
  }

  clear() {
    this.asking?.abort();
    Object.assign(this, { points: [], box: null, pressed: null, masks: [], chosen: 0, layer: null });
    this.list();
    this.draw();
  }

  async embed(file, signal) {
    this.embedding = (await (await send('sam/embed', file, signal)).json()).embedding;
    this.file = file;
    await this.ask();
  }

  down(event) {
    if (this.aiming && event.isPrimary) {
      stage.marks.setPointerCapture(event.pointerId);
      this.pressed = { ...stage.pixelAt(event), screen: [event.clientX, event.clientY] };
    }
  }

  move(event) {
    if (this.pressed && this.isDrag(event)) {
      this.box = this.boxTo(stage.pixelAt(event));
      this.draw();
    }
  }

  up(event) {
    if (!this.pressed) {
      return;
    }
    if (this.isDrag(event)) {
      this.box = this.boxTo(stage.pixelAt(event));
    } else {
      const excluded = event.button === 2 || event.shiftKey || byId('exclude').ariaPressed === 'true';
      this.points.push({ x: this.pressed.x, y: this.pressed.y, inside: !excluded });
    }
    this.pressed = null;
    this.draw();
    this.guarded(() => this.ask());
  }

  undo() {
    this.points.length > 0 ? this.points.pop() : this.box = null;
    this.guarded(() => this.ask());
  }

  isDrag(event) {
    return Math.hypot(event.clientX - this.pressed.screen[0], event.clientY - this.pressed.screen[1]) >= Drag;
  }

  boxTo({ x, y }) {
    return [Math.min(x, this.pressed.x), Math.min(y, this.pressed.y), Math.max(x, this.pressed.x), Math.max(y, this.pressed.y)];
  }

  /** Asks for the masks of all points and the box; an older question is given up. */
  async ask() {
    this.asking?.abort();
    if (this.points.length === 0 && !this.box) {
      this.clear();
      return;
    }
    if (!this.embedding) {
      return;
    }
    const asking = this.asking = new AbortController();
    const question = { embedding: this.embedding, points: this.points, ...(this.box && { box: this.box }) };
    const answer = await askJson('sam/predict', question, asking.signal);
    const masks = await Promise.all(answer.masks.map(async mask => ({ ...mask, ...await stage.valuesOf(carried(mask.png)) })));
    asking.signal.throwIfAborted();
    this.masks = masks;
    this.choose(answer.best);
  }

  choose(i) {
    if (!this.masks[i]) {
      return;
    }
    this.chosen = i;
    this.layer = stage.layer(pixel => this.masks[i].values[pixel] ? stage.colour(Colour, 120) : 0);
    this.list();
    this.draw();
  }

  list() {
    byId('masks').replaceChildren(...this.masks.map((mask, i) => {
      const [item, button] = ['li', 'button'].map(tag => document.createElement(tag));
      button.type = 'button';
      button.title = `Mask ${i + 1}: ${mask.area} pixels, expected overlap ${mask.score.toFixed(3)}`;
      button.textContent = mask.score.toFixed(2);
      button.setAttribute('aria-pressed', String(i === this.chosen));
      button.addEventListener('click', () => this.choose(i));
      item.append(button);
      return item;
    }));
  }

  draw() {
    const context = stage.marks.getContext('2d');
    context.clearRect(0, 0, stage.marks.width, stage.marks.height);
    if (!this.aiming) {
      return;
    }
    if (this.layer) {
      context.putImageData(this.layer, 0, 0);
    }
    const unit = stage.marks.width / Math.max(1, stage.marks.clientWidth); // Pixels of the picture in one of the screen.
    if (this.box) {
      context.lineWidth = 2 * unit;
      context.strokeStyle = `rgb(${Colour.join(' ')})`;
      context.strokeRect(this.box[0], this.box[1], this.box[2] - this.box[0] + 1, this.box[3] - this.box[1] + 1);
    }
    for (const { x, y, inside } of this.points) {
      context.beginPath();
      context.arc(x + 0.5, y + 0.5, 6 * unit, 0, 2 * Math.PI);
      context.fillStyle = inside ? '#1fa34a' : '#d3302f';
      context.fill();
      context.lineWidth = 2 * unit;
      context.strokeStyle = '#ffffff';
      context.stroke();
    }
  }
}
