//! The portal and the console as a browser has them, cold, on a processor four
//! times slower: Lighthouse in Debian's Chromium (`crates/bench/js`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use crate::figure::{Figure, Goal};
use crate::stats::Times;
use doorward_core::lifecycle::SessionKind;
use doorward_testsuite::{Home, Served};

/// Each page is loaded so often; the median counts.
const LOADS: usize = 3;
/// What is measured: what it is called, where it is, and on what it is looked at.
const PAGES: &[(&str, &str, &str)] =
    &[("portal", "/console/", "mobile"), ("list of people", "/console/manage/people", "desktop")];

/// What `pages.mjs` found.
#[derive(Deserialize)]
struct Found {
    at: String,
    performance: f64,
    accessibility: f64,
    best_practices: f64,
    first_paint: f64,
    largest_paint: f64,
    script: f64,
    failed: Vec<String>,
}

fn median(all: &[Found], of: impl Fn(&Found) -> f64) -> f64 {
    Times::new(all.iter().map(of).collect()).median()
}

struct Pages {
    js: PathBuf,
    served: Served,
    cookie: String,
}

impl Pages {
    fn load(&self, path: &str, form: &str, turn: usize) -> anyhow::Result<Found> {
        let origin = &self.served.config.http.origin;
        let data = &self.served.config.data_dir;
        let url = format!("{origin}{path}");
        let ask = serde_json::json!({
            "url": url, "form": form, "cookie": self.cookie,
            "chromium": "/usr/bin/chromium",
            "certificate": data.join("tls/server.pem"),
            // Nothing is left of an earlier load.
            "profile": self.served.dir.path().join(format!("profile-{form}-{turn}")),
        });
        let done = Command::new("node")
            .arg("pages.mjs")
            .current_dir(&self.js)
            .env("DOORWARD_BENCH_PAGE", ask.to_string())
            .env("NODE_EXTRA_CA_CERTS", doorward_runtime::tls::ca_path(data))
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .context("Node 18.19 or newer")?;
        ensure!(done.status.success(), "{url} was not measured");
        let found: Found = serde_json::from_slice(&done.stdout)?;
        ensure!(found.at == url, "the browser was sent to {}", found.at);
        Ok(found)
    }
}

/// The figures.
pub async fn measure(program: &Path) -> anyhow::Result<Vec<Figure>> {
    let js = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
    ensure!(js.join("node_modules").exists(), "npm ci in {}, or `cargo xtask bench`", js.display());
    let home = Home::new().await?;
    let cookie = format!("__Host-sid={}", home.administrator(SessionKind::Browser).await?);
    let pages = Pages { js, served: home.serve(program).await?, cookie };
    let mut figures = Vec::new();
    for (name, path, form) in PAGES {
        let all = (0..LOADS)
            .map(|turn| pages.load(path, form, turn))
            .collect::<anyhow::Result<Vec<_>>>()?;
        for score in [
            ("performance", median(&all, |f| f.performance)),
            ("accessibility", median(&all, |f| f.accessibility)),
            ("best practices", median(&all, |f| f.best_practices)),
        ] {
            let goal = Goal::AtLeast(95.0);
            figures.push(Figure::alone(format!("{name}: {}", score.0), score.1, "of 100", goal));
        }
        let paint = median(&all, |f| f.first_paint);
        let largest = median(&all, |f| f.largest_paint);
        let script = median(&all, |f| f.script) / 1e3;
        let (paint_goal, script_goal) = match *name {
            "portal" => (Goal::AtMost(500.0), Goal::AtMost(200.0)),
            _ => (Goal::Told, Goal::Told),
        };
        figures.push(Figure::alone(format!("{name}: first paint"), paint, "ms", paint_goal));
        figures.push(Figure::alone(format!("{name}: largest paint"), largest, "ms", Goal::Told));
        figures.push(Figure::alone(format!("{name}: script, gzip"), script, "kB", script_goal));
        for short in all.iter().flat_map(|f| &f.failed).collect::<std::collections::BTreeSet<_>>() {
            eprintln!("   {name}: {short}");
        }
    }
    Ok(figures)
}
