// The page: puts the parts together, and does what the person wants.

import { COMMANDS, finding } from "./commands.js";
import { Panel, chosen } from "./panel.js";
import { Senses } from "./senses.js";
import { Session } from "./session.js";
import { Settings } from "./settings.js";
import { Source } from "./source.js";
import { TalkButton } from "./talk-button.js";

const TAIL = 200; // ms that are still heard after the button was let go: people let go on their last syllable
const MEGABYTES = 20; // of a picture that this browser cannot make smaller, where the assistant names no limit

const find = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.settings = new Settings();
    this.panel = new Panel(this.settings);
    this.largest = MEGABYTES;
    this.starting = false;
    this.hears = false; // whether what the microphone hears is sent
    this.tail = 0;
    this.muted = false; // whether that was told
    this.missing = false; // whether a device went away that may come back
    const elements = { alarm: find("alarm"), news: find("news"), list: find("turns"), empty: find("no-turns"), region: find("said") };
    this.session = new Session(this.settings, elements, {
      listens: () => this.senses.listens,
      changed: () => this.show(),
      ready: (message) => this.ready(message),
      taken: () => this.talk.letGo(),
      preferences: (preferences) => this.keepPreferences(preferences),
      picture: (ok) => ok || this.source.goLive(),
      over: () => this.senses.giveBack(),
    });
    this.senses = new Senses(this.settings, find("preview"), {
      hear: (block) => this.hears && this.session.connection.hear(block),
      see: (picture) => this.session.connection.see(picture),
      looks: () => this.session.connection.ready && !this.source.still && !document.hidden,
      changed: (name) => this.deviceChanged(name),
    });
    this.source = new Source({ take: find("take"), choose: find("choose"), live: find("live"), still: find("still") }, {
      show: (picture) => this.showPicture(picture),
      live: () => this.session.tell({ type: "live" }),
      changed: () => this.show(),
      noPicture: () => this.session.problem("noPicture"),
    });
    this.talk = new TalkButton(find("talk"), {
      armed: () => this.session.connection.ready && this.senses.listens !== "off",
      start: () => this.start(),
      down: () => this.talkDown(),
      up: () => this.talkUp(),
    }, () => this.settings.listen === "hold");
    this.wire();
    this.show();
  }

  wire() {
    const on = (id, event, act) => find(id).addEventListener(event, act);
    on("stop", "click", () => this.stop());
    for (const button of document.querySelectorAll("[data-command]")) {
      button.addEventListener("click", () => this.command(button.dataset.command));
    }
    on("find", "submit", (event) => this.find(event));
    on("describe", "click", () => this.session.ask(this.panel.say("describeQuestion"), "description"));
    on("new", "click", () => this.startOver());
    on("ask", "submit", (event) => this.askTyped(event));
    on("facing", "change", () => this.face(find("facing").value));
    on("listen", "change", () => this.listen(chosen("listen")));
    on("speaks", "change", () => this.leaveSpeechTo(chosen("speaks")));
    on("detail", "change", () => this.prefer({ detail: find("detail").value }));
    on("rate", "change", () => this.preferRate());
    on("language", "change", () => this.prefer({ language: find("language").value }));
    document.addEventListener("keydown", (event) => event.key === "Escape" && this.session.busy && this.stop());
    document.addEventListener("click", () => this.session.speaker.resume());
    document.addEventListener("visibilitychange", () => this.lookedAt());
    navigator.mediaDevices?.addEventListener("devicechange", () => this.lookedAt());
  }

  // starting, and talking

  // The first press, and every press while there is nothing to talk into.
  async start() {
    if (this.starting) return;
    if (this.session.wanted && this.settings.listen === "off") {
      this.session.problem("microphoneOff");
      return;
    }
    this.starting = true;
    this.session.speaker.unlock();
    this.show();
    const problems = await this.borrow();
    this.starting = false;
    this.session.open();
    this.stayAwake();
    if (problems) {
      await this.session.greeted();
      this.tellProblems(problems);
    }
  }

  async borrow() {
    const problems = await this.senses.borrow(this.session.speaker.context);
    this.show();
    return problems.map((name) => this.panel.say(name)).join(" ");
  }

  tellProblems(problems) {
    if (problems) this.session.notices.problem(problems, this.settings.language);
  }

  talkDown() {
    if (this.tail) this.letGo();
    this.session.hush();
    this.hears = true;
    this.session.tell({ type: "press", press: "down" });
  }

  talkUp() {
    this.tail = setTimeout(() => this.letGo(), TAIL);
  }

  letGo() {
    clearTimeout(this.tail);
    this.tail = 0;
    this.hears = this.settings.listen === "hands-free";
    this.session.tell({ type: "press", press: "up" });
  }

  stop() {
    if (!this.session.wanted) return;
    this.session.hush();
    this.session.tell({ type: "ask", text: COMMANDS[this.settings.language].stop, preset: null });
  }

  // asking

  command(name) {
    this.session.ask(COMMANDS[this.settings.language][name], null);
  }

  askTyped(event) {
    event.preventDefault();
    const text = find("question").value.trim();
    if (!text) {
      this.session.problem("emptyQuestion");
      return;
    }
    find("question").value = "";
    this.session.ask(text, find("preset").value);
  }

  find(event) {
    event.preventDefault();
    const thing = find("thing").value.trim();
    if (thing) this.session.ask(finding(this.settings.language, thing), null);
    else this.session.problem("emptyThing");
  }

  startOver() {
    this.session.view.clear();
    if (this.source.still) this.source.goLive();
    if (this.session.wanted) this.command("newConversation");
  }

  // Returns whether the picture can be sent.
  showPicture(picture) {
    if (picture.size > this.largest * 1e6) {
      this.session.problem("tooLarge");
      return false;
    }
    this.session.show(picture);
    return true;
  }

  // settings

  async face(facing) {
    this.settings.keep({ facing });
    this.senses.camera.close();
    if (this.session.wanted) this.tellProblems(await this.borrow());
    else this.show();
  }

  async listen(way) {
    this.talk.end();
    this.settings.keep({ listen: way });
    if (way === "off") this.senses.microphone.close();
    if (this.session.wanted) {
      const problems = await this.borrow();
      this.session.open();
      this.tellProblems(problems);
    }
    this.show();
    this.stayAwake();
  }

  leaveSpeechTo(whom) {
    this.settings.keep({ speaks: whom });
    this.session.speakAloud(whom === "voice");
  }

  prefer(changes) {
    this.keepPreferences({ ...this.settings.preferences, ...changes });
    this.session.prefer(changes);
  }

  preferRate() {
    const { min, max, valueAsNumber } = find("rate");
    if (Number.isNaN(valueAsNumber)) this.panel.showPreferences();
    else this.prefer({ rate: Math.round(Math.min(Math.max(valueAsNumber, min), max)) });
  }

  keepPreferences(preferences) {
    this.settings.keep({ preferences });
    if (this.panel.showPreferences()) this.show();
  }

  // what happens

  ready(message) {
    this.largest = message.megabytes ?? MEGABYTES;
    this.hears = this.settings.listen === "hands-free";
    this.panel.showModel(message);
    if (this.source.still) this.session.tell({ type: "still" });
    this.senses.camera.take();
  }

  deviceChanged(name) {
    if (name === "microphoneUnmuted") {
      if (this.muted) this.session.news(name);
      this.muted = false;
      return;
    }
    if (name === "microphoneLost") this.talk.end();
    this.missing ||= name.endsWith("Lost");
    this.show();
    if (document.hidden) return; // a phone that is locked takes them away, and gives them back
    this.muted = name === "microphoneMuted";
    this.session.problem(name);
  }

  // The page is looked at again, or something was plugged in: what was lost meanwhile may be there again.
  async lookedAt() {
    if (document.hidden || !this.session.wanted || this.starting) return;
    this.session.speaker.resume();
    this.stayAwake();
    if (!this.missing) return;
    const problems = await this.borrow();
    this.missing = problems !== "";
    this.session.open();
    if (!problems) this.session.notices.clear();
    else if (!find("alarm").textContent) this.tellProblems(problems);
  }

  stayAwake() {
    return this.senses.stayAwake(this.session.wanted && this.senses.listens === "hands-free" && !document.hidden);
  }

  show() {
    const { connection, state } = this.session;
    let name = state;
    if (!connection.wanted) name = this.starting ? "connecting" : "idle";
    else if (!connection.ready && state !== "lost") name = "connecting";
    else if (state === "listening" && this.senses.listens !== "hands-free") name = "ready";
    const begun = connection.wanted && (this.senses.microphone.open || this.settings.listen === "off");
    if (!connection.ready) this.talk.end();
    this.panel.showState(name, { begun, starting: this.starting });
    this.panel.showSource({ still: this.source.still, camera: this.senses.camera.open });
    this.talk.show();
  }
}

new Page();
