//! The tree on disk, as C2SP tlog-tiles lays it out: `tile/<level>/<index>`
//! with 256 hashes each, partial tiles as `….p/<width>`. Anybody can serve the
//! folder as it is, and anybody can check it.

use std::io;
use std::path::{Path, PathBuf};

use crate::merkle::{Hash, node};

/// Hashes in a full tile.
const WIDTH: u64 = 256;

/// The folder of a log's tiles.
#[derive(Clone, Debug)]
pub struct Tiles {
    dir: PathBuf,
}

impl Tiles {
    /// The folder; made when it is first written.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// Where the newest checkpoint lies.
    pub fn checkpoint_path(&self) -> PathBuf {
        self.dir.join("checkpoint")
    }

    /// Where the number of leaves that the tiles hold is written, after them.
    pub(crate) fn size_path(&self) -> PathBuf {
        self.dir.join("size")
    }

    fn path(&self, level: u32, index: u64, width: u64) -> PathBuf {
        let mut parts = vec![format!("{:03}", index % 1000)];
        let mut rest = index / 1000;
        while rest > 0 {
            parts.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        let mut path = self.dir.join("tile").join(level.to_string());
        for part in parts.iter().skip(1).rev() {
            path.push(part);
        }
        let last = parts.first().cloned().unwrap_or_default();
        if width < WIDTH {
            path.join(format!("{last}.p")).join(width.to_string())
        } else {
            path.join(last)
        }
    }

    /// The leaf hashes `from..to` as the folder has them. The error names the
    /// first tile that is missing or has another length.
    pub fn leaves(&self, from: u64, to: u64) -> io::Result<Vec<Hash>> {
        let mut found = Vec::new();
        let mut at = from - from % WIDTH;
        while at < to {
            let width = (to - at).min(WIDTH);
            let hashes = self.read(0, at / WIDTH, width)?;
            let skip = usize::try_from(from.saturating_sub(at)).unwrap_or(0);
            found.extend(hashes.into_iter().skip(skip));
            at += WIDTH;
        }
        Ok(found)
    }

    fn read(&self, level: u32, index: u64, width: u64) -> io::Result<Vec<Hash>> {
        let full = self.path(level, index, WIDTH);
        let path = if full.exists() { full } else { self.partial(level, index, width) };
        let named =
            |e: io::Error| io::Error::new(e.kind(), format!("tile {}: {e}", path.display()));
        let bytes = std::fs::read(&path).map_err(named)?;
        let (hashes, rest) = bytes.as_chunks::<32>();
        let wanted = usize::try_from(width).unwrap_or(0);
        if !rest.is_empty() || hashes.len() < wanted {
            let e = io::Error::new(io::ErrorKind::InvalidData, "it has another length");
            return Err(named(e));
        }
        Ok(hashes.iter().take(wanted).copied().collect())
    }

    /// The partial tile with this many hashes, or the next larger one that there is.
    fn partial(&self, level: u32, index: u64, width: u64) -> PathBuf {
        let exact = self.path(level, index, width);
        if exact.exists() {
            return exact;
        }
        let widths = exact.parent().and_then(|dir| std::fs::read_dir(dir).ok());
        let larger = widths
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|e| e.file_name().to_str()?.parse::<u64>().ok())
            .filter(|w| *w > width)
            .min();
        larger.map_or(exact, |w| self.path(level, index, w))
    }

    /// Writes what the growth from `old` to `old + new.len()` leaves touches, on
    /// every level. `leaf` gives hashes of older leaves by number.
    pub fn grow(&self, old: u64, new: &[Hash]) -> io::Result<()> {
        let size = old + u64::try_from(new.len()).unwrap_or(0);
        let start = old - old % WIDTH;
        let mut hashes = if start < old { self.leaves(start, old)? } else { Vec::new() };
        hashes.extend_from_slice(new);
        let (mut level, mut first, mut count) = (0, start, size);
        loop {
            self.write_level(level, first, &hashes)?;
            // Full tiles of this level are the entries of the next.
            let full = count / WIDTH;
            if full == 0 {
                return Ok(());
            }
            let next_first = (first / WIDTH) - (first / WIDTH) % WIDTH;
            let mut above = if next_first < first / WIDTH {
                self.read(level + 1, next_first / WIDTH, first / WIDTH - next_first)?
            } else {
                Vec::new()
            };
            let width = usize::try_from(WIDTH).unwrap_or(256);
            above.extend(hashes.chunks_exact(width).map(perfect));
            hashes = above;
            first = next_first;
            count = full;
            level += 1;
            if hashes.is_empty() {
                return Ok(());
            }
        }
    }

    fn write_level(&self, level: u32, first: u64, hashes: &[Hash]) -> io::Result<()> {
        let width = usize::try_from(WIDTH).unwrap_or(256);
        for (i, tile) in hashes.chunks(width).enumerate() {
            let index = first / WIDTH + u64::try_from(i).unwrap_or(0);
            let path = self.path(level, index, u64::try_from(tile.len()).unwrap_or(0));
            write_whole(&path, tile.as_flattened())?;
        }
        Ok(())
    }
}

/// The root over a full tile.
fn perfect(tile: &[Hash]) -> Hash {
    let mut row = tile.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .filter_map(|pair| match pair {
                [a, b] => Some(node(a, b)),
                _ => None,
            })
            .collect();
    }
    row.first().copied().unwrap_or_default()
}

/// Writes beside, syncs, renames: a reader sees the old file or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = std::fs::File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::{leaf, root};

    #[test]
    fn paths_are_those_of_the_specification() {
        let tiles = Tiles::new("/log");
        assert_eq!(tiles.path(0, 1_234_067, 256), Path::new("/log/tile/0/x001/x234/067"));
        assert_eq!(tiles.path(1, 0, 5), Path::new("/log/tile/1/000.p/5"));
    }

    #[test]
    fn growth_in_any_steps_gives_the_same_leaves_and_upper_tiles() {
        let all: Vec<Hash> = (0..70_000_u32).map(|i| leaf(&i.to_be_bytes())).collect();
        let dir = tempfile::tempdir().unwrap();
        let tiles = Tiles::new(dir.path());
        let mut at = 0;
        for step in [1, 255, 1, 300, 65_000, 4_443] {
            tiles.grow(at as u64, &all[at..at + step]).unwrap();
            at += step;
        }
        assert_eq!(tiles.leaves(0, 70_000).unwrap(), all);
        assert_eq!(tiles.leaves(300, 700).unwrap(), all[300..700]);
        // 70,000 is no multiple of 256: a reader that stops within the last tile.
        assert_eq!(tiles.leaves(69_000, 69_900).unwrap(), all[69_000..69_900]);
        let level_1 = tiles.read(1, 0, 256).unwrap();
        assert_eq!(level_1[7], root(&all[7 * 256..8 * 256]));
        let level_2 = tiles.read(2, 0, 1).unwrap();
        assert_eq!(level_2[0], root(&all[..65_536]));
    }
}
