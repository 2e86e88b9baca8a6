use doorward_core::{RelayId, Secret};
use doorward_store::testing::TestEnv;

use super::frame::{Forged, Frame, Frames};

fn made() -> (Frames, Frames) {
    let env = TestEnv::default().env();
    let (id, key): (_, Secret<[u8; 32]>) = (RelayId::new(&env), env.secret());
    let other = Frames::new(RelayId::new(&env), &key).unwrap();
    (Frames::new(id, &key).unwrap(), other)
}

#[test]
fn a_frame_opens_in_its_own_place_and_says_whether_it_is_the_last() {
    let (frames, other) = made();
    let cases = [
        Frame::Some(b"lines\n".repeat(1_000)),
        Frame::End(String::new()),
        Frame::End("why".into()),
    ];
    for (number, frame) in (0..).zip(cases) {
        let sealed = frames.seal(number, &frame).unwrap();
        assert!(!sealed.windows(5).any(|w| w == b"lines"));
        assert_eq!(frames.open(number, sealed.clone()), Ok(frame));
        assert_eq!(frames.open(number + 1, sealed.clone()), Err(Forged), "another place");
        assert_eq!(other.open(number, sealed.clone()), Err(Forged), "another look");
        for at in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[at] ^= 1;
            assert_eq!(frames.open(number, flipped), Err(Forged), "byte {at}");
            assert_eq!(frames.open(number, sealed[..at].to_vec()), Err(Forged), "cut at {at}");
        }
    }
}
