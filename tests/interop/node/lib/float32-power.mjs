// Powers of a float32, exact up to one correct rounding.
//
// Keras's beta powers come from glibc's `powf`, which Node.js does not offer. `powf` is not correctly rounded everywhere,
// but it is for 0.9 and 0.999 at every exponent below 600: a Python test beside these compares both ways for all of them.

const MANTISSA_BITS = 24;
const MANTISSA_BITS_STORED = 23n;
const EXPONENT_BIAS = 127;
// The weight of a subnormal's last bit, and of the last bit of the smallest normal number.
const EXPONENT_MIN = -149;

const view = new DataView(new ArrayBuffer(4));

// Returns base ** exponent for a positive normal float32 and a positive integer.
export function float32Power(base, exponent) {
  const { mantissa, scale } = split(base);
  // The power is exactly exactMantissa * 2 ** exactScale.
  const exactMantissa = mantissa ** BigInt(exponent);
  const exactScale = scale * exponent;
  const bits = exactMantissa.toString(2).length;
  const surplus = Math.max(bits - MANTISSA_BITS, EXPONENT_MIN - exactScale, 0);
  // Both factors are exact in double precision, and so is their product: it is a float32.
  return Number(roundedShift(exactMantissa, BigInt(surplus))) * 2 ** (exactScale + surplus);
}

// A float32 as an integer times a power of two.
function split(value) {
  view.setFloat32(0, value);
  const pattern = view.getUint32(0);
  const stored = BigInt(pattern) & ((1n << MANTISSA_BITS_STORED) - 1n);
  const exponent = (pattern >>> Number(MANTISSA_BITS_STORED)) & 0xff;
  return {
    mantissa: stored | (1n << MANTISSA_BITS_STORED),
    scale: exponent - EXPONENT_BIAS - Number(MANTISSA_BITS_STORED),
  };
}

// value / 2 ** shift, to the nearest integer, ties to even.
function roundedShift(value, shift) {
  if (shift === 0n) {
    return value;
  }
  const floor = value >> shift;
  const rest = value - (floor << shift);
  const half = 1n << (shift - 1n);
  const up = rest > half || (rest === half && (floor & 1n) === 1n);
  return up ? floor + 1n : floor;
}
