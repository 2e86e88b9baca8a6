use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use doorward_core::{RecordingId, Secret};
use doorward_store::testing::TestEnv;

use super::file::{FileError, Reader, Writer, chunk_hashes};

struct Made {
    _dir: tempfile::TempDir,
    path: PathBuf,
    id: RecordingId,
    key: Secret<[u8; 32]>,
    hashes: Vec<[u8; 32]>,
}

fn made() -> Made {
    let env = TestEnv::default().env();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("below").join("r.dwrec");
    let (id, key) = (RecordingId::new(&env), env.secret());
    let mut writer = Writer::create(&path, id, &key).unwrap();
    let lines = ["one\n".repeat(100), "two\n".to_owned(), "three\n".to_owned()];
    let hashes = lines.iter().map(|l| writer.append(l.as_bytes()).unwrap().sha256).collect();
    Made { _dir: dir, path, id, key, hashes }
}

fn read(m: &Made) -> (Vec<String>, Option<FileError>) {
    let mut reader = match Reader::open(&m.path, m.id, &m.key, 3) {
        Ok(reader) => reader,
        Err(e) => return (Vec::new(), Some(e)),
    };
    let mut all = Vec::new();
    loop {
        match reader.next_lines() {
            Ok(Some(lines)) => all.push(String::from_utf8(lines).unwrap()),
            Ok(None) => return (all, None),
            Err(e) => return (all, Some(e)),
        }
    }
}

#[test]
fn what_is_recorded_is_read_and_hashes_need_no_key() {
    let m = made();
    let (all, error) = read(&m);
    assert!(error.is_none());
    assert_eq!(all[1..], ["two\n", "three\n"]);
    let hashes: Vec<[u8; 32]> = chunk_hashes(&m.path).unwrap().map(|h| h.unwrap().1).collect();
    assert_eq!(hashes, m.hashes);
    let text = std::fs::read(&m.path).unwrap();
    assert!(!text.windows(3).any(|w| w == b"one"));
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(&m.path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn every_changed_byte_is_noticed_and_named() {
    let m = made();
    let length = std::fs::metadata(&m.path).unwrap().len();
    for at in 0..length {
        let before = std::fs::read(&m.path).unwrap();
        let mut file = std::fs::OpenOptions::new().write(true).open(&m.path).unwrap();
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&[before[usize::try_from(at).unwrap()] ^ 1]).unwrap();
        let (all, error) = read(&m);
        assert!(error.is_some(), "byte {at}");
        assert!(all.len() < 3, "byte {at}");
        std::fs::write(&m.path, before).unwrap();
    }
}

#[test]
fn a_truncated_recording_is_played_up_to_the_cut_and_says_so() {
    let m = made();
    let whole = std::fs::read(&m.path).unwrap();
    for length in 24..whole.len() {
        std::fs::write(&m.path, &whole[..length]).unwrap();
        let (all, error) = read(&m);
        match error {
            Some(FileError::Truncated { after }) => assert_eq!(after, all.len() as u64),
            other => panic!("{length}: {other:?}"),
        }
    }
}

#[test]
fn a_chunk_cannot_be_moved_to_another_recording_or_place() {
    let m = made();
    let whole = std::fs::read(&m.path).unwrap();
    let first = 4 + u32::from_be_bytes(whole[24..28].try_into().unwrap()) as usize;
    let second = 4 + u32::from_be_bytes(whole[24 + first..28 + first].try_into().unwrap()) as usize;
    let mut swapped = whole[..24].to_vec();
    swapped.extend_from_slice(&whole[24 + first..24 + first + second]);
    swapped.extend_from_slice(&whole[24..24 + first]);
    swapped.extend_from_slice(&whole[24 + first + second..]);
    std::fs::write(&m.path, swapped).unwrap();
    assert!(matches!(read(&m).1, Some(FileError::Altered { number: 0 })));
    let other = RecordingId::new(&TestEnv::default().env());
    assert!(matches!(Reader::open(&m.path, other, &m.key, 3), Err(FileError::Foreign)));
}
