//! Durable events of many writers, against one `fdatasync` after the other.

use std::io::Write as _;
use std::time::{Duration, Instant};

use doorward_core::{Actor, Class, Entity, Event};
use doorward_store::event;

use crate::figure::{Figure, Goal};
use crate::stats;
use doorward_testsuite::Home;

const WRITERS: usize = 64;
const LONG: Duration = Duration::from_secs(5);

/// A record of the same size, appended and synchronised alone.
fn bare(folder: &std::path::Path, bytes: usize) -> anyhow::Result<f64> {
    let mut file = std::fs::File::create(folder.join("bare"))?;
    let record = vec![b'x'; bytes];
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < LONG {
        file.write_all(&record)?;
        file.sync_data()?;
        count += 1;
    }
    Ok(stats::rate(count, begun.elapsed()))
}

/// The figures.
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    let (db, env) = (home.house.state.db.clone(), home.house.state.env.clone());
    let sample = |env: &doorward_core::Env| {
        Event::new(env, Class::ApiActivity, "bench.happened", &Actor::system("bench"))
            .on(Entity::new("House", "doorward"))
            .with("text", "about as long as most of them are, with a reason of a few words")
    };
    let bytes = serde_json::to_string(&sample(&env))?.len();
    let folder = home.dir.path().to_owned();
    let baseline = tokio::task::spawn_blocking(move || bare(&folder, bytes)).await??;
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let (db, env) = (db.clone(), env.clone());
        tasks.spawn(async move {
            let mut count = 0;
            while begun.elapsed() < LONG {
                let event = sample(&env);
                db.write(move |c| event::append(c, &event)).await?;
                count += 1;
            }
            Ok::<_, doorward_store::Error>(count)
        });
    }
    let mut count = 0;
    while let Some(done) = tasks.join_next().await {
        count += done??;
    }
    let rate = stats::rate(count, begun.elapsed());
    home.house.stop().await;
    Ok(vec![Figure::beside(
        "durable events, 64 writers",
        rate,
        "1/s",
        (baseline, "bare fdatasync in sequence"),
        Goal::RatioAtLeast(5.0),
    )])
}
