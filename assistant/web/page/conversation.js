// The conversation as a list that can be read at leisure; and, where a screen reader speaks for the assistant, the same sentences
// one by one in the one live region. Where the assistant's own voice speaks, that region stays empty: the two never talk at once.

import { word } from "./words.js";

const LONGEST = 100; // turns that are kept on the page
const END = /[.!?…。！？][”"’')）」』\]]*$/; // of a sentence
const gap = (language) => (language === "zh" ? "" : " ");

const element = (name, text, language, className = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  if (language) made.lang = language;
  if (className) made.className = className;
  return made;
};

export class Conversation {
  constructor({ list, empty, region }, settings) {
    this.list = list;
    this.empty = empty;
    this.region = region;
    this.settings = settings;
    this.turn = null; // the item that sentences belong to now
    this.words = null; // its paragraph that grows
    this.answer = null; // the paragraph of the answer that is not over
    this.begun = ""; // what was said of a sentence: the voice begins before the sentence is written to its end
    this.language = "en"; // of that
  }

  add() {
    this.turn = document.createElement("li");
    this.words = null;
    this.list.append(this.turn);
    this.empty.hidden = true;
    if (this.list.children.length > LONGEST) this.list.firstElementChild.remove();
  }

  heard(text, language) {
    this.region.replaceChildren();
    this.add();
    const question = document.createElement("h3");
    question.append(element("span", word(this.settings.language, "youAsked"), this.settings.language, "unseen"));
    question.append(element("span", text, language));
    this.turn.append(question);
    this.begun = "";
    this.aloud(word(this.settings.language, "youAsked") + text, language);
    this.finish();
  }

  sentence(text, language, own) {
    if (!this.turn) this.add();
    const className = own ? "own" : "answer";
    if (this.words?.className !== className) {
      this.words = element("p", "", "", className);
      this.turn.append(this.words);
    }
    if (!own) this.answer = this.words;
    if (this.words.hasChildNodes()) this.words.append(gap(language));
    this.words.append(element("span", text, language));
    this.aloud(text, language);
  }

  // For the screen reader: whole sentences only, for it pauses after each piece that it is given.
  aloud(text, language) {
    if (this.settings.speaks !== "reader") return;
    this.begun += (this.begun && gap(language)) + text;
    this.language = language;
    if (END.test(text)) this.finish();
  }

  finish() {
    if (this.begun) this.region.append(element("p", this.begun, this.language));
    this.begun = "";
  }

  // An answer is over. It is cut short by what is asked next, and that may have been heard before.
  ended(interrupted) {
    this.finish();
    const { answer } = this;
    this.answer = null;
    if (interrupted) answer?.append(" ", element("span", word(this.settings.language, "cutShort"), this.settings.language));
    if (answer && answer.parentNode === this.turn) this.close();
  }

  // The connection is gone.
  breakOff() {
    this.ended(false);
    this.close();
  }

  close() {
    this.turn = null;
    this.words = null;
  }

  clear() {
    this.list.replaceChildren();
    this.breakOff();
    this.region.replaceChildren();
    this.empty.hidden = false;
  }
}
