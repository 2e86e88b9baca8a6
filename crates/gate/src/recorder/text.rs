//! Bytes to text, piece by piece: a character cut in two is put together, what
//! is no UTF-8 becomes U+FFFD.

/// One direction of one stream.
#[derive(Debug, Default)]
pub(crate) struct Text {
    rest: Vec<u8>,
}

impl Text {
    /// The text of these bytes, with what was left over before.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let joined;
        let bytes = if self.rest.is_empty() {
            bytes
        } else {
            self.rest.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.rest);
            joined.as_slice()
        };
        let whole = bytes.len() - cut(bytes);
        let (now, later) = bytes.split_at(whole);
        self.rest = later.to_vec();
        String::from_utf8_lossy(now).into_owned()
    }

    /// What is left at the end.
    pub fn rest(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into_owned()
    }
}

/// How many bytes at the end begin a character that is not complete.
fn cut(bytes: &[u8]) -> usize {
    for back in 1..=bytes.len().min(3) {
        let Some(b) = bytes.get(bytes.len() - back) else { return 0 };
        let length = match b {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        return if length > back { back } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_in_two_is_put_together() {
        let mut text = Text::default();
        let euro = "€".as_bytes();
        assert_eq!(text.push(&euro[..1]), "");
        assert_eq!(text.push(&euro[1..2]), "");
        assert_eq!(text.push(&euro[2..]), "€");
        assert_eq!(text.push(b"a\xffb"), "a\u{fffd}b");
        assert_eq!(text.push(b"\xe2"), "");
        assert_eq!(text.rest(), "\u{fffd}");
    }
}
