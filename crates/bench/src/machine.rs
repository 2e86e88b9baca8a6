//! On what it was measured.

use std::process::Command;

use serde::Serialize;

/// A machine, as far as figures depend on it.
#[derive(Debug, Serialize)]
pub struct Machine {
    cpu: String,
    cores: usize,
    memory_mib: u64,
    system: String,
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|l| l.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default()
}

/// This one.
pub fn describe() -> Machine {
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|t| t.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()));
    Machine {
        cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: cores(),
        memory_mib: memory.unwrap_or(0) / 1024,
        system: said("uname", &["-sr"]),
    }
}

/// How many cores work is spread over.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The commit that was measured; with a plus when the tree differed from it.
pub fn commit() -> String {
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"]);
    let dirty = !said("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
    format!("{commit}{}", if dirty { "+" } else { "" })
}

/// Resident memory of a process, in KiB.
pub fn resident(pid: u32) -> anyhow::Result<u64> {
    let text = field(&format!("/proc/{pid}/status"), "VmRSS");
    let kib = text.and_then(|t| t.split_whitespace().next().and_then(|k| k.parse().ok()));
    kib.ok_or_else(|| anyhow::anyhow!("process {pid} has no resident memory"))
}
