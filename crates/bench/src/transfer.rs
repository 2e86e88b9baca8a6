//! What the gateway costs on the way: files, keystrokes, the beginning of a
//! session; against the same through a plain sshd.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::figure::{Figure, Goal};
use crate::ssh::{Way, Yard, client};
use crate::stats::Times;
use doorward_testsuite::{Home, Served};

const FILE: u64 = 1 << 30;
const ROUNDS: usize = 3;
const STROKES: usize = 3_000;
const BEGINNINGS: usize = 100;

/// Memory, not a disk: what is measured is what stands between.
const UP: &str = "/dev/shm/doorward-bench-up";
const DOWN: &str = "/dev/shm/doorward-bench-down";

struct Files;

impl Files {
    fn new() -> anyhow::Result<Self> {
        let mut file = std::fs::File::create(UP)?;
        let mut block = vec![0_u8; 1 << 20];
        let env = doorward_runtime::env();
        for chunk in block.chunks_mut(32) {
            let random: [u8; 32] = env.bytes();
            for (to, from) in chunk.iter_mut().zip(random) {
                *to = from;
            }
        }
        for _ in 0..FILE >> 20 {
            file.write_all(&block)?;
        }
        Ok(Self)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(UP);
        let _ = std::fs::remove_file(DOWN);
    }
}

/// Mebibytes per second of one copy.
fn copy(way: Way, up: bool, yard: &Yard, served: &Served) -> anyhow::Result<f64> {
    let (mut scp, at) = client("scp", way, yard, served);
    let there = |path: &str| format!("{at}:{path}");
    if up {
        scp.args([UP.to_owned(), there(DOWN)]);
    } else {
        scp.args([there(UP), DOWN.to_owned()]);
    }
    let _ = std::fs::remove_file(DOWN);
    let begun = Instant::now();
    ensure!(scp.status()?.success(), "scp {way:?} failed");
    let took = begun.elapsed();
    ensure!(std::fs::metadata(DOWN)?.len() == FILE, "scp {way:?} copied something else");
    let _ = std::fs::remove_file(DOWN);
    #[allow(clippy::cast_precision_loss, reason = "1024")]
    let size = (FILE >> 20) as f64;
    Ok(size / took.as_secs_f64())
}

fn files(yard: &Yard, served: &Served) -> anyhow::Result<Vec<Figure>> {
    let _files = Files::new()?;
    let mut figures = Vec::new();
    for (up, name) in
        [(true, "scp of 1 GiB to the target"), (false, "scp of 1 GiB from the target")]
    {
        let (mut through, mut plain) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            plain.push(copy(Way::Jump, up, yard, served)?);
            through.push(copy(Way::Gateway, up, yard, served)?);
        }
        figures.push(Figure::beside(
            name,
            Times::new(through).median(),
            "MiB/s",
            (Times::new(plain).median(), "ssh -J through a plain sshd"),
            Goal::RatioAtLeast(0.9),
        ));
    }
    Ok(figures)
}

/// A terminal that echoes what is typed, and how long each key takes.
fn strokes(way: Way, yard: &Yard, served: &Served) -> anyhow::Result<Times> {
    let (mut ssh, at) = client("ssh", way, yard, served);
    ssh.args(["-tt", &at, "stty raw -echo; echo up; exec cat"]).stdin(Stdio::piped());
    let mut child = ssh.spawn()?;
    let mut typed = child.stdin.take().context("stdin")?;
    let mut shown = child.stdout.take().context("stdout")?;
    let mut seen = Vec::new();
    let mut byte = [0_u8; 1];
    while !seen.ends_with(b"up") {
        shown.read_exact(&mut byte)?;
        seen.push(byte[0]);
    }
    // The rest of that line.
    shown.read_exact(&mut byte)?;
    if byte[0] == b'\r' {
        shown.read_exact(&mut byte)?;
    }
    let mut times = Vec::new();
    for _ in 0..STROKES {
        let begun = Instant::now();
        typed.write_all(b"k")?;
        typed.flush()?;
        shown.read_exact(&mut byte)?;
        times.push(begun.elapsed().as_secs_f64());
    }
    drop(typed);
    let _ = child.kill();
    let _ = child.wait();
    Ok(Times::new(times))
}

fn beginning(way: Way, yard: &Yard, served: &Served) -> anyhow::Result<f64> {
    let (mut ssh, at) = client("ssh", way, yard, served);
    ssh.args([at.as_str(), "true"]);
    let begun = Instant::now();
    ensure!(ssh.status()?.success(), "ssh {way:?} failed");
    Ok(begun.elapsed().as_secs_f64())
}

fn terminal(yard: &Yard, served: &Served) -> anyhow::Result<Vec<Figure>> {
    let plain = strokes(Way::Jump, yard, served)?;
    let through = strokes(Way::Gateway, yard, served)?;
    let milli = |seconds: f64| seconds * 1e3;
    let mut figures = vec![Figure::alone(
        "keystroke round trip added, p99",
        milli(through.p99() - plain.p99()),
        "ms",
        Goal::AtMost(1.0),
    )];
    figures.push(Figure::beside(
        "keystroke round trip, median",
        milli(through.median()),
        "ms",
        (milli(plain.median()), "ssh -J through a plain sshd"),
        Goal::Told,
    ));
    let (mut through, mut plain, mut direct) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..BEGINNINGS {
        direct.push(beginning(Way::Direct, yard, served)?);
        plain.push(beginning(Way::Jump, yard, served)?);
        through.push(beginning(Way::Gateway, yard, served)?);
    }
    let (through, plain, direct) = (Times::new(through), Times::new(plain), Times::new(direct));
    figures.push(Figure::alone(
        "session set-up added to ssh -J, p99",
        milli(through.p99() - plain.p99()),
        "ms",
        Goal::AtMost(50.0),
    ));
    figures.push(Figure::alone(
        "session set-up added to a direct ssh, p99",
        milli(through.p99() - direct.p99()),
        "ms",
        Goal::AtMost(50.0),
    ));
    figures.push(Figure::beside(
        "session set-up, median",
        milli(through.median()),
        "ms",
        (milli(plain.median()), "ssh -J through a plain sshd"),
        Goal::Told,
    ));
    Ok(figures)
}

/// The figures.
pub async fn measure(program: &Path) -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    let yard = Yard::new(home.dir.path()).await?;
    yard.furnish(&home).await?;
    let served = home.serve(program).await?;
    let work = move || {
        // What is started must be warm.
        for way in [Way::Jump, Way::Gateway] {
            beginning(way, &yard, &served)?;
        }
        std::thread::sleep(Duration::from_millis(200));
        let mut figures = files(&yard, &served)?;
        figures.extend(terminal(&yard, &served)?);
        Ok::<_, anyhow::Error>(figures)
    };
    tokio::task::spawn_blocking(work).await?
}
