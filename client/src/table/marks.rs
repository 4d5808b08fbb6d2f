//! Where delimiters and line ends are, eight bytes at a time.

/// One in every byte of a word.
const ONES: u64 = 0x0101_0101_0101_0101;
/// All bits of every byte but the highest.
const LOW_BITS: u64 = 0x7f7f_7f7f_7f7f_7f7f;
/// Bytes of a word.
const WORD: usize = 8;
/// What a word beyond the end of the text is filled with: no byte of UTF-8.
const FILL: u8 = 0xff;

/// The positions of a delimiter, CR and LF in a text, ascending.
pub struct Marks<'a> {
    bytes: &'a [u8],
    /// Where the word that `found` is about begins.
    word: usize,
    /// The highest bit of each byte that is one of the three and not yet handed out.
    found: u64,
    /// The delimiter in every byte.
    delimiters: u64,
}

impl<'a> Marks<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        let mut marks = Self { bytes, word: 0, found: 0, delimiters: u64::from(delimiter) * ONES };
        marks.found = marks.in_word();
        marks
    }

    fn in_word(&self) -> u64 {
        let rest = self.bytes.get(self.word..).unwrap_or_default();
        let word = match rest.first_chunk::<WORD>() {
            Some(word) => u64::from_le_bytes(*word),
            None => {
                let mut word = [FILL; WORD];
                word[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(word)
            }
        };
        zeros(word ^ self.delimiters)
            | zeros(word ^ (ONES * u64::from(b'\n')))
            | zeros(word ^ (ONES * u64::from(b'\r')))
    }
}

/// The highest bit of each byte that is 0. No carry leaves a byte, so it is exact.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    !(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS)
}

impl Iterator for Marks<'_> {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        while self.found == 0 {
            self.word += WORD;
            if self.word >= self.bytes.len() {
                return None;
            }
            self.found = self.in_word();
        }
        let at = self.word + (self.found.trailing_zeros() / u8::BITS) as usize;
        self.found &= self.found - 1;
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn should_find_what_a_plain_search_finds_when_bytes_are_alike() {
        let alike: Vec<u8> =
            (0..64).flat_map(|_| b",\n\r-+\x0b\x0c\x8a\x8d\xac,,\x2d".to_vec()).collect();
        for from in 0..20 {
            for to in from..alike.len().min(from + 40) {
                let text = &alike[from..to];
                let plain = (0..text.len()).filter(|at| b",\n\r".contains(&text[*at]));
                assert!(Marks::new(text, b',').eq(plain), "{from}..{to}");
            }
        }
    }
}
