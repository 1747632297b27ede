// What the assistant does: its messages, its voice, and the connection that both come by.

import { Connection } from "./connection.js";
import { Conversation } from "./conversation.js";
import { Notices, buzz } from "./notices.js";
import { conversation } from "./settings.js";
import { Speaker } from "./speaker.js";
import { word } from "./words.js";

const GREETING = 8000; // ms after which a problem is told even if the assistant is still greeting

export class Session {
  // elements: {alarm, news, list, empty, region}.
  // on: {listens(): how the assistant is to listen; changed(); ready(message); taken(): it has heard a question to its end;
  // preferences(object); picture(ok); over(): it ended for good}
  constructor(settings, elements, on) {
    this.settings = settings;
    this.on = on;
    this.state = "idle";
    this.began = ""; // how the assistant believes to listen
    this.late = []; // what changed after the begin of a connection that is not ready yet
    this.settled = [];
    this.speaker = new Speaker({
      played: (seconds) => this.tell({ type: "played", seconds }),
      flushed: () => this.tell({ type: "flushed" }),
      changed: () => this.soundChanged(),
    });
    this.notices = new Notices(elements, this.speaker);
    this.view = new Conversation(elements, settings);
    this.connection = new Connection(new URL("/talk", location.href.replace(/^http/, "ws")).href, () => this.begin(), {
      message: (message) => this.take(message),
      speech: (rate, pcm) => settings.speaks === "voice" && this.speaker.say(rate, pcm),
      chime: (rate, pcm) => this.speaker.chime(rate, pcm),
      ready: (message) => this.ready(message),
      lost: () => this.lost(),
      ended: (name, text) => this.ended(name, text),
    });
  }

  get wanted() {
    return this.connection.wanted;
  }

  tell(message) {
    this.connection.tell(message);
  }

  problem(name) {
    this.notices.problem(word(this.settings.language, name), this.settings.language);
  }

  news(name) {
    this.notices.news(word(this.settings.language, name), this.settings.language);
  }

  // Opens the connection, or opens it anew where the assistant is to listen otherwise than it believes.
  open() {
    if (!this.wanted) this.connection.start();
    else if (this.connection.begun && this.began !== this.on.listens()) this.connection.renew();
    else this.connection.hurry();
    this.on.changed();
  }

  get busy() {
    return this.speaker.speaking || this.state === "answering" || this.state === "hearing";
  }

  // Silent at once; the assistant is told, and will agree.
  hush() {
    if (this.speaker.speaking) this.speaker.stop();
  }

  ask(text, preset) {
    this.speaker.unlock();
    if (this.state === "lost") this.news("later");
    else this.notices.clear();
    this.hush();
    this.connection.ask({ type: "ask", text, preset });
    this.connection.start();
    this.on.changed();
  }

  show(picture) {
    this.speaker.unlock();
    this.news(this.state === "lost" ? "later" : "sending");
    this.connection.show(picture);
    this.connection.start();
    this.on.changed();
  }

  // Tells of changed preferences. Those that are changed before there is a connection go with its begin.
  prefer(changes) {
    this.change({ type: "prefer", preferences: changes });
  }

  speakAloud(on) {
    if (!on) this.hush();
    this.change({ type: "sound", on });
  }

  change(message) {
    if (this.connection.ready) this.tell(message);
    else this.late.push(message);
  }

  begin() {
    const { speaks, language, preferences } = this.settings;
    this.began = this.on.listens();
    this.late = [];
    this.speaker.reset();
    const begin = { type: "begin", conversation: conversation(), listen: this.began, language, preferences };
    return speaks === "voice" ? [begin] : [begin, { type: "sound", on: false }];
  }

  ready(message) {
    if (this.state === "lost") this.news("back");
    this.on.preferences(Object.assign({}, message.preferences, ...this.late.map((change) => change.preferences)));
    for (const change of this.late.splice(0)) this.tell(change);
    this.setState("listening");
    this.on.ready(message);
  }

  take(message) {
    switch (message.type) {
      case "state":
        if (message.state === "answering" && this.state === "hearing") {
          buzz("taken");
          this.on.taken();
        }
        this.setState(message.state);
        if (message.state === "listening") this.settle();
        break;
      case "heard":
        this.notices.clear();
        this.speaker.goOn();
        this.view.heard(message.text, message.language);
        break;
      case "sentence":
        this.view.sentence(message.text, message.language, message.own);
        break;
      case "answered":
      case "interrupted":
        this.view.ended(message.type === "interrupted");
        break;
      case "failed":
        this.notices.problem(message.text, this.settings.language);
        break;
      case "picture":
        if (message.ok) this.notices.news(message.text, this.settings.language);
        else this.notices.clear(); // the assistant says itself what is wrong
        this.on.picture(message.ok);
        break;
      case "preferences":
        this.on.preferences(message.preferences);
        break;
      case "silence":
        this.speaker.silence();
        break;
      case "flush":
        this.speaker.flush();
        break;
      case "level":
        this.speaker.level(message.level);
        break;
      default: // "bye": what it says is told when the connection is closed
    }
  }

  lost() {
    this.speaker.reset();
    this.view.breakOff();
    this.setState("lost");
    this.settle();
    this.problem("lost");
  }

  ended(name, text) {
    this.speaker.reset();
    this.view.breakOff();
    this.on.over();
    this.setState("idle");
    this.settle();
    this.notices.problem(text || word(this.settings.language, name), this.settings.language);
  }

  setState(state) {
    this.state = state;
    this.on.changed();
  }

  // Resolves when the assistant has greeted, or cannot.
  greeted() {
    return new Promise((resolve) => {
      this.settled.push(resolve);
      setTimeout(resolve, GREETING);
    });
  }

  settle() {
    for (const resolve of this.settled.splice(0)) resolve();
  }

  soundChanged() {
    if (!this.speaker.running && this.speaker.speaking) this.problem("soundPaused");
  }
}
