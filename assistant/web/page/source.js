// Where the picture comes from that questions are about: the live camera, or a file that was taken, chosen, pasted or dropped.

import { prepared } from "./picture.js";

const pictureIn = (transfer) => [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name));

export class Source {
  // elements: {take, choose, live, still}. on: {show(Blob), live(), changed(), noPicture()}
  constructor(elements, on) {
    this.elements = elements;
    this.on = on;
    this.still = false; // whether questions are about a picture of its own
    for (const input of [elements.take, elements.choose]) {
      input.addEventListener("change", () => {
        if (input.files[0]) this.offer(input.files[0]);
        input.value = ""; // the same file again is a change, too
      });
    }
    elements.live.addEventListener("click", () => this.goLive());
    elements.still.addEventListener("error", () => this.hideStill());
    document.addEventListener("paste", (event) => {
      const picture = pictureIn(event.clipboardData);
      if (!picture) return;
      event.preventDefault();
      this.offer(picture);
    });
    this.watchDrops();
  }

  watchDrops() {
    const { classList } = document.body;
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      classList.add("dropping");
    });
    document.addEventListener("dragleave", (event) => event.relatedTarget === null && classList.remove("dropping"));
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      classList.remove("dropping");
      const picture = pictureIn(event.dataTransfer);
      if (picture) this.offer(picture);
      else this.on.noPicture();
    });
  }

  async offer(file) {
    const picture = await prepared(file);
    if (!this.on.show(picture)) return;
    this.hideStill();
    this.elements.still.src = URL.createObjectURL(picture);
    this.elements.still.hidden = false;
    this.set(true);
  }

  hideStill() {
    const { still } = this.elements;
    still.hidden = true;
    if (still.src) URL.revokeObjectURL(still.src);
    still.removeAttribute("src");
  }

  goLive() {
    this.hideStill();
    this.set(false);
    this.on.live();
  }

  set(still) {
    this.still = still;
    this.on.changed();
  }
}
