//! abuse case F11: the process is killed again and again while it signs people in
//! and out and gives out and revokes tokens. Whatever it acknowledged stands
//! afterwards: a revoked token and an ended session stay dead, the successor of a
//! refreshed token works, and nothing was done without its record.
//!
//! A test of its own `main`, because it starts itself: the child opens the house and
//! says what was acknowledged; the parent kills it after so many of these (SIGKILL),
//! opens what is left and looks. `DOORWARD_KILL_ROUNDS` sets how often (50).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::lifecycle::{LiveSession, SessionKind};
use doorward_core::*;
use doorward_directory::{Directory, Member, NewGroup, NewPerson, SettingsCheck};
use doorward_policy::{Engine, policies};
use doorward_signin::{
    Client, ConfirmationPurpose, Details, HashCost, Polled, SignIn, SignInConfig, Silent,
};
use doorward_sso::*;
use doorward_store::testing::TestEnv;
use doorward_store::{Db, DbConfig, args, session, token};
use doorward_vault::{SealConfig, Vault, keys};
use doorward_watch::Watch;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

const CHILD: &str = "DOORWARD_KILL_CHILD";
const BASE: &str = "DOORWARD_KILL_BASE";
const ORIGIN: &str = "https://door.example";
const CB: &str = "https://rp.example/cb";
const VERIFIER: &str = "0123456789012345678901234567890123456789abc";
const TOKENS: usize = 4;
const SESSIONS: usize = 2;
/// How often a token is refreshed before it is revoked.
const REFRESHES: usize = 3;

struct NoTargets;

impl SettingsCheck for NoTargets {
    fn check(&self, _: &str, _: &serde_json::Value) -> std::result::Result<(), String> {
        Ok(())
    }
}

/// Whom the parent made, for the children.
#[derive(Clone, Serialize, Deserialize)]
struct Made {
    eve: IdentityId,
    client: String,
    secret: String,
}

/// What was acknowledged, by which task.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Done {
    task: usize,
    what: What,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
enum What {
    /// A refresh token, and how often it was refreshed before.
    Refresh(String, usize),
    Revoked(String),
    SignedIn(String),
    SignedOut(String),
}

#[derive(Clone)]
struct House {
    db: Db,
    engine: Arc<Engine>,
    oidc: Oidc,
    signin: SignIn,
    directory: Directory,
    env: Env,
    _watch: Arc<Watch>,
}

fn network() -> Network {
    Network::default()
}

fn sha256(text: &str) -> Vec<u8> {
    digest(&SHA256, text.as_bytes()).as_ref().to_vec()
}

impl House {
    async fn open(dir: &Path, env: Env) -> Self {
        let config = DbConfig::new(format!("sqlite:{}", dir.join("doorward.db").display()));
        let db = Db::open(&config, &env).await.unwrap();
        let vault = Vault::open(&db, &env, SealConfig::new(dir.join("seal.key"))).await.unwrap();
        policies::install_starter(&db).await.unwrap();
        keys::ensure(&vault, KEY_PURPOSE, keys::Algorithm::Es256).await.unwrap();
        let engine = Engine::new(env.clone());
        let watch = Watch::start(db.clone(), engine.clone(), env.clone(), CancellationToken::new())
            .await
            .unwrap();
        let mut config = SignInConfig::new(ORIGIN);
        config.cost = HashCost { memory_kib: 64, passes: 1, lanes: 1 };
        let signin =
            SignIn::new(&db, &env, &vault, engine.clone(), Arc::new(Silent), config).unwrap();
        let (e, v) = (engine.clone(), vault.clone());
        let oidc = Oidc::new(db.clone(), env.clone(), e, v, signin.clone(), ORIGIN);
        let directory = Directory::open(&db, &env, Arc::new(NoTargets)).await.unwrap();
        watch.on_change(Arc::new(signin.clone()));
        watch.on_change(Arc::new(SsoReviewer::new(oidc.clone())));
        Self { db, engine, oidc, signin, directory, env, _watch: watch }
    }

