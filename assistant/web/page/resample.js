// Changes the sample rate of a stream of sound, block by block and without a seam, by a windowed sinc: what the new rate cannot
// hold is filtered out first. Used for the microphone (48 to 16 kHz) and for the voice (22.05 to 48 kHz).

const CROSSINGS = 16; // of zero, on each side of the sinc: beyond them it is cut off
const PHASES = 256; // entries of the table between two crossings

const KERNEL = (() => {
  const table = new Float32Array(CROSSINGS * PHASES + 2);
  for (let i = 0; i <= CROSSINGS * PHASES; i += 1) {
    const x = i / PHASES;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    const window = 0.5 + 0.5 * Math.cos((Math.PI * x) / CROSSINGS);
    table[i] = sinc * window;
  }
  return table;
})();

export class Resampler {
  constructor(from, to) {
    this.same = from === to;
    this.step = from / to; // samples of the old rate for one of the new
    this.cutoff = Math.min(1, 0.95 * (to / from));
    this.reach = Math.ceil(CROSSINGS / this.cutoff);
    this.held = new Float32Array(this.reach); // the last sound, which the next samples still need
    this.position = this.reach; // of the next new sample, in the held sound and what follows it
  }

  // Returns what the next `samples` are at the new rate; the last millisecond of them comes with the next block.
  convert(samples) {
    if (this.same) return samples;
    const sound = new Float32Array(this.held.length + samples.length);
    sound.set(this.held);
    sound.set(samples, this.held.length);
    const count = Math.max(0, Math.floor((sound.length - 1 - this.reach - this.position) / this.step) + 1);
    const converted = new Float32Array(count);
    for (let i = 0; i < count; i += 1) {
      converted[i] = this.at(sound, this.position + i * this.step);
    }
    const next = this.position + count * this.step;
    const spent = Math.max(0, Math.min(Math.floor(next) - this.reach, sound.length));
    this.held = sound.slice(spent);
    this.position = next - spent;
    return converted;
  }

  at(sound, position) {
    const first = Math.max(0, Math.ceil(position - this.reach));
    const last = Math.min(sound.length - 1, Math.floor(position + this.reach));
    let sum = 0;
    for (let i = first; i <= last; i += 1) {
      const entry = Math.abs(i - position) * this.cutoff * PHASES;
      if (entry < CROSSINGS * PHASES) sum += sound[i] * KERNEL[Math.round(entry)];
    }
    return sum * this.cutoff;
  }
}
