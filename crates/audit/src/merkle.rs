//! The hash tree of RFC 6962 section 2.1: heads, inclusion and consistency
//! proofs. Pure; a test compares it with another implementation.

use aws_lc_rs::digest;

/// A SHA-256 value.
pub type Hash = [u8; 32];

/// The hash of a leaf: `SHA-256(0x00 || data)`.
pub fn leaf(data: &[u8]) -> Hash {
    digest_of(&[&[0], data])
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    digest_of(&[&[1], left, right])
}

/// SHA-256 of bytes as they are.
pub fn sha256(data: &[u8]) -> Hash {
    digest_of(&[data])
}

fn digest_of(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    out
}

/// The right edge of a growing tree: the roots of its complete subtrees, largest
/// first. All that is needed to append and to know the head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf's hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each trailing one bit of the old size is a complete subtree to merge with.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node(&left, &hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// The head of the tree.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        match roots.next() {
            None => sha256(b""),
            Some(last) => roots.fold(*last, |right, left| node(left, &right)),
        }
    }
}

/// The head over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// The largest power of two below `n`.
fn split(n: usize) -> usize {
    n.checked_next_power_of_two().unwrap_or(n) / 2
}

fn halves(leaves: &[Hash]) -> (&[Hash], &[Hash]) {
    leaves.split_at(split(leaves.len()).min(leaves.len()))
}

/// The audit path of leaf `index` in the tree of these leaves (section 2.1.1);
/// none when there is no such leaf.
pub fn inclusion(index: usize, leaves: &[Hash]) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    if leaves.len() == 1 {
        return Some(Vec::new());
    }
    let (left, right) = halves(leaves);
    let (mut path, other) = if index < left.len() {
        (inclusion(index, left)?, root(right))
    } else {
        (inclusion(index - left.len(), right)?, root(left))
    };
    path.push(other);
    Some(path)
}

/// Whether `path` proves that `leaf` is leaf `index` of the tree with this size
/// and root (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, path: &[Hash], wanted: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for step in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(step, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *wanted
}

/// The proof that the tree of the first `old` of these leaves is a prefix of the
/// tree of all of them (section 2.1.2).
pub fn consistency(old: usize, leaves: &[Hash]) -> Option<Vec<Hash>> {
    fn sub(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if whole { Vec::new() } else { vec![root(leaves)] };
        }
        let (left, right) = halves(leaves);
        if old <= left.len() {
            let mut proof = sub(old, left, whole);
            proof.push(root(right));
            proof
        } else {
            let mut proof = sub(old - left.len(), right, false);
            proof.push(root(left));
            proof
        }
    }
    (old > 0 && old <= leaves.len()).then(|| sub(old, leaves, true))
}

/// Whether `proof` shows that the old tree is a prefix of the new one (RFC 9162
/// section 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let mut steps = proof.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { steps.next() };
    let Some(first) = first else { return false };
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let (mut from_old, mut from_new) = (*first, *first);
    for step in steps {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            from_old = node(step, &from_old);
            from_new = node(step, &from_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node(&from_new, step);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

#[cfg(test)]
mod tests;
