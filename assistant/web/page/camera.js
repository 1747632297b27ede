// The camera: a preview, and twice a second a JPEG of what it shows.

import { scaled } from "./picture.js";

const PERIOD = 500; // ms between two pictures
const QUALITY = 0.8;

export class Camera {
  // see(Blob): the newest picture. wanted(): whether anybody looks. gone(): the device is gone.
  constructor(preview, see, wanted, gone) {
    this.preview = preview;
    this.see = see;
    this.wanted = wanted;
    this.gone = gone;
    this.track = null;
    this.taking = false;
    this.timer = 0;
  }

  get open() {
    return this.track !== null && this.track.readyState === "live";
  }

  async use(track) {
    this.close();
    this.track = track;
    track.addEventListener("ended", () => this.lose(track));
    this.preview.srcObject = new MediaStream([track]);
    this.preview.hidden = false;
    this.timer = setInterval(() => this.take(), PERIOD);
    await this.preview.play().catch(() => {}); // refused where the page is hidden; the pictures come later, then
    await this.take();
  }

  async take() {
    if (this.taking || !this.open || this.preview.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || !this.wanted()) return;
    this.taking = true;
    try {
      const picture = await scaled(this.preview, this.preview.videoWidth, this.preview.videoHeight, QUALITY);
      if (picture && this.open) this.see(picture);
    } finally {
      this.taking = false;
    }
  }

  lose(track) {
    if (this.track !== track) return;
    this.close();
    this.gone();
  }

  close() {
    clearInterval(this.timer);
    const track = this.track;
    this.track = null;
    track?.stop();
    this.preview.srcObject = null;
    this.preview.hidden = true;
  }
}
