//! Doors for the fuzzers into what is private: there only when fuzzing.

use crate::sftp::{Confined, Direction, Parser, Piece, Plain, Scp, Side, Tracker};

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

/// A command line, a line end, and what both sides send.
pub fn scp(bytes: &[u8]) {
    let at = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let (command, rest) = bytes.split_at(at);
    let text = String::from_utf8_lossy(command);
    let Some(mut scp) = Plain::of(&text).and_then(Scp::of) else { return };
    for (i, piece) in rest.chunks(61).enumerate() {
        let way = if i % 4 == 3 { Direction::ToPerson } else { Direction::ToTarget };
        let _ = scp.push(way, piece);
    }
    let _ = scp.rest();
}

/// Settings as JSON.
pub fn settings(text: &str) {
    if let Ok(value) = serde_json::from_str(text) {
        let _ = crate::TargetSettings::read(&value);
    }
}
