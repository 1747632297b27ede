// What the controls show, and in which language.

import { put, word } from "./words.js";

const HINTS = { hold: "holdHint", "hands-free": "handsFreeHint", off: "offHint" };
const find = (id) => document.getElementById(id);

export const chosen = (name) => document.querySelector(`input[name="${name}"]:checked`).value;

const choose = (name, value) => {
  document.querySelector(`input[name="${name}"][value="${value}"]`).checked = true;
};

export class Panel {
  constructor(settings) {
    this.settings = settings;
    choose("listen", settings.listen);
    choose("speaks", settings.speaks);
    find("facing").value = settings.facing;
    put(settings.language);
    this.showPreferences();
  }

  say(name, values) {
    return word(this.settings.language, name, values);
  }

  // name: of the state, such as "listening". begun: whether there is something to talk to. starting: whether that is on its way.
  showState(name, { begun, starting }) {
    const text = this.say(`state${name[0].toUpperCase()}${name.slice(1)}`);
    find("state").textContent = text;
    document.title = `${text} – ${this.say("name")}`;
    find("talk").textContent = this.say(starting ? "starting" : begun ? "talk" : "start");
    find("talk-hint").textContent = this.say(begun ? HINTS[this.settings.listen] : "startHint");
  }

  showModel({ model, practice }) {
    find("model").textContent = this.say(practice ? "practiceModel" : "model", { model });
  }

  showSource({ still, camera }) {
    find("source").textContent = this.say(still ? "sourceStill" : camera ? "sourceLive" : "sourceNone");
    find("live").hidden = !(still && camera);
  }

  // Returns whether the language of the page has changed.
  showPreferences() {
    const { detail = "brief", rate = 190, language = this.settings.language } = this.settings.preferences ?? {};
    find("detail").value = detail;
    find("rate").value = rate;
    find("language").value = language;
    if (language === this.settings.language) return false;
    this.settings.language = language;
    put(language);
    return true;
  }
}
