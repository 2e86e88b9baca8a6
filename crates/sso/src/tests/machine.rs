//! Codes and refresh tokens as a state machine: what happens to them in any order,
//! on whichever node, is what a few lines of model say.

use std::time::Duration;

use doorward_core::{ManageSeal, Timestamp, WriteApplication};
use doorward_store::testing::{TestDb, each_database, postgres, sqlite};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Client 0 or 1 asks for a code.
    Authorize(usize),
    /// A client redeems one of the codes.
    Redeem {
        code: usize,
        by: usize,
        verifier: bool,
    },
    /// A client uses one of the refresh tokens.
    Refresh {
        token: usize,
        by: usize,
        narrow: bool,
    },
    /// A client revokes one of the refresh tokens.
    Revoke {
        token: usize,
        by: usize,
    },
    SignOut,
    /// Disabled, and enabled again before any node looks.
    Disable,
    /// The other node dies and another one starts.
    Kill,
    /// The signing key is replaced; because it leaked, or in good time.
    RotateKey {
        leaked: bool,
    },
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2_usize).prop_map(Step::Authorize),
        8 => (any::<usize>(), 0..8_usize, 0..6_u8).prop_map(|(code, by, v)| Step::Redeem { code, by, verifier: v > 0 }),
        8 => (any::<usize>(), 0..8_usize, any::<bool>()).prop_map(|(token, by, narrow)| Step::Refresh { token, by, narrow }),
        1 => (any::<usize>(), 0..4_usize).prop_map(|(token, by)| Step::Revoke { token, by }),
        1 => Just(Step::SignOut),
        1 => Just(Step::Disable),
        1 => Just(Step::Kill),
        1 => any::<bool>().prop_map(|leaked| Step::RotateKey { leaked }),
        3 => prop::sample::select(vec![1, 5, 20, 60, 299, 3 * 3600, 8 * 3600]).prop_map(Step::Wait),
    ]
}

/// What the model knows of one authorization.
struct Family {
    client: usize,
    begun: Timestamp,
    code: String,
    redeemed: bool,
    alive: bool,
}

struct Bearer {
    family: usize,
    value: String,
    at: Timestamp,
    used: bool,
}

struct Machine<'a> {
    house: &'a mut House,
    /// The other node, where the database can have one.
    other: Option<Node>,
    kept: &'a TestDb,
    /// Whether the step happens there.
    there: bool,
    clients: &'a [Rp; 2],
    families: Vec<Family>,
    refresh: Vec<Bearer>,
    access: Vec<Bearer>,
}

/// Mostly the owner; now and then the other one.
fn whose(owner: usize, by: usize) -> usize {
    if by == 0 { 1 - owner } else { owner }
}

/// One of the last few.
fn recent(len: usize, pick: usize) -> usize {
    len - 1 - pick % len.min(3)
}

const GRANTED: [&str; 3] = ["groups", "offline_access", "openid"];

