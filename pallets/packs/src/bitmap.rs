//! One bit a loan, least significant first.

use alloc::vec::Vec;
use assay_primitives::pack::Bitmap;

const BITS: usize = 8;

/// Bytes for so many bits.
pub fn bytes(bits: usize) -> usize {
    bits.div_ceil(BITS)
}

/// The bit at `position`; false past the end.
pub fn get(bitmap: &Bitmap, position: usize) -> bool {
    let bit = position % BITS;
    bitmap.get(position / BITS).is_some_and(|byte| (byte >> bit) & 1 == 1)
}

/// A bitmap of these bits.
pub fn collect(bits: impl Iterator<Item = bool>) -> Bitmap {
    let mut bitmap = Vec::new();
    for (position, bit) in bits.enumerate() {
        if position % BITS == 0 {
            bitmap.push(0u8);
        }
        if let Some(byte) = bitmap.last_mut() {
            *byte |= u8::from(bit) << (position % BITS);
        }
    }
    bitmap
}
