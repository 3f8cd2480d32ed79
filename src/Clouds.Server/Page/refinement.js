// Labels, the server's or those of a file, refined by Segment Anything; before and after, and how it came about.
import { ask, carried } from './server.js';
import * as stage from './stage.js';

const byId = id => document.getElementById(id);
const PaperThreshold = 5000 / (768 * 768); // Smallest component, as a share of the image (section 4.1 of the paper).

export class Refinement {
  constructor(segmentation) {
    this.segmentation = segmentation;
    byId('before').addEventListener('click', () => this.show(byId('before').ariaPressed !== 'true'));
    byId('xray').addEventListener('click', () => this.open());
    byId('close').addEventListener('click', () => byId('sheet').close());
    this.forget();
  }

  forget() {
    [this.maps, this.xray] = [null, null];
    byId('before').hidden = byId('xray').hidden = true;
  }

  /** Refines the labels that the segmentation has. */
  async run(file, name, signal) {
    if (!this.segmentation.map) {
      return;
    }
    const { width, height } = this.segmentation.map;
    const form = new FormData();
    form.append('image', file, name);
    form.append('labels', this.segmentation.labels);
    const threshold = Math.round(PaperThreshold * width * height);
    const answer = await (await ask(`refine?as=json&threshold=${threshold}`, { method: 'POST', body: form, signal })).json();
    this.maps = { before: await stage.valuesOf(this.segmentation.labels), after: await stage.valuesOf(carried(answer.labels)) };
    this.xray = answer.xray;
    byId('before').hidden = false;
    byId('xray').hidden = !this.xray;
    const masks = answer.components.filter(one => one.chosen >= 0).length;
    byId('took').textContent = answer.isUnrefined ? 'no component is large enough to be refined'
      : `${masks} masks of ${answer.components.length} components in ${answer.seconds.toFixed(2)} s`;
    this.show(false);
  }

  show(before) {
    if (this.maps) {
      byId('before').setAttribute('aria-pressed', String(before));
      this.segmentation.show(before ? this.maps.before : this.maps.after);
    }
  }

  open() {
    if (this.xray) {
      byId('page').src = this.xray;
      byId('sheet').showModal();
    }
  }
}
