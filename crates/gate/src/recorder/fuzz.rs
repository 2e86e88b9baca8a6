//! Doors for the fuzzers: there only when fuzzing.

use super::echo::Echo;
use super::screen::Screen;
use super::text::Text;

/// A terminal that is shown and typed at in turns.
pub fn terminal(bytes: &[u8]) {
    let Some(mut screen) = Screen::new(80, 24) else { return };
    let (mut shown, mut typed, mut echo) = (Text::default(), Text::default(), Echo::default());
    let mut rest = bytes;
    while let Some((head, after)) = rest.split_first() {
        let (piece, left) = after.split_at(after.len().min(usize::from(head >> 2)));
        rest = left;
        match head & 3 {
            0 => {
                let text = typed.push(piece);
                screen.typed(&text);
                let _ = echo.typed(&text);
            }
            1 => screen.resize(u16::from(*head) * 3, u16::from(head >> 3)),
            _ => {
                let text = shown.push(piece);
                let _ = screen.shown(&text);
                let _ = echo.shown(&text);
            }
        }
    }
    let _ = (screen.dump(), echo.rest(), shown.rest(), typed.rest());
}
