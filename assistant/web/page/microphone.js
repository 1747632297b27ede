// The microphone: a lent track becomes blocks of PCM. Whoever holds it decides which of them are sent.

export class Microphone {
  // hear(ArrayBuffer): the next block. changed("Lost" | "Muted" | "Unmuted"): what happened to the device.
  constructor(hear, changed) {
    this.hear = hear;
    this.changed = changed;
    this.track = null;
    this.nodes = [];
  }

  get open() {
    return this.track !== null && this.track.readyState === "live";
  }

  async use(track, context) {
    this.close();
    this.track = track;
    track.addEventListener("ended", () => this.lose(track));
    track.addEventListener("mute", () => this.changed("Muted"));
    track.addEventListener("unmute", () => this.changed("Unmuted"));
    await context.audioWorklet.addModule("/page/microphone-worklet.js");
    if (this.track !== track) return;
    const source = context.createMediaStreamSource(new MediaStream([track]));
    const blocks = new AudioWorkletNode(context, "microphone-blocks", { numberOfInputs: 1, channelCount: 1, channelCountMode: "explicit" });
    blocks.port.onmessage = ({ data }) => this.hear(data);
    source.connect(blocks);
    blocks.connect(context.destination); // silent; Safari runs only what is heard
    this.nodes = [source, blocks];
  }

  lose(track) {
    if (this.track !== track) return;
    this.close();
    this.changed("Lost");
  }

  close() {
    for (const node of this.nodes) node.disconnect();
    this.nodes = [];
    const track = this.track;
    this.track = null;
    track?.stop();
  }
}
