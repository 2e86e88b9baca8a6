use serde_json::json;

use super::*;

#[test]
fn hostile_text_cannot_steer_the_terminal() {
    assert_eq!(clean("a\u{1b}[2Jb\u{202e}c\nd"), "a\u{fffd}[2Jb\u{fffd}c d");
}

#[test]
fn cells_read_like_a_person_writes() {
    let item = json!({"on": true, "at": "2026-11-24T11:02:03.123456Z", "labels": {"env": "prod"}});
    assert_eq!(cell(&item, "/on"), "yes");
    assert_eq!(cell(&item, "/at"), "2026-11-24 11:02:03");
    assert_eq!(cell(&item, "/labels"), "env=prod");
    assert_eq!(cell(&item, "/missing"), "");
}
