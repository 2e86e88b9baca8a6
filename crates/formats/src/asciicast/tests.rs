use std::time::Duration;

use super::*;

#[test]
fn what_is_written_is_read() {
    let mut header = Header::new(80, 24);
    header.timestamp = Some(1_700_000_000);
    let mut text = header.line().into_bytes();
    push_event(&mut text, Duration::from_millis(1_500), Kind::Output, "a\r\n\u{1b}[1m\"ü\"");
    push_event(&mut text, Duration::from_secs(2), Kind::Resize, "100x30");
    let (read, events) = parse(std::str::from_utf8(&text).unwrap()).unwrap();
    assert_eq!(read, header);
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].data, "a\r\n\u{1b}[1m\"ü\"");
    assert_eq!(events[0].at, Duration::from_millis(1_500));
    assert_eq!(events[1].kind, Kind::Resize);
}

#[test]
fn malformed_lines_are_named() {
    assert_eq!(parse("").unwrap_err(), AsciicastError::Malformed { line: 1 });
    assert_eq!(
        parse("{\"version\":3,\"width\":1,\"height\":1}").unwrap_err(),
        AsciicastError::Version(3)
    );
    let text = "{\"version\":2,\"width\":1,\"height\":1}\n[1, \"o\", \"x\"]\n[-1, \"o\", \"x\"]\n";
    assert_eq!(parse(text).unwrap_err(), AsciicastError::Malformed { line: 3 });
}

#[test]
fn unknown_kinds_are_skipped() {
    assert_eq!(Event::parse("[0.1, \"z\", \"\"]", 2).unwrap(), None);
}

#[test]
fn drawing_stays() {
    for text in [
        "plain ü 界\r\n\t",
        "\u{1b}[1;31mred\u{1b}[0m",
        "\u{1b}[2J\u{1b}[H\u{1b}[10;5H",
        "\u{1b}[?1049h\u{1b}[?25l",
        "\u{1b}(B\u{1b})0",
        "\u{1b}7\u{1b}8\u{1b}M",
        "\u{1b}[38:2:1:2:3mx",
        "\u{1b}[2 q",
    ] {
        assert_eq!(harmless(text), text);
    }
}

#[test]
fn what_acts_on_the_viewers_terminal_is_dropped() {
    for text in [
        "\u{1b}]52;c;ZXZpbA==\u{7}",
        "\u{1b}]0;title\u{1b}\\",
        "\u{1b}]8;;http://evil\u{1b}\\",
        "\u{1b}Ptmux;x\u{1b}\\",
        "\u{1b}_app\u{1b}\\",
        "\u{1b}^pm\u{1b}\\",
        "\u{1b}Xsos\u{1b}\\",
        "\u{1b}[c",
        "\u{1b}[>c",
        "\u{1b}[6n",
        "\u{1b}[?6n",
        "\u{1b}[5i",
        "\u{1b}[>4;2m",
        "\u{1b}[21t",
        "\u{1b}[?1000h",
        "\u{1b}[?2004h",
        "\u{1b}[>q",
        "\u{1b}P$qm\u{1b}\\",
        "\u{9d}52;c;eA==\u{9c}",
        "\u{9b}c",
        "\u{5}",
        "\u{1b}Z",
        "\u{1b}[?1049;1000h",
    ] {
        assert_eq!(harmless(text), "", "{text:?}");
    }
}

#[test]
fn a_sequence_cut_in_two_is_still_seen() {
    let mut filter = Harmless::default();
    assert_eq!(filter.feed("a\u{1b}]52;c;ZX"), "a");
    assert_eq!(filter.feed("ZpbA==\u{7}b\u{1b}["), "b");
    assert_eq!(filter.feed("1mc"), "\u{1b}[1mc");
    // A text that is broken off by another sequence gives that sequence.
    assert_eq!(harmless("\u{1b}]0;x\u{1b}[1my"), "\u{1b}[1my");
    assert_eq!(harmless("\u{1b}[\u{1b}]0;x\u{7}y"), "y");
}
