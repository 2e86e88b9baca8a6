//! Tokens against nothing but their signatures.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use doorward_core::{
    CreateApplication, CreateIdentity, Entity, IdentityId, Name, Network, WriteGroup,
};
use doorward_directory::{Member, NewWorkload};
use doorward_sso::{NewApplication, Oidc, Params};
use serde_json::{Value, json};

use crate::figure::{Figure, Goal};
use crate::{machine, stats};
use doorward_testsuite::Home;

const LONG: Duration = Duration::from_secs(4);
/// Requests under way at once: so many that what is measured is the work, not the
/// wait for the disk that they share.
const TASKS: usize = 512;

struct Party {
    id: String,
    secret: String,
}

impl Party {
    fn form(&self, more: &[(&str, &str)]) -> anyhow::Result<Params> {
        let own = [("client_id", self.id.as_str()), ("client_secret", self.secret.as_str())];
        let pairs = own.iter().chain(more).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Ok(Params::new(pairs.collect())?)
    }
}

async fn workload(home: &Home, owner: IdentityId) -> anyhow::Result<IdentityId> {
    let directory = &home.house.state.directory;
    let new = NewWorkload {
        name: "pipeline".to_owned(),
        display_name: None,
        owner: Entity::new("Person", owner),
        starts_at: None,
        ends_at: None,
        attributes: Default::default(),
    };
    let id = directory.create_workload(&home.system(CreateIdentity {})?, new).await?.id;
    let allowed = home.system(WriteGroup { group: home.group })?;
    directory.add_member(&allowed, Member::Identity(id)).await?;
    Ok(id)
}

async fn register(home: &Home, name: &str, settings: Value) -> anyhow::Result<Party> {
    let settings = serde_json::from_value(settings)?;
    let new = NewApplication {
        name: Name::parse(name)?,
        title: name.to_owned(),
        description: String::new(),
        launch_url: None,
        settings,
    };
    let allowed = home.system(CreateApplication {})?;
    let made = home.house.state.oidc.create_application(&allowed, new).await?;
    Ok(Party {
        id: made.application.id.to_string(),
        secret: made.client_secret.context("a client secret")?,
    })
}

/// Signatures of one core in a second: what every token costs at the least.
fn bare() -> anyhow::Result<f64> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .map_err(|_| anyhow::anyhow!("no key"))?;
    let random = SystemRandom::new();
    let message = [7_u8; 400];
    Ok(stats::spin(Duration::from_secs(2), || {
        std::hint::black_box(key.sign(&random, &message)).ok();
    }))
}

/// How often a second `TASKS` tasks get a token, each one after the other.
async fn spread<F, Fut>(make: F) -> anyhow::Result<f64>
where
    F: Fn(usize) -> Fut,
    Fut: Future<Output = anyhow::Result<usize>> + Send + 'static,
{
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..TASKS {
        tasks.spawn(make(number));
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    Ok(stats::rate(count, begun.elapsed()))
}

async fn own(oidc: &Oidc, party: &Party) -> anyhow::Result<usize> {
    let params = party.form(&[("grant_type", "client_credentials")])?;
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < LONG {
        oidc.token(&params, None, &Network::default()).await?;
        count += 1;
    }
    Ok(count)
}

async fn refreshed(oidc: &Oidc, party: &Party, first: String) -> anyhow::Result<usize> {
    let mut token = first;
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < LONG {
        let params = party.form(&[("grant_type", "refresh_token"), ("refresh_token", &token)])?;
        let got = oidc.token(&params, None, &Network::default()).await?;
        token = got.refresh_token.context("a refresh token")?;
        count += 1 + usize::from(got.id_token.is_some());
    }
    Ok(count)
}

/// A first refresh token for each task, as an authorization would have given it.
async fn first_tokens(home: &Home, party: &Party) -> anyhow::Result<Vec<String>> {
    let who = home.person("eve").await?;
    let env = home.house.state.env.clone();
    let application = party.id.parse()?;
    let mut tokens = Vec::new();
    for _ in 0..TASKS {
        let token = format!("{}{}", doorward_core::TokenFamilyId::new(&env), "x".repeat(24));
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes())
            .as_ref()
            .to_vec();
        let now = env.now();
        let family = doorward_store::token::Family {
            id: doorward_core::TokenFamilyId::new(&env),
            application,
            identity: who,
            session: None,
            scopes: vec!["groups".to_owned(), "offline_access".to_owned(), "openid".to_owned()],
            facts: facts(now),
            created_at: now,
            expires_at: now + Duration::from_secs(24 * 3600),
            revoked_at: None,
        };
        let write = home.house.state.db.write(move |c| {
            doorward_store::token::insert_family(c, &family)?;
            doorward_store::token::insert_refresh(
                c,
                &hash,
                family.id,
                now + Duration::from_secs(8 * 3600),
            )
        });
        write.await.map_err(|e: doorward_store::Error| e)?;
        tokens.push(token);
    }
    Ok(tokens)
}

fn facts(at: doorward_core::Timestamp) -> Value {
    let proof = doorward_core::Proof {
        factor: "passkey".to_owned(),
        class: doorward_core::FactorClass::PossessionVerified,
        phishing_resistant: true,
        at,
    };
    json!({ "proofs": [proof] })
}

/// The figures.
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    let owner = home.person("ada").await?;
    let pipeline = workload(&home, owner).await?;
    let by_machine = json!({
        "kind": "workload", "client_authentication": "client_secret", "scopes": [],
        "workload": pipeline,
    });
    let by_people = json!({
        "kind": "web", "client_authentication": "client_secret",
        "redirect_uris": ["https://rp.example/cb"],
        "scopes": ["openid", "groups", "offline_access"],
    });
    let machine = Arc::new(register(&home, "machine", by_machine).await?);
    let web = Arc::new(register(&home, "web", by_people).await?);
    let oidc = home.house.state.oidc.clone();

    let signatures = tokio::task::spawn_blocking(bare).await??;
    let by_itself = spread(|_| {
        let (oidc, machine) = (oidc.clone(), machine.clone());
        async move { own(&oidc, &machine).await }
    })
    .await?;
    let first = first_tokens(&home, &web).await?;
    let by_refresh = spread(|number| {
        let (oidc, web) = (oidc.clone(), web.clone());
        let token = first.get(number).cloned().unwrap_or_default();
        async move { refreshed(&oidc, &web, token).await }
    })
    .await?;
    home.house.stop().await;
    #[allow(clippy::cast_precision_loss, reason = "a few cores")]
    let cores = machine::cores() as f64;
    let against = "bare ES256 signatures of one core";
    Ok(vec![
        Figure::beside(
            "client-credential tokens, per core",
            by_itself / cores,
            "1/s",
            (signatures, against),
            Goal::RatioAtLeast(0.5),
        ),
        Figure::beside(
            "tokens by refresh (access and ID token), per core",
            by_refresh / cores,
            "1/s",
            (signatures, against),
            Goal::RatioAtLeast(0.5),
        ),
    ])
}
