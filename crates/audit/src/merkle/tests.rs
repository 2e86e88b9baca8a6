use proptest::prelude::*;

use super::*;

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|i| leaf(&i.to_be_bytes())).collect()
}

/// The definition of RFC 6962 section 2.1, as it stands there.
fn by_definition(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(b""),
        [one] => *one,
        many => {
            let (left, right) = halves(many);
            node(&by_definition(left), &by_definition(right))
        }
    }
}

#[test]
fn empty_tree_and_one_leaf_are_the_vectors_of_the_rfc() {
    assert_eq!(
        hex::encode(root(&[])),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        hex::encode(leaf(b"")),
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    );
}

proptest! {
    #[test]
    fn frontier_is_the_definition(n in 0_usize..200) {
        let leaves = leaves(n);
        prop_assert_eq!(root(&leaves), by_definition(&leaves));
    }

    #[test]
    fn every_leaf_has_a_proof_and_no_other_leaf_fits_it(n in 1_usize..120, i in 0_usize..120, j in 0_usize..120) {
        let leaves = leaves(n);
        let (i, j) = (i % n, j % n);
        let path = inclusion(i, &leaves).unwrap();
        let head = root(&leaves);
        prop_assert!(verify_inclusion(i as u64, n as u64, &leaves[i], &path, &head));
        if i != j {
            prop_assert!(!verify_inclusion(i as u64, n as u64, &leaves[j], &path, &head));
            prop_assert!(!verify_inclusion(j as u64, n as u64, &leaves[i], &path, &head));
        }
        let mut cut = path.clone();
        if cut.pop().is_some() {
            prop_assert!(!verify_inclusion(i as u64, n as u64, &leaves[i], &cut, &head));
        }
    }

    #[test]
    fn every_prefix_is_consistent_and_no_altered_one(n in 1_usize..120, m in 1_usize..120) {
        let leaves = leaves(n);
        let m = (m % n).max(1);
        let proof = consistency(m, &leaves).unwrap();
        let (old, new) = (root(&leaves[..m]), root(&leaves));
        prop_assert!(verify_consistency(m as u64, n as u64, &old, &new, &proof));
        let mut altered = leaves.clone();
        altered[0] = leaf(b"other");
        prop_assert!(!verify_consistency(m as u64, n as u64, &root(&altered[..m]), &new, &proof));
        if m < n {
            prop_assert!(!verify_consistency(m as u64, n as u64, &old, &root(&altered), &proof));
        }
    }
}
