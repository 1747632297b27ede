// What the page itself has to say, apart from the assistant: a problem interrupts a screen reader, news waits. Either waits until
// the assistant's voice has finished its sentence.

const BUZZ = { taken: [40], trouble: [80, 60, 80] };
const GAP = 50; // ms between one notice and the next, so that the same sentence again is news, too
const still = matchMedia("(prefers-reduced-motion: reduce)");

// The second channel beside sound, where there is one.
export const buzz = (kind) => {
  if (!still.matches) navigator.vibrate?.(BUZZ[kind]);
};

export class Notices {
  constructor({ alarm, news }, speaker) {
    this.elements = { alarm, news };
    this.speaker = speaker;
    this.latest = 0;
  }

  async tell(element, text, language) {
    this.clear();
    const mine = this.latest;
    await this.speaker.quiet();
    await new Promise((resolve) => setTimeout(resolve, GAP));
    if (mine !== this.latest) return;
    element.lang = language;
    element.textContent = text;
  }

  problem(text, language) {
    buzz("trouble");
    return this.tell(this.elements.alarm, text, language);
  }

  news(text, language) {
    return this.tell(this.elements.news, text, language);
  }

  // Also what waits to be told.
  clear() {
    this.latest += 1;
    this.elements.alarm.textContent = "";
    this.elements.news.textContent = "";
  }
}
