// What the page remembers: settings in localStorage, the conversation's name in sessionStorage. Nothing else is stored.

const KEY = "assistant";
const CONVERSATION = "conversation";

const LISTEN = ["hold", "hands-free", "off"];
const SPEAKS = ["voice", "reader"];
const FACING = ["environment", "user", "off"];
const LANGUAGES = ["en", "zh"];

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // damaged, or storage is forbidden
  }
};

const oneOf = (value, choices) => (choices.includes(value) ? value : choices[0]);

export class Settings {
  constructor() {
    const stored = read();
    this.listen = oneOf(stored.listen, LISTEN);
    this.speaks = oneOf(stored.speaks, SPEAKS);
    this.facing = oneOf(stored.facing, FACING);
    this.preferences = typeof stored.preferences === "object" ? stored.preferences : null; // as the assistant last told them
    const browser = navigator.language.startsWith("zh") ? "zh" : "en";
    this.language = oneOf(this.preferences?.language ?? browser, LANGUAGES);
  }

  keep(changes) {
    Object.assign(this, changes);
    const { listen, speaks, facing, preferences } = this;
    try {
      localStorage.setItem(KEY, JSON.stringify({ listen, speaks, facing, preferences }));
    } catch {
      // storage is forbidden or full: they hold until the page is closed
    }
  }
}

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

let unstored = "";

// Returns the conversation's name: the same until the tab is closed.
export const conversation = () => {
  try {
    const name = sessionStorage.getItem(CONVERSATION) ?? random();
    sessionStorage.setItem(CONVERSATION, name);
    return name;
  } catch {
    unstored ||= random();
    return unstored;
  }
};