impl Machine<'_> {
    /// A new session of eve, who is enabled.
    async fn begin(&mut self) {
        let now = self.house.env.now();
        let token = self.house.stranger();
        let session = &mut self.house.session;
        session.id = SessionId::new(&self.house.env.env());
        (session.created_at, session.last_seen_at) = (now, now);
        session.expires_at = now + Duration::from_secs(48 * 3600);
        session.proofs.iter_mut().for_each(|p| p.at = now);
        let row = session.clone();
        let begun = self.house.db.write(move |c| session::insert(c, &row, &hash(&token)));
        begun.await.unwrap();
    }

    fn node(&self) -> &Oidc {
        match &self.other {
            Some(node) if self.there => &node.oidc,
            _ => &self.house.oidc,
        }
    }

    /// Another node takes the place of the other one.
    async fn kill(&mut self) {
        if let Some(dead) = self.other.take() {
            drop(dead);
            self.other = Some(self.house.node(&self.kept.config, &self.house.env).await);
        }
    }

    /// Until the other node signs and verifies with the same keys.
    async fn same_keys(&self) {
        let Some(node) = &self.other else { return };
        let ids = |oidc: &Oidc| -> Vec<_> {
            keys::all(&oidc.vault, KEY_PURPOSE).unwrap().iter().map(|k| k.id).collect()
        };
        while ids(&node.oidc) != ids(&self.house.oidc) {
            tokio::task::yield_now().await;
        }
    }

    async fn end_session(&self) {
        let (id, now) = (self.house.session.id, self.house.env.now());
        let ended = self.house.db.write(move |c| {
            session::revoke(c, id, now, "signed out")?;
            change::bump(c, "session", id, now)?;
            Ok::<_, StoreError>(())
        });
        ended.await.unwrap();
    }

    fn issue(&mut self, family: usize, got: &crate::TokenResponse) {
        for scope in got.scope.split(' ') {
            assert!(GRANTED.contains(&scope), "more than was granted: {}", got.scope);
        }
        let (at, used) = (self.house.env.now(), false);
        self.access.push(Bearer { family, value: got.access_token.clone(), at, used });
        if let Some(value) = got.refresh_token.clone() {
            self.refresh.push(Bearer { family, value, at, used });
        }
    }

    async fn token(&self, params: &Params) -> Option<crate::TokenResponse> {
        self.node().token(params, None, &Network::default()).await.ok()
    }

    async fn take(&mut self, step: Step) {
        let now = self.house.env.now();
        match step {
            Step::Authorize(client) => {
                let code = self.house.code_at(self.node(), &self.clients[client]).await;
                let new = Family { client, begun: now, code, redeemed: false, alive: true };
                self.families.push(new);
            }
            Step::Redeem { code, by, verifier } if !self.families.is_empty() => {
                let index = recent(self.families.len(), code);
                let family = &mut self.families[index];
                let by = whose(family.client, by);
                let may = by == family.client
                    && family.alive
                    && !family.redeemed
                    && verifier
                    && now.since(family.begun) < Duration::from_secs(60);
                if by != family.client || family.redeemed {
                    family.alive = false;
                }
                family.redeemed |= may;
                let verifier = if verifier {
                    VERIFIER
                } else {
                    "x0123456789012345678901234567890123456789abc"
                };
                let params =
                    self.clients[by].redeem(&family.code).with("code_verifier", Some(verifier));
                let got = self.token(&params).await;
                assert_eq!(got.is_some(), may);
                if let Some(got) = got {
                    self.issue(index, &got);
                }
            }
            Step::Refresh { token, by, narrow } if !self.refresh.is_empty() => {
                let index = recent(self.refresh.len(), token);
                let bearer = &mut self.refresh[index];
                let family = &mut self.families[bearer.family];
                let by = whose(family.client, by);
                let may = by == family.client
                    && family.alive
                    && !bearer.used
                    && now.since(bearer.at) < Duration::from_secs(8 * 3600)
                    && now.since(family.begun) < Duration::from_secs(24 * 3600);
                if by != family.client || bearer.used {
                    family.alive = false;
                }
                bearer.used |= may;
                let of = bearer.family;
                let mut params = self.clients[by].refresh(&bearer.value);
                if narrow {
                    params = params.with("scope", Some("openid"));
                }
                let got = self.token(&params).await;
                assert_eq!(got.is_some(), may);
                if let Some(got) = got {
                    assert!(!narrow || got.scope == "openid");
                    self.issue(of, &got);
                }
            }
            Step::Revoke { token, by } if !self.refresh.is_empty() => {
                let bearer = &self.refresh[recent(self.refresh.len(), token)];
                let family = &mut self.families[bearer.family];
                let by = whose(family.client, by);
                family.alive &= by != family.client;
                self.node().revoke(&self.clients[by].about(&bearer.value), None).await.unwrap();
            }
            Step::SignOut => {
                self.end_session().await;
                self.families.iter_mut().for_each(|f| f.alive = false);
                self.begin().await;
            }
            Step::Disable => {
                // Nothing is active at once, on any node: not by the facts, which are
                // what they were before, but because it ended with them.
                self.house.disable_eve_for_a_moment().await;
                self.families.iter_mut().for_each(|f| f.alive = false);
                self.compare().await;
                if let Some(node) = &self.other {
                    node.catch_up().await;
                }
                self.begin().await;
            }
            Step::Kill => self.kill().await,
            Step::RotateKey { leaked } => {
                let engine = &**self.house.watch.engine();
                let actor = Actor::system("test");
                let allowed =
                    core_authorize(engine, &actor, ManageSeal {}, &Context::default()).unwrap();
                let vault = &self.house.oidc.vault;
                let when = if leaked { keys::When::Now } else { keys::When::Published };
                keys::rotate(vault, &allowed, KEY_PURPOSE, when).await.unwrap();
                self.same_keys().await;
                // What a leaked key signed is worth nothing any more.
                self.access.iter_mut().for_each(|a| a.used |= leaked);
            }
            Step::Wait(seconds) => self.house.env.advance(Duration::from_secs(seconds)),
            _ => {}
        }
    }

    /// Active is what the model says is active, and nothing else.
    async fn compare(&self) {
        let now = self.house.env.now();
        let lives = [
            (&self.access, Duration::from_secs(300)),
            (&self.refresh, Duration::from_secs(8 * 3600)),
        ];
        for (bearers, life) in lives {
            // Those of long ago were compared long ago.
            for bearer in bearers.iter().rev().take(6) {
                let family = &self.families[bearer.family];
                let ends = Duration::from_secs(24 * 3600);
                let active = family.alive
                    && !bearer.used
                    && now.since(bearer.at) < life
                    && now.since(family.begun) < ends;
                let about = self.clients[family.client].about(&bearer.value);
                let nodes = self.other.iter().map(|n| &n.oidc).chain([&self.house.oidc]);
                for node in nodes {
                    let answer = node.introspect(&about, None).await.unwrap();
                    assert_eq!(answer["active"], Value::Bool(active), "{answer}");
                }
            }
        }
    }
}

