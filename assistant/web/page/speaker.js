// The loudspeaker: speech is queued on WebAudio's clock without gaps, and counted as it is heard; short sounds play over it.

import { Resampler } from "./resample.js";

const LEAD = 0.06; // seconds of sound that wait when speech begins, so that a late packet leaves no hole
const GLIDE = 0.04; // seconds to another volume
const FADE = 0.004; // seconds to silence: no click, and far below what anybody notices
const REPORT = 100; // ms between two counts
const OBEDIENCE = 2000; // ms that the assistant has to answer a stop of the page's own

const floats = (pcm) => Float32Array.from(pcm, (sample) => sample / 32768);

export class Speaker {
  // played(seconds): so much of the speech since the last silence or flush was heard. flushed(): all of it. changed(): it runs, or not.
  constructor({ played, flushed, changed }) {
    this.tell = { played, flushed, changed };
    this.context = null;
    this.queue = []; // speech {node, start, end, seconds}, and marks {end} of a flush
    this.done = 0; // seconds heard of what left the queue
    this.volume = 1;
    this.stopped = 0; // timer of a stop of the page's own, which the assistant has not answered yet
    this.idle = [];
  }

  // Must be called from a gesture the first time: browsers let no page sound by itself.
  async unlock() {
    if (!this.context) {
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.context.addEventListener("statechange", () => this.tell.changed());
      this.gain = this.makeGain();
    }
    await this.resume();
  }

  // Goes on where the browser has paused it: phones do that for a call.
  async resume() {
    if (this.context && !this.running) await this.context.resume();
  }

  get running() {
    return this.context?.state === "running";
  }

  get speaking() {
    return this.queue.some((entry) => entry.node);
  }

  makeGain() {
    const gain = new GainNode(this.context, { gain: this.volume });
    gain.connect(this.context.destination);
    return gain;
  }

  buffer(samples) {
    const buffer = this.context.createBuffer(1, samples.length, this.context.sampleRate);
    buffer.copyToChannel(samples, 0);
    return buffer;
  }

  say(rate, pcm) {
    if (!this.context || this.stopped || pcm.length === 0) return;
    const now = this.context.currentTime;
    const follows = this.next > now;
    if (!follows || this.rate !== rate) {
      this.rate = rate;
      this.resampler = new Resampler(rate, this.context.sampleRate);
    }
    const samples = this.resampler.convert(floats(pcm));
    if (samples.length === 0) return;
    const frames = (seconds) => Math.ceil(seconds * this.context.sampleRate) / this.context.sampleRate;
    const start = follows ? this.next : frames(now + LEAD);
    const node = new AudioBufferSourceNode(this.context, { buffer: this.buffer(samples) });
    node.connect(this.gain);
    node.start(start);
    node.onended = () => this.count();
    this.next = start + samples.length / this.context.sampleRate;
    this.queue.push({ node, start, end: this.next, seconds: pcm.length / rate });
    this.timer ??= setInterval(() => this.report(), REPORT);
  }

  chime(rate, pcm) {
    if (!this.context || pcm.length === 0) return;
    const buffer = this.buffer(new Resampler(rate, this.context.sampleRate).convert(floats(pcm)));
    const node = new AudioBufferSourceNode(this.context, { buffer });
    node.connect(this.context.destination);
    node.start();
  }

  level(volume) {
    this.volume = volume;
    if (!this.context) return;
    const { gain } = this.gain;
    const now = this.context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setValueAtTime(gain.value, now);
    gain.linearRampToValueAtTime(volume, now + GLIDE);
  }

  // What of the context's time has reached the ear.
  get heardUntil() {
    return this.context ? this.context.currentTime - (this.context.outputLatency || 0) : Infinity;
  }

  get heard() {
    const until = this.heardUntil;
    let seconds = this.done;
    for (const { node, start, end, seconds: whole } of this.queue) {
      if (!node) break; // beyond a flush it is counted anew
      seconds += (Math.min(Math.max((until - start) / (end - start), 0), 1)) * whole;
    }
    return seconds;
  }

  report() {
    if (this.speaking) this.tell.played(this.heard);
    this.count();
  }

  // Takes off the queue what was heard to its end.
  count() {
    while (this.queue.length > 0 && this.queue[0].end <= this.heardUntil) {
      const { node, seconds } = this.queue.shift();
      if (node) this.done += seconds;
      if (this.speaking && node) continue;
      this.tell.played(this.done);
      if (!node) {
        this.done = 0;
        this.tell.flushed();
      }
    }
    if (this.queue.length > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    for (const resolve of this.idle.splice(0)) resolve();
  }

  flush() {
    if (this.stopped) {
      this.flushLater = true;
      return;
    }
    this.queue.push({ end: this.queue.at(-1)?.end ?? 0 });
    this.timer ??= setInterval(() => this.report(), REPORT);
    this.count();
  }

  drop() {
    const seconds = this.heard;
    const now = this.context?.currentTime ?? 0;
    const nodes = this.queue.filter((entry) => entry.node);
    this.flushLater = this.queue.length > nodes.length;
    if (nodes.length > 0) {
      this.gain.gain.cancelScheduledValues(now);
      this.gain.gain.setTargetAtTime(0, now, FADE / 3);
      for (const { node } of nodes) {
        node.onended = null;
        node.stop(now + FADE);
      }
      this.gain = this.makeGain();
    }
    this.queue = [];
    this.next = 0;
    this.done = seconds;
    this.count();
  }

  // The assistant wants silence: nothing that was sent so far sounds any more.
  silence() {
    clearTimeout(this.stopped);
    if (!this.stopped) this.drop();
    this.stopped = 0;
    this.flushLater = false;
    this.tell.played(this.done);
    this.done = 0;
  }

  // The person wants silence: at once, and until the assistant has obeyed.
  stop() {
    if (this.stopped) return;
    this.drop();
    this.stopped = setTimeout(() => this.goOn(), OBEDIENCE);
  }

  // The assistant goes on to something else: what comes now is not what the person stopped.
  goOn() {
    if (!this.stopped) return;
    clearTimeout(this.stopped);
    this.stopped = 0;
    if (this.flushLater) this.flush();
  }

  // Another socket: whatever comes next is counted anew, at its usual volume.
  reset() {
    clearTimeout(this.stopped);
    this.stopped = 0;
    this.volume = 1;
    this.drop();
    this.level(1);
    this.done = 0;
  }

  // Resolves when nothing is being said.
  quiet() {
    return this.speaking ? new Promise((resolve) => this.idle.push(resolve)) : Promise.resolve();
  }
}