    fn system<A: Act>(&self, act: A) -> Allowed<A> {
        authorize(&*self.engine, &Actor::system("test"), act, &Context::default()).unwrap()
    }

    async fn furnish(&self) -> Made {
        let person = NewPerson {
            name: "eve".to_owned(),
            display_name: None,
            email: None,
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
        };
        let eve = self.directory.create_person(&self.system(CreateIdentity {}), person).await;
        let eve = eve.unwrap().id;
        let staff = NewGroup { name: "staff".to_owned(), description: String::new() };
        let staff = self.directory.create_group(&self.system(CreateGroup {}), staff).await;
        let allowed = self.system(WriteGroup { group: staff.unwrap().id });
        self.directory.add_member(&allowed, Member::Identity(eve)).await.unwrap();
        let new = NewApplication {
            name: Name::parse("rp").unwrap(),
            title: "rp".to_owned(),
            description: String::new(),
            launch_url: None,
            settings: serde_json::from_value(serde_json::json!({
                "kind": "web", "client_authentication": "client_secret", "redirect_uris": [CB],
            }))
            .unwrap(),
        };
        let made = self.oidc.create_application(&self.system(CreateApplication {}), new).await;
        let made = made.unwrap();
        Made { eve, client: made.application.id.to_string(), secret: made.client_secret.unwrap() }
    }

    /// A browser of eve's that has just been signed in.
    async fn browser(&self, eve: IdentityId) -> LiveSession {
        let now = self.env.now();
        let live = LiveSession {
            id: SessionId::new(&self.env),
            identity: eve,
            kind: SessionKind::Browser,
            proofs: vec![Proof {
                factor: "passkey".to_owned(),
                class: FactorClass::PossessionVerified,
                phishing_resistant: true,
                at: now,
            }],
            network: network(),
            user_agent: String::new(),
            created_at: now,
            last_seen_at: now,
            expires_at: now + Duration::from_secs(12 * 3600),
            device: None,
        };
        let (row, hash) = (live.clone(), sha256(&live.id.to_string()));
        self.db.write(move |c| session::insert(c, &row, &hash)).await.unwrap();
        live
    }

    async fn code(&self, made: &Made, by: &LiveSession) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(VERIFIER));
        let params = params(&[
            ("client_id", &made.client),
            ("redirect_uri", CB),
            ("response_type", "code"),
            ("scope", "openid offline_access"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        match self.oidc.authorize(&params, Some(by), &network()).await {
            AuthorizeOutcome::Redirect(url) => {
                url.query_pairs().find(|(k, _)| k == "code").unwrap().1.into_owned()
            }
            other => panic!("{other:?}"),
        }
    }

    async fn token(&self, made: &Made, pairs: &[(&str, &str)]) -> Result<String, OAuthError> {
        let own = [("client_id", made.client.as_str()), ("client_secret", made.secret.as_str())];
        let params = params(&[pairs, &own].concat());
        let got = self.oidc.token(&params, None, &network()).await?;
        Ok(got.refresh_token.unwrap())
    }

    async fn refresh(&self, made: &Made, refresh: &str) -> Result<String, OAuthError> {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        self.token(made, &pairs).await
    }

    async fn active(&self, made: &Made, refresh: &str) -> bool {
        let params = params(&[
            ("token", refresh),
            ("client_id", &made.client),
            ("client_secret", &made.secret),
        ]);
        self.oidc.introspect(&params, None).await.unwrap()["active"] == true
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.db.read(move |c| c.value::<i64>(sql, args![])).await.unwrap().unwrap()
    }
}

fn params(pairs: &[(&str, &str)]) -> Params {
    Params::new(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()).unwrap()
}

fn say(task: usize, what: What) {
    let line = serde_json::to_string(&Done { task, what }).unwrap();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}

async fn give_out_tokens(house: House, made: Made, task: usize) {
    let by = house.browser(made.eve).await;
    loop {
        let code = house.code(&made, &by).await;
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("code_verifier", VERIFIER),
        ];
        let mut refresh = house.token(&made, &pairs).await.unwrap();
        say(task, What::Refresh(refresh.clone(), 0));
        for n in 1..=REFRESHES {
            refresh = house.refresh(&made, &refresh).await.unwrap();
            say(task, What::Refresh(refresh.clone(), n));
        }
        let about = params(&[
            ("token", &refresh),
            ("client_id", &made.client),
            ("client_secret", &made.secret),
        ]);
        house.oidc.revoke(&about, None).await.unwrap();
        say(task, What::Revoked(refresh));
    }
}