/// abuse case F2: in whatever order codes and refresh tokens are redeemed,
/// refreshed, replayed, stolen and revoked, people sign out or are disabled, keys
/// change, nodes die and time passes: one redeem per code, one live successor per
/// refresh token, nothing active after its end, no scope beyond what was granted.
/// On one node, and on two that share a database.
#[tokio::test]
async fn tokens_follow_their_model() {
    for nodes in [1, 2] {
        let env = TestEnv::default();
        let kept = if nodes == 1 { sqlite(&env.env()).await } else { postgres(&env.env()).await };
        let mut house = House::new(kept.db.clone(), env).await;
        let clients = [house.rp("a").await, house.rp("b").await];
        let mut runner = TestRunner::deterministic();
        let sequences = prop::collection::vec((step(), any::<bool>()), 60);
        let mut reached = [0; 3];
        for _ in 0..24 {
            let steps = sequences.new_tree(&mut runner).unwrap().current();
            let other = match nodes {
                1 => None,
                _ => Some(house.node(&kept.config, &house.env).await),
            };
            let mut machine = Machine {
                house: &mut house,
                other,
                kept: &kept,
                there: false,
                clients: &clients,
                families: Vec::new(),
                refresh: Vec::new(),
                access: Vec::new(),
            };
            machine.begin().await;
            for (i, (step, there)) in steps.iter().enumerate() {
                println!("{i}: {step:?} {}", if *there { "there" } else { "here" });
                machine.there = *there;
                machine.take(*step).await;
                machine.compare().await;
            }
            reached[0] += machine.families.iter().filter(|f| f.redeemed).count();
            reached[1] += machine.refresh.iter().filter(|r| r.used).count();
            reached[2] += machine.families.iter().filter(|f| f.redeemed && !f.alive).count();
        }
        assert!(reached.iter().all(|n| *n >= 20), "too little was tried: {reached:?}");
    }
}

/// A token may be given fewer scopes than its family has: it then opens no more
/// than its own.
#[tokio::test]
async fn narrowed_token_tells_less() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let first = house.oidc.token(&rp.redeem(&code), None, &Network::default()).await.unwrap();
        let refresh = rp.refresh(&first.refresh_token.unwrap()).with("scope", Some("openid"));
        let less = house.oidc.token(&refresh, None, &Network::default()).await.unwrap();
        let info = house.oidc.userinfo(&less.access_token).await.unwrap();
        assert_eq!(info, json!({ "sub": house.eve.to_string() }));
    })
    .await;
}

/// What is taken from an application is gone from what it got before.
#[tokio::test]
async fn scopes_that_an_application_loses_are_gone_from_what_stands() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let rp = house.rp("rp").await;
        let code = house.code(&rp).await;
        let first = house.oidc.token(&rp.redeem(&code), None, &Network::default()).await.unwrap();
        assert!(first.scope.split(' ').any(|s| s == "groups"), "{}", first.scope);
        let id = house.oidc.application(&rp.id).await.unwrap().id;
        let settings = Settings { scopes: vec!["openid".to_owned()], ..web_settings() };
        let change = crate::ChangedApplication { settings: Some(settings), ..Default::default() };
        let allowed = house.system(WriteApplication { application: id });
        house.oidc.change_application(&allowed, change).await.unwrap();
        let info = house.oidc.userinfo(&first.access_token).await.unwrap();
        assert_eq!(info, json!({ "sub": house.eve.to_string() }));
        let refresh = rp.refresh(&first.refresh_token.unwrap());
        let less = house.oidc.token(&refresh, None, &Network::default()).await.unwrap();
        assert_eq!(less.scope, "openid");
    })
    .await;
}
