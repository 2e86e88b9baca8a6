use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::{Clock, Entity, Env, IdentityId, RequestId, Rng, Timestamp};

struct Fixed(i64);
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_secs(self.0)
    }
    fn running(&self) -> Duration {
        Duration::ZERO
    }
}
#[derive(Default)]
struct Counting(std::sync::atomic::AtomicU8);
impl Rng for Counting {
    fn fill(&self, out: &mut [u8]) {
        out.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

fn env(at: i64) -> Env {
    Env::new(Arc::new(Fixed(at)), Arc::new(Counting::default()))
}

fn pending(env: &Env, needed: u32) -> PendingRequest {
    PendingRequest {
        id: RequestId::new(env),
        requester: IdentityId::new(env),
        about: Entity::new("Account", "a"),
        reason: "disk full".to_owned(),
        duration: Duration::from_secs(3600),
        needed,
        approvals: Vec::new(),
        at: env.now(),
        expires_at: env.now() + Duration::from_secs(600),
    }
}

#[test]
fn requester_cannot_decide_own_request() {
    let env = env(1_000);
    let request = pending(&env, 1);
    let me = request.requester;
    assert_eq!(request.decide(me, Decision::Approve, "", &env), Err(DecideError::OwnRequest));
}

#[test]
fn two_approvals_need_two_people() {
    let env = env(1_000);
    let (a, b) = (IdentityId::new(&env), IdentityId::new(&env));
    let (_, first) = pending(&env, 2).decide(a, Decision::Approve, "", &env).unwrap();
    let Decided::StillPending(request) = first else {
        unreachable!("one of two approvals granted")
    };
    let again = request.clone().decide(a, Decision::Approve, "", &env);
    assert_eq!(again, Err(DecideError::AlreadyDecided));
    let (_, second) = request.decide(b, Decision::Approve, "fine", &env).unwrap();
    let Decided::Granted(grant) = second else {
        unreachable!("two of two approvals did not grant")
    };
    assert_eq!(grant.approvals, 2);
    assert_eq!(grant.length(), Duration::from_secs(3600));
    assert!(grant.in_force(env.now()));
    assert!(!grant.in_force(grant.ends_at));
}

#[test]
fn expired_request_cannot_be_approved() {
    let request = pending(&env(1_000), 1);
    let late = env(1_600);
    let by = IdentityId::new(&late);
    assert_eq!(request.decide(by, Decision::Approve, "", &late), Err(DecideError::Expired));
}

#[test]
fn clock_set_back_never_makes_a_huge_duration() {
    let (early, late) = (Timestamp::from_secs(10), Timestamp::from_secs(20));
    assert_eq!(early.since(late), Duration::ZERO);
    assert_eq!(late.since(early), Duration::from_secs(10));
}
