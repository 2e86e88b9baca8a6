//! Doors for the fuzzers into what is private: there only when fuzzing.

use crate::sftp::{Confined, Parser, Piece, Scp, Side, Tracker};

const ROOT: &str = "/srv/share";

/// Bytes of both sides, in pieces: followed and judged.
pub fn sftp(bytes: &[u8]) {
    let (mut person, mut target) = (Parser::of(Side::Person), Parser::of(Side::Target));
    let (mut tracker, confined) = (Tracker::default(), Confined::new(ROOT));
    for (i, piece) in bytes.chunks(97).enumerate() {
        let from_person = i % 2 == 0;
        let parser = if from_person { &mut person } else { &mut target };
        let Ok(pieces) = parser.push(piece) else { return };
        for piece in pieces {
            let Piece::Packet(packet) = piece else { continue };
            if from_person {
                let _ = confined.judge(&packet);
                let _ = tracker.request(&packet);
            } else {
                let _ = tracker.answer(&packet);
            }
        }
    }
}

/// A command line, a line end, and what the sending side sends.
pub fn scp(bytes: &[u8]) {
    let at = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let (command, rest) = bytes.split_at(at);
    let Some(mut scp) = Scp::of(&String::from_utf8_lossy(command)) else { return };
    for piece in rest.chunks(61) {
        let _ = scp.push(piece);
    }
    let _ = scp.rest();
}

/// Settings as JSON.
pub fn settings(text: &str) {
    if let Ok(value) = serde_json::from_str(text) {
        let _ = crate::TargetSettings::read(&value);
    }
}
