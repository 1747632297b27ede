// Asks the person for camera and microphone. A browser lends them to encrypted pages only.

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
const sight = (facing) => ({ facingMode: facing, width: { ideal: 1280 }, height: { ideal: 960 } });

export const canLend = () => Boolean(navigator.mediaDevices?.getUserMedia);

// Why a device cannot be had, as the end of a word's name: "Denied", "Missing" or "Busy".
const reason = (error) => {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "Denied";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "Missing";
  return "Busy";
};

const track = async (constraints) => {
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  return stream.getTracks()[0];
};

export const lendSound = async () => {
  try {
    return { track: await track({ audio: SOUND }) };
  } catch (error) {
    return { problem: `microphone${reason(error)}` };
  }
};

export const lendSight = async (facing) => {
  try {
    return { track: await track({ video: sight(facing) }) };
  } catch (error) {
    return { problem: `camera${reason(error)}` };
  }
};

// Both with one question; each by itself where that fails: one of them may be missing or forbidden.
export const lendBoth = async (facing) => {
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: SOUND, video: sight(facing) });
    return { sound: { track: stream.getAudioTracks()[0] }, sight: { track: stream.getVideoTracks()[0] } };
  } catch {
    return { sound: await lendSound(), sight: await lendSight(facing) };
  }
};
