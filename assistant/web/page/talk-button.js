// The big button, for everybody who can press something. Held by finger, mouse, Space or Enter it listens until it is let go; a short
// press, which is all that screen readers and switches have, opens it until the next one.

const SHORT = 400; // ms; less is a press, more is holding
const ECHO = 700; // ms in which a click still belongs to the finger that was lifted

export class TalkButton {
  // on: {armed(): whether there is something to talk into; start(): pressed while there is not; down(); up()}.
  // toggles(): whether a short press stays open.
  constructor(button, on, toggles) {
    this.button = button;
    this.on = on;
    this.toggles = toggles;
    this.open = false;
    this.pressedAt = null; // while a finger or key is on it
    this.liftedAt = -Infinity;
    button.addEventListener("pointerdown", (event) => this.pointerDown(event));
    button.addEventListener("pointerup", () => this.lift());
    button.addEventListener("pointercancel", () => this.end());
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    button.addEventListener("keydown", (event) => this.keyDown(event));
    button.addEventListener("keyup", (event) => this.keyUp(event));
    button.addEventListener("click", () => this.click());
    button.addEventListener("blur", () => this.pressedAt !== null && this.end());
    document.addEventListener("visibilitychange", () => document.hidden && this.end());
  }

  pointerDown(event) {
    if (event.button !== 0 || !this.on.armed()) return;
    this.button.setPointerCapture(event.pointerId);
    this.press();
  }

  lift() {
    if (this.pressedAt === null) return;
    this.liftedAt = performance.now();
    this.release();
  }

  keyDown(event) {
    if ((event.key !== " " && event.key !== "Enter") || !this.on.armed()) return;
    event.preventDefault(); // no click follows
    if (!event.repeat) this.press();
  }

  keyUp(event) {
    if (this.pressedAt === null || (event.key !== " " && event.key !== "Enter")) return;
    event.preventDefault();
    this.release();
  }

  // Starting needs a click, for browsers let nothing sound at the touch of a finger, only when it is lifted. Otherwise a click is
  // all that assistive technology sends.
  click() {
    const echo = performance.now() - this.liftedAt < ECHO;
    this.liftedAt = -Infinity;
    if (echo) return;
    if (!this.on.armed()) {
      this.on.start();
      return;
    }
    this.press();
    this.release();
  }

  press() {
    this.closing = this.open;
    this.pressedAt = performance.now();
    if (this.open) return;
    this.open = true;
    this.show();
    this.on.down();
  }

  release() {
    const short = performance.now() - this.pressedAt < SHORT;
    this.pressedAt = null;
    if (this.closing || !short || !this.toggles()) this.end();
  }

  // The question is over: nobody need press once more to say so. Who still holds the button has more to say.
  letGo() {
    if (this.pressedAt === null) this.end();
  }

  end() {
    this.pressedAt = null;
    if (!this.open) return;
    this.open = false;
    this.show();
    this.on.up();
  }

  show() {
    this.button.classList.toggle("open", this.open);
    if (this.on.armed() && this.toggles()) this.button.setAttribute("aria-pressed", String(this.open));
    else this.button.removeAttribute("aria-pressed");
  }
}
