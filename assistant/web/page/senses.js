// What is borrowed of the person's device: microphone and camera, and that its screen stays on while nobody touches it.

import { Camera } from "./camera.js";
import { canLend, lendBoth, lendSight, lendSound } from "./devices.js";
import { Microphone } from "./microphone.js";

export class Senses {
  // on: {hear(block), see(Blob), looks(): whether pictures are wanted, changed(name): something happened to a device}
  constructor(settings, preview, on) {
    this.settings = settings;
    this.microphone = new Microphone(on.hear, (what) => on.changed(`microphone${what}`));
    this.camera = new Camera(preview, on.see, on.looks, () => on.changed("cameraLost"));
    this.lock = null;
  }

  // How the assistant can listen.
  get listens() {
    return this.microphone.open ? this.settings.listen : "off";
  }

  // Asks for the devices that are wanted and not there. Returns the words that tell what is wrong.
  async borrow(context) {
    const { listen, facing } = this.settings;
    const sound = listen !== "off" && !this.microphone.open;
    const sight = facing !== "off" && !this.camera.open;
    if (!sound && !sight) return [];
    if (!canLend()) return ["unencrypted"];
    const lent = sound && sight ? await lendBoth(facing) : { sound: sound ? await lendSound() : {}, sight: sight ? await lendSight(facing) : {} };
    if (lent.sight.track) await this.camera.use(lent.sight.track);
    if (lent.sound.track) lent.sound.problem = await this.listenWith(lent.sound.track, context);
    return [lent.sound.problem, lent.sight.problem].filter(Boolean);
  }

  async listenWith(track, context) {
    try {
      await this.microphone.use(track, context);
      return "";
    } catch {
      this.microphone.close();
      return "microphoneBusy";
    }
  }

  giveBack() {
    this.microphone.close();
    this.camera.close();
  }

  // A locked phone neither hears nor sees.
  async stayAwake(awake) {
    const lock = this.lock;
    this.lock = null;
    await lock?.release().catch(() => {});
    if (awake) this.lock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null; // refused when the battery is low
  }
}
