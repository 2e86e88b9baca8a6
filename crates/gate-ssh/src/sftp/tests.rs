use super::confine::{self, Confined, Verdict};
use super::packet::*;
use super::*;

fn path(kind: u8, id: u32, path: &str) -> Vec<u8> {
    Build::new(kind, id).bytes(path.as_bytes()).done()
}

#[test]
fn a_stream_cut_anywhere_gives_the_same_packets() {
    let write = Build::new(WRITE, 7).bytes(b"h").raw(&[0; 8]).bytes(&[9; 5_000]).done();
    let mut stream = path(OPEN, 1, "/a");
    stream.extend_from_slice(&write);
    stream.extend_from_slice(&path(REMOVE, 2, "/b"));
    for step in [1, 3, 7, 319, 320, 321, 10_000] {
        let mut parser = Parser::of(Side::Person);
        let mut again = Vec::new();
        let mut packets = 0;
        for bytes in stream.chunks(step) {
            for piece in parser.push(bytes).unwrap() {
                match piece {
                    Piece::Packet(p) => {
                        packets += 1;
                        again.extend_from_slice(&p);
                    }
                    Piece::Content(c) => again.extend_from_slice(&c),
                }
            }
        }
        assert_eq!(packets, 3, "step {step}");
        assert!(again == stream, "step {step}");
    }
}

/// abuse case 62: a length of 2³²−1 is refused before anything is allocated.
#[test]
fn a_length_that_lies_is_refused() {
    for head in [[0xff; 5], [0, 0, 0, 0, 3], [0, 4, 0, 1, 3]] {
        assert!(Parser::of(Side::Person).push(&head).is_err(), "{head:?}");
    }
    assert!(Tracker::default().request(&[0, 0, 0, 2, OPEN, 0]).is_err());
    let lying = Build::new(OPEN, 1).u32(u32::MAX).done();
    assert!(Tracker::default().request(&lying).is_err());
    assert!(Confined::new("/srv").judge(&lying).is_err());
}

/// abuse case 60: what of a packet is not looked at is content, and only where the side
/// that sends it has content to send.
#[test]
fn each_side_sends_what_is_its_own() {
    let long = |kind| Build::new(kind, 7).bytes(b"h").raw(&[0; 8]).bytes(&[9; 5_000]).done();
    for (side, content, foreign) in [
        (Side::Person, WRITE, [VERSION, STATUS, HANDLE, DATA, NAME, ATTRS, EXTENDED_REPLY]),
        (Side::Target, DATA, [INIT, OPEN, READ, WRITE, RENAME, SYMLINK, EXTENDED]),
    ] {
        let pieces = Parser::of(side).push(&long(content)).unwrap();
        assert!(matches!(&pieces[..], [Piece::Packet(_), Piece::Content(_)]), "{side:?}");
        for kind in foreign {
            assert_eq!(Parser::of(side).push(&long(kind)), Err(Malformed), "{side:?} {kind}");
        }
    }
}

/// Nobody hides what they open behind the answer to something else.
#[test]
fn an_id_is_used_again_only_after_its_answer() {
    for first in [path(OPEN, 1, "/a"), path(STAT, 1, "/none"), path(OPENDIR, 1, "/")] {
        let mut t = Tracker::default();
        t.request(&first).unwrap();
        assert_eq!(t.request(&path(OPEN, 1, "/b")), Err(Malformed));
        let mut t = Tracker::default();
        t.request(&first).unwrap();
        t.answer(&status(1, 2, "")).unwrap();
        t.request(&path(OPEN, 1, "/b")).unwrap();
    }
}

#[test]
fn what_is_written_and_read_is_counted_for_each_file() {
    let mut t = Tracker::default();
    t.request(&path(OPEN, 1, "/a")).unwrap();
    assert_eq!(t.answer(&Build::new(HANDLE, 1).bytes(b"h").done()).unwrap(), None);
    t.request(&Build::new(WRITE, 2).bytes(b"h").raw(&[0; 8]).bytes(b"12345").done()).unwrap();
    t.answer(&status(2, 0, "")).unwrap();
    t.request(&Build::new(CLOSE, 3).bytes(b"h").done()).unwrap();
    let done = t.answer(&status(3, 0, "")).unwrap().unwrap();
    assert_eq!((done.operation.as_str(), done.bytes, done.outcome.as_str()), ("write", 5, "ok"));
    t.request(&path(REMOVE, 4, "/b")).unwrap();
    let done = t.answer(&status(4, 3, "")).unwrap().unwrap();
    assert_eq!((done.operation.as_str(), done.outcome.as_str()), ("remove", "permission denied"));
    t.request(&path(OPEN, 5, "/c")).unwrap();
    t.answer(&Build::new(HANDLE, 5).bytes(b"i").done()).unwrap();
    let rest = t.rest();
    assert_eq!((rest[0].path.as_str(), rest[0].outcome.as_str()), ("/c", "incomplete"));
}