async fn sign_in_and_out(house: House, made: Made, task: usize) {
    let by = house.browser(made.eve).await;
    let cli = Client { kind: SessionKind::Cli, ..Client::browser(network(), "doorward") };
    loop {
        let (purpose, details) = (ConfirmationPurpose::Device, Details::default());
        let begun = house.signin.start_confirmation(purpose, details, None).await.unwrap();
        house.signin.confirm(&by, begun.id, &network()).await.unwrap();
        let said = house.signin.poll_confirmation(begun.token.expose(), &cli).await.unwrap();
        let Polled::Confirmed(yes) = said else { panic!("{said:?}") };
        let yes = yes.session.unwrap();
        let (live, bearer) = (yes.session, yes.token);
        say(task, What::SignedIn(bearer.expose().to_owned()));
        let act = ManageOwn { of: made.eve };
        let allowed =
            authorize(&*house.engine, &live.actor(network()), act, &Context::default()).unwrap();
        house.signin.revoke_session(&allowed, live.id).await.unwrap();
        say(task, What::SignedOut(bearer.expose().to_owned()));
    }
}

/// Each round plays a minute after the one before.
fn at(round: u64, seconds: u64) -> Env {
    let env = TestEnv::default();
    env.advance(Duration::from_secs(60 * (round + 1) + seconds));
    env.env()
}

#[tokio::main]
async fn child(dir: &Path) {
    let base: u64 = std::env::var(BASE).unwrap().parse().unwrap();
    let house = House::open(dir, at(base, 0)).await;
    let made: Made =
        serde_json::from_slice(&std::fs::read(dir.join("made.json")).unwrap()).unwrap();
    let mut tasks = Vec::new();
    for task in 0..TOKENS {
        tasks.push(tokio::spawn(give_out_tokens(house.clone(), made.clone(), task)));
    }
    for task in TOKENS..TOKENS + SESSIONS {
        tasks.push(tokio::spawn(sign_in_and_out(house.clone(), made.clone(), task)));
    }
    for task in tasks {
        // Ended by the parent, or by a failure that it will notice.
        if task.await.is_err() {
            std::process::exit(1);
        }
    }
}

