// Runs before the page: what its tests listen to. It changes nothing of what the page does.
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));

// everything that goes to the loudspeaker
{
  const meters = new Map();
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode) {
      if (!meters.has(target)) {
        const meter = new AnalyserNode(target.context, { fftSize: 512 });
        const nothing = new GainNode(target.context, { gain: 0 });
        connect.call(meter, nothing); // a meter that leads nowhere is not run
        connect.call(nothing, target);
        meters.set(target, meter);
      }
      connect.call(this, meters.get(target));
    }
    return connect.call(this, target, ...more);
  };
  window.loudness = () => {
    let peak = 0;
    for (const meter of meters.values()) {
      const samples = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(samples);
      peak = Math.max(peak, ...samples.map(Math.abs));
    }
    return peak;
  };
}

// borrowed devices
window.tracks = [];
if (navigator.mediaDevices) {
  const { mediaDevices } = navigator;
  const lend = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    const stream = await lend(constraints);
    tracks.push(...stream.getTracks());
    return stream;
  };
}

window.buzzes = [];
navigator.vibrate = (pattern) => buzzes.push(pattern);