/// abuse case 60: plain ways out are refused without asking the target.
#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    let folder = Confined::new("/srv/files/");
    for bad in
        ["/etc/passwd", "../x", "a/../../x", "/srv/files/../../etc", "/srv/filesx", "/", "a\0b"]
    {
        let verdict = folder.judge(&path(OPEN, 1, bad)).unwrap();
        assert_eq!(verdict, Verdict::Refuse { id: 1 }, "{bad:?}");
    }
    for (good, wanted) in
        [("a", "/srv/files/a"), (".", "/srv/files"), ("a/../b//c", "/srv/files/b/c")]
    {
        match folder.judge(&path(OPEN, 1, good)).unwrap() {
            Verdict::Check { resolve, packet, .. } => {
                assert_eq!(resolve, [wanted]);
                assert_eq!(packet, path(OPEN, 1, wanted));
            }
            other => panic!("{good}: {other:?}"),
        }
    }
    let link = Build::new(SYMLINK, 1).bytes(b"/etc").bytes(b"x").done();
    assert_eq!(folder.judge(&link).unwrap(), Verdict::Refuse { id: 1 });
    let hard =
        Build::new(EXTENDED, 1).bytes(b"hardlink@openssh.com").bytes(b"a").bytes(b"b").done();
    assert_eq!(folder.judge(&hard).unwrap(), Verdict::Refuse { id: 1 });
    let out = Build::new(RENAME, 1).bytes(b"a").bytes(b"/tmp/a").done();
    assert_eq!(folder.judge(&out).unwrap(), Verdict::Refuse { id: 1 });
    assert!(folder.judge(&path(OPEN, confine::OWN + 1, "a")).is_err());
    assert!(
        Confined::inside("/srv/files", "/srv/files/a")
            && !Confined::inside("/srv/files", "/srv/filesx")
    );
}

fn scp(command: &str) -> Option<Scp> {
    Plain::of(command).and_then(Scp::of)
}

#[test]
fn files_of_old_scp_are_seen() {
    let mut stream =
        b"T1 0 1 0\nD0755 0 d\nC0644 5 a b\nhello\0C0600 0 empty\n\0E\nC0644 3 z\nxyz\0".to_vec();
    for step in [1, 4, 1000] {
        let mut scp = scp("scp -rt /tmp/in").unwrap();
        let (mut files, mut said) = (Vec::new(), Vec::new());
        for bytes in stream.chunks(step) {
            let seen = scp.push(Direction::ToTarget, bytes);
            files.extend(seen.files.iter().map(|f| format!("{} {}", f.path, f.bytes)));
            said.extend(seen.said);
        }
        assert_eq!(files, ["/tmp/in/d/a b 5", "/tmp/in/d/empty 0", "/tmp/in/z 3"], "step {step}");
        let lines = b"T1 0 1 0\nD0755 0 d\nC0644 5 a b\n\0C0600 0 empty\n\0E\nC0644 3 z\n\0";
        assert_eq!(text(&said), text(lines), "step {step}");
    }
    stream.truncate(34);
    let mut cut = scp("scp -v -r -t /tmp/in").unwrap();
    cut.push(Direction::ToTarget, &stream);
    assert_eq!(cut.rest().unwrap().outcome, "incomplete");
    let mut broken = scp("scp -f a").unwrap();
    let seen = broken.push(Direction::ToPerson, b"C0644 2 a\nxx\x01scp: a: broken\n");
    assert_eq!(seen.files[0].outcome, "incomplete");
    assert_eq!(text(&seen.said), "C0644 2 a\n\x01scp: a: broken\n");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// abuse case F9: what is no scp hides nothing by being called so.
#[test]
fn what_is_no_scp_is_kept_whole() {
    for typed in ["x", "exec sh\n", "Call\n", "C0644 1e9 x\n", "E0 0 x\n", "T\0", "\0\0sh\n"] {
        for step in [1, 1000] {
            let mut scp = scp("scp -t x").unwrap();
            let behind = format!("{typed}C0644 9 x\nid; uname\n");
            let mut said = Vec::new();
            for bytes in behind.as_bytes().chunks(step) {
                said.extend(scp.push(Direction::ToTarget, bytes).said);
            }
            assert_eq!(text(&said), behind, "step {step}");
        }
    }
    // Nor is what a shell shows content, once somebody types into it.
    let mut shown = scp("scp -f x").unwrap();
    assert_eq!(text(&shown.push(Direction::ToPerson, b"C0644 999 x\nfile").said), "C0644 999 x\n");
    for answer in ["\0", "\u{1}scp: disk full\n", "\0\0"] {
        assert_eq!(text(&shown.push(Direction::ToTarget, answer.as_bytes()).said), answer);
        assert_eq!(text(&shown.push(Direction::ToPerson, b"file").said), "");
    }
    assert_eq!(text(&shown.push(Direction::ToTarget, b"\0id\n").said), "\0id\n");
    assert_eq!(text(&shown.push(Direction::ToPerson, b"uid=0(root)").said), "uid=0(root)");
    let mut answered = scp("scp -t x").unwrap();
    assert_eq!(
        text(&answered.push(Direction::ToPerson, b"\0$ C0644 9 x\n").said),
        "\0$ C0644 9 x\n"
    );
}

/// abuse case F9: only a command that says itself what runs is taken at its word.
#[test]
fn command_is_a_transfer_only_when_nothing_else_can_run() {
    for good in ["scp -t x", "scp -v -f -- -x", "/usr/bin/scp -t ~/a%b", "scp  -rpt a=b@c:d,e+f"] {
        assert!(scp(good).is_some(), "{good}");
    }
    for bad in [
        "scp a b",
        "cat -t",
        "./scp -t x",
        "/home/a/scp -t x",
        "~/scp -t x",
        "scp2 -t x",
        "/usr/../home/a/scp -t x",
        "/usr/./scp -t x",
        "PATH=. scp -t x",
        "scp -t x; exec sh",
        "scp -t x && sh",
        "scp -t x|sh",
        "scp -t x\nsh",
        "scp -t x\tsh",
        "scp -t $(sh)",
        "scp -t `sh`",
        "scp -t x & sh",
        "scp -t x>y",
        "scp -t {a,b}",
        "scp -t 'x y'",
        "scp -t x\\ y",
        "scp -t *",
        "scp -t x#",
        "scp -t ä",
    ] {
        assert!(scp(bad).is_none(), "{bad}");
    }
}
