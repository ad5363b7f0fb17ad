/** IEEE 754 half precision, which Node 20 has no typed array for. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Half-precision bits of a number, rounded to nearest even; beyond ±65504 it is infinite. */
export function toFloat16(value: number): number {
  float[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const magnitude = bits[0]! & 0x7fffffff;
  if (magnitude >= 0x7f800000)
    return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  const exponent = (magnitude >>> 23) - 112;
  if (exponent >= 31) return sign | 0x7c00;
  // Subnormal halves have the weight 2^−24 at their last bit.
  if (exponent <= 0) return sign | roundToEven(Math.abs(value) * 2 ** 24);
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  // A carry out of the mantissa correctly raises the exponent, up to infinity.
  return sign | ((rounded - (112 << 23)) >>> 13);
}

/** The number that half-precision bits stand for. */
export function fromFloat16(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** Little-endian half-precision bytes of an array. */
export function toFloat16Bytes(values: Float32Array): Uint8Array {
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) halves[i] = toFloat16(values[i]!);
  return new Uint8Array(halves.buffer);
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
