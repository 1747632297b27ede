// Runs in the browser's audio thread: the microphone's sound at 16 kHz, in blocks of 512 samples, as the assistant hears it.

import { Resampler } from "./resample.js";

const RATE = 16000;
const BLOCK = 512;

class MicrophoneBlocks extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = new Resampler(sampleRate, RATE);
    this.block = new Int16Array(BLOCK);
    this.filled = 0;
  }

  process([[channel]]) {
    if (!channel) return true;
    for (const sample of this.resampler.convert(channel)) {
      this.block[this.filled] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      this.filled += 1;
      if (this.filled === BLOCK) {
        this.port.postMessage(this.block.buffer, [this.block.buffer]);
        this.block = new Int16Array(BLOCK);
        this.filled = 0;
      }
    }
    return true;
  }
}

registerProcessor("microphone-blocks", MicrophoneBlocks);
