// Pictures as they are sent: JPEG, the short side 768 pixels at most, about a megabyte at most. Drawing one anew also leaves behind
// what cameras write into their files, such as the place.

const SHORT_SIDE = 768;
const LONG_SIDE = 4096; // of panoramas
const BYTES = 1_000_000;

const jpeg = (source, width, height, quality) => {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  const brush = canvas.getContext("2d", { alpha: false });
  brush.fillStyle = "#ffffff"; // behind what is transparent
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.imageSmoothingQuality = "high";
  brush.drawImage(source, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
};

export const scaled = (source, width, height, quality, shrunk = 1) => {
  const scale = shrunk * Math.min(1, SHORT_SIDE / Math.min(width, height), LONG_SIDE / Math.max(width, height));
  return jpeg(source, width * scale, height * scale, quality);
};

const decoded = async (file) => {
  const image = new Image();
  image.src = URL.createObjectURL(file);
  try {
    await image.decode(); // turned as its EXIF says
    return image;
  } finally {
    URL.revokeObjectURL(image.src);
  }
};

// Returns what is sent of a picture file: a small JPEG, or the file itself where this browser cannot read it.
export const prepared = async (file) => {
  let image;
  try {
    image = await decoded(file);
  } catch {
    return file;
  }
  for (const [quality, shrunk] of [[0.88, 1], [0.75, 1], [0.6, 1], [0.6, 0.5]]) {
    const small = await scaled(image, image.naturalWidth, image.naturalHeight, quality, shrunk);
    if (small && small.size <= BYTES) return small;
  }
  return file;
};