/// One round: gives what was acknowledged.
fn kill_one(dir: &Path, round: u64) -> Vec<Done> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .env(CHILD, dir)
        .env(BASE, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Another number of acknowledgements each round: another place to die at.
    let enough = usize::try_from(round * 37 % 101 + 1).unwrap();
    let mut acknowledged = Vec::new();
    for line in lines {
        // After the kill the pipe still holds what was said before it; a line cut
        // in the middle was not said.
        let Ok(done) = serde_json::from_str(&line.unwrap_or_default()) else { continue };
        acknowledged.push(done);
        if acknowledged.len() == enough {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(acknowledged.len() >= enough, "round {round}: the child ended by itself");
    acknowledged
}

#[tokio::main]
async fn look(dir: &Path, round: u64, made: &Made, done: &[Done], dead: &mut Vec<What>) {
    let house = House::open(dir, at(round, 30)).await;
    let mut last = BTreeMap::new();
    for Done { task, what } in done {
        last.insert(*task, what.clone());
        if matches!(what, What::Revoked(_) | What::SignedOut(_)) {
            dead.push(what.clone());
        }
    }
    for what in last.values() {
        match what {
            What::Refresh(refresh, n) => {
                let hash = sha256(refresh);
                let row = house.db.read(move |c| token::refresh(c, &hash)).await.unwrap().unwrap();
                let family = row.family;
                let family = house.db.read(move |c| token::family(c, family)).await.unwrap();
                let revoked = family.unwrap().revoked_at.is_some();
                // What was under way when it died may have been done, and nothing else.
                let refreshing = *n < REFRESHES && row.used_at.is_some() && !revoked;
                let revoking = *n == REFRESHES && revoked;
                if refreshing || revoking {
                    continue;
                }
                assert!(row.used_at.is_none() && !revoked, "round {round}: {row:?}");
                let next = house.refresh(made, refresh).await;
                assert!(next.is_ok(), "round {round}: an acknowledged refresh token is dead");
            }
            What::SignedIn(bearer) => {
                let alive =
                    house.signin.authenticate(bearer, None, &network()).await.unwrap().is_some();
                let hash = sha256(bearer);
                let sql = "SELECT COUNT(revoked_at) AS n FROM session WHERE token_hash = $1 HAVING COUNT(*) = 1";
                let ended = house.db.read(move |c| c.value::<i64>(sql, args![hash])).await.unwrap();
                // Signing out may have been under way.
                let expected = if alive { 0 } else { 1 };
                assert_eq!(ended, Some(expected), "round {round}: an acknowledged session");
            }
            What::Revoked(_) | What::SignedOut(_) => {}
        }
    }
    for what in dead.iter() {
        let alive = match what {
            What::Revoked(refresh) => house.active(made, refresh).await,
            What::SignedOut(bearer) => {
                house.signin.authenticate(bearer, None, &network()).await.unwrap().is_some()
            }
            What::Refresh(..) | What::SignedIn(_) => false,
        };
        assert!(!alive, "round {round}: an acknowledged end was lost: {what:?}");
    }
    for (effect, record) in [
        (
            "SELECT COUNT(*) AS n FROM session WHERE kind = 'cli'",
            "SELECT COUNT(*) AS n FROM event WHERE activity = 'session.opened'",
        ),
        (
            "SELECT COUNT(*) AS n FROM session WHERE kind = 'cli' AND revoked_at IS NOT NULL",
            "SELECT COUNT(*) AS n FROM event WHERE activity = 'session.ended'",
        ),
        (
            "SELECT COUNT(*) AS n FROM token_family",
            "SELECT COUNT(*) AS n FROM event WHERE activity = 'application.opened'",
        ),
        (
            "SELECT COUNT(*) AS n FROM refresh_token",
            "SELECT COUNT(*) AS n FROM event WHERE activity = 'token.issued'",
        ),
        (
            "SELECT COUNT(*) AS n FROM token_family WHERE revoked_at IS NOT NULL",
            "SELECT COUNT(*) AS n FROM event WHERE activity = 'token.revoked'",
        ),
    ] {
        let (done, recorded) = (house.count(effect).await, house.count(record).await);
        assert_eq!(done, recorded, "round {round}: {effect} against {record}");
    }
}

#[tokio::main]
async fn furnish(dir: &Path) -> Made {
    let made = House::open(dir, TestEnv::default().env()).await.furnish().await;
    std::fs::write(dir.join("made.json"), serde_json::to_vec(&made).unwrap()).unwrap();
    made
}

fn main() {
    if let Some(dir) = std::env::var_os(CHILD) {
        return child(Path::new(&dir));
    }
    let rounds: u64 =
        std::env::var("DOORWARD_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(50);
    let dir = tempfile::tempdir().unwrap();
    let made = furnish(dir.path());
    let (mut acknowledged, mut dead) = (0, Vec::new());
    for round in 0..rounds {
        let done = kill_one(dir.path(), round);
        acknowledged += done.len();
        look(dir.path(), round, &made, &done, &mut dead);
    }
    assert!(acknowledged as u64 >= rounds, "nothing was acknowledged");
    println!("killed {rounds} times; {acknowledged} acknowledged acts stand");
    println!("\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
}
