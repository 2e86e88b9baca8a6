//! Password sign-ins against nothing but the hashing that they cannot do without.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use argon2::{Algorithm, Argon2, Params, Version};
use doorward_core::{ManageAuthenticators, Network};
use doorward_signin::{Answer, Client, LinkPurpose, SignIn, Turn};

use crate::figure::{Figure, Goal};
use crate::{machine, stats};
use doorward_testsuite::Home;

const PASSWORD: &str = "quartz otter lantern";
const PEOPLE: usize = 64;
const ROUNDS: usize = 12;

fn answer(fields: &[(&str, &str)]) -> Answer {
    fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

/// Every person comes from a place of their own.
fn at(number: usize) -> anyhow::Result<Client> {
    let low = u8::try_from(number)?;
    let network = Network { address: Some(std::net::IpAddr::from([198, 51, 100, low])) };
    Ok(Client::browser(network, "bench"))
}

async fn ask(
    signin: &SignIn,
    turn: Turn,
    fields: &[(&str, &str)],
    client: &Client,
) -> anyhow::Result<Turn> {
    let Turn::Ask { token, .. } = turn else { bail!("nothing is asked any more: {turn:?}") };
    Ok(signin.answer(token.expose(), &answer(fields), client).await?)
}

async fn enrol(home: &Home, number: usize) -> anyhow::Result<()> {
    let id = home.person(&format!("p{number}")).await?;
    let signin = &home.house.state.signin;
    let allowed = home.system(ManageAuthenticators { identity: id })?;
    let link = signin.create_link(&allowed, LinkPurpose::Invitation).await?;
    let client = at(number)?;
    let turn = signin.begin_link(link.token().expose(), &client).await?;
    let turn = ask(signin, turn, &[("new_password", PASSWORD)], &client).await?;
    match ask(signin, turn, &[("saved", "yes")], &client).await? {
        Turn::Done(_) => Ok(()),
        other => bail!("the enrolment wants more: {other:?}"),
    }
}

async fn sign_in(signin: &SignIn, number: usize) -> anyhow::Result<()> {
    let client = at(number)?;
    let turn = signin.begin(&client, "").await?;
    let turn = ask(signin, turn, &[("name", &format!("p{number}"))], &client).await?;
    match ask(signin, turn, &[("password", PASSWORD)], &client).await? {
        Turn::Done(_) => Ok(()),
        other => bail!("the sign-in wants more: {other:?}"),
    }
}

/// Hashes per second on all cores, with memory that is reused.
fn bare() -> anyhow::Result<f64> {
    let cost = doorward_signin::HashCost::default();
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None)
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    let rates: Vec<f64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..machine::cores())
            .map(|_| {
                let params = params.clone();
                scope.spawn(move || {
                    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                    let mut out = [0; 32];
                    stats::spin(Duration::from_secs(5), || {
                        let done = argon2.hash_password_into(
                            PASSWORD.as_bytes(),
                            b"0123456789abcdef0123456789abcdef",
                            &mut out,
                        );
                        std::hint::black_box(done).ok();
                    })
                })
            })
            .collect();
        threads.into_iter().filter_map(|t| t.join().ok()).collect()
    });
    Ok(rates.iter().sum())
}

/// The figures.
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let home = Arc::new(Home::new().await?);
    for number in 0..PEOPLE {
        enrol(&home, number).await?;
    }
    let before = tokio::task::spawn_blocking(bare).await??;
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..PEOPLE {
        let home = home.clone();
        tasks.spawn(async move {
            for _ in 0..ROUNDS {
                sign_in(&home.house.state.signin, number).await?;
            }
            Ok::<_, anyhow::Error>(())
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    let rate = stats::rate(PEOPLE * ROUNDS, begun.elapsed());
    let after = tokio::task::spawn_blocking(bare).await??;
    let baseline = f64::midpoint(before, after);
    if let Some(home) = Arc::into_inner(home) {
        home.house.stop().await;
    }
    Ok(vec![Figure::beside(
        "password sign-ins, all cores",
        rate,
        "1/s",
        (baseline, "bare Argon2id at the same cost"),
        Goal::RatioAtLeast(0.95),
    )])
}
