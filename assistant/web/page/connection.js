// The socket to the assistant. It comes back by itself, ever more slowly, and keeps what the person asked meanwhile.

const FIRST_DELAY = 500; // ms before it tries again
const LONGEST_DELAY = 15_000;
const STEADY = 10_000; // ms after which a connection counts as a good one
const STALE_SOUND = 64_000; // bytes that wait to be sent: two seconds of sound; more would be heard too late
const STALE_PICTURE = 200_000;

const KIND = { sound: 1, frame: 2, picture: 3 };
const FINAL = { 4000: "brokenPage", 4001: "takenOver", 4003: "busy" }; // after these it does not try again

const packet = (kind, bytes) => {
  const body = new Uint8Array(bytes);
  const whole = new Uint8Array(body.length + 1);
  whole[0] = kind;
  whole.set(body, 1);
  return whole;
};

export class Connection {
  // begin(): the first messages. on: {message(object), speech(rate, pcm), chime(rate, pcm), ready(), lost(), ended(word, text)}
  constructor(address, begin, on) {
    this.address = address;
    this.begin = begin;
    this.on = on;
    this.wanted = false;
    this.begun = false; // whether the first messages were sent
    this.ready = false;
    this.waiting = []; // what the person asked while there was no connection
    this.failures = 0;
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("offline", () => this.drop());
    document.addEventListener("visibilitychange", () => this.hurry());
  }

  start() {
    if (this.wanted) return;
    this.wanted = true;
    this.failures = 0;
    this.connect();
  }

  // The network is gone: the browser would notice that on its sockets minutes later.
  drop() {
    const socket = this.socket;
    if (!socket) return;
    this.closed(socket, 1006);
    socket.close();
  }

  connect() {
    clearTimeout(this.timer);
    const socket = new WebSocket(this.address);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.farewell = "";
    this.begun = false;
    socket.onopen = () => {
      this.begun = true;
      for (const message of this.begin()) socket.send(JSON.stringify(message));
    };
    socket.onmessage = ({ data }) => socket === this.socket && this.take(data);
    socket.onclose = ({ code }) => this.closed(socket, code);
  }

  take(data) {
    if (typeof data !== "string") {
      const view = new DataView(data);
      const samples = new Int16Array(data.slice(5, data.byteLength - ((data.byteLength - 5) % 2)));
      if (view.getUint8(0) === 1) this.on.speech(view.getUint32(1, true), samples);
      if (view.getUint8(0) === 2) this.on.chime(view.getUint32(1, true), samples);
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "bye") this.farewell = message.text;
    if (message.type === "ready") {
      this.ready = true;
      this.readyAt = performance.now();
      this.on.ready(message);
      for (const waiting of this.waiting.splice(0)) this.socket.send(waiting);
    } else {
      this.on.message(message);
    }
  }

  closed(socket, code) {
    if (socket !== this.socket || !this.wanted) return;
    this.socket = null;
    const before = this.ready;
    this.ready = false;
    if (FINAL[code]) {
      this.wanted = false;
      this.on.ended(FINAL[code], this.farewell);
      return;
    }
    if (!before) this.checkWelcome();
    if (before && performance.now() - this.readyAt > STEADY) this.failures = 0;
    if (before || this.failures === 0) this.on.lost();
    const delay = Math.min(FIRST_DELAY * 2 ** this.failures, LONGEST_DELAY) * (0.75 + Math.random() / 2);
    this.failures += 1;
    this.timer = setTimeout(() => this.connect(), delay);
  }

  // A browser does not tell why a socket was refused; the answer to a request does.
  async checkWelcome() {
    const answer = await fetch("/page/icon.svg", { method: "HEAD", cache: "no-store" }).catch(() => null);
    if (answer?.status !== 401 || !this.wanted || this.ready) return;
    clearTimeout(this.timer);
    this.wanted = false;
    this.socket?.close();
    this.socket = null;
    this.on.ended("notPaired", "");
  }

  // The page is looked at again, or the network is back: do not wait any longer.
  hurry() {
    if (this.wanted && !this.socket && document.visibilityState === "visible") this.connect();
  }

  // A new socket for the same conversation.
  renew() {
    if (!this.wanted) return;
    const old = this.socket;
    this.socket = null;
    this.ready = false;
    old?.close(1000);
    this.connect();
  }

  get open() {
    return this.ready && this.socket.readyState === WebSocket.OPEN;
  }

  // Sends now, or not at all.
  tell(message) {
    if (this.open) this.socket.send(JSON.stringify(message));
  }

  // Sends now, or when the connection is there.
  ask(message) {
    this.keep(JSON.stringify(message));
  }

  async show(picture) {
    this.keep(packet(KIND.picture, await picture.arrayBuffer()));
  }

  keep(data) {
    if (this.open) this.socket.send(data);
    else this.waiting.push(data);
  }

  hear(block) {
    if (this.open && this.socket.bufferedAmount < STALE_SOUND) this.socket.send(packet(KIND.sound, block));
  }

  async see(picture) {
    const bytes = await picture.arrayBuffer();
    if (this.open && this.socket.bufferedAmount < STALE_PICTURE) this.socket.send(packet(KIND.frame, bytes));
  }
}
