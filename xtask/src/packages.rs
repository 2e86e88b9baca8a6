//! System packages of Debian that tests and demo use.

use std::path::Path;

use anyhow::bail;

use crate::run::{self, exists};

/// A package, and how to see that it is there.
pub struct Package {
    name: &'static str,
    there: fn() -> bool,
    why: &'static str,
}

/// What the demo uses.
pub const DEMO: &[Package] = &[
    Package {
        name: "openssh-server",
        there: || exists("sshd"),
        why: "the target of privileged sessions",
    },
    Package {
        name: "openssh-client",
        there: || exists("ssh"),
        why: "the client of privileged sessions",
    },
];

/// What the tests use.
pub const ALL: &[Package] = &[
    Package { name: "postgresql", there: postgres, why: "every test runs on both databases" },
    Package {
        name: "openssh-server",
        there: || exists("sshd"),
        why: "the target of privileged sessions",
    },
    Package {
        name: "openssh-client",
        there: || exists("ssh"),
        why: "the client of privileged sessions",
    },
    Package { name: "rsync", there: || exists("rsync"), why: "files through the gateway" },
    Package {
        name: "chromium",
        there: || exists("chromium"),
        why: "the pages, as people meet them",
    },
    Package {
        name: "fonts-dejavu-core",
        there: || Path::new("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf").exists(),
        why: "what a browser draws terminals with",
    },
];

fn postgres() -> bool {
    let found = std::fs::read_dir("/usr/lib/postgresql");
    found.is_ok_and(|mut d| d.any(|e| e.is_ok_and(|e| e.path().join("bin/initdb").exists())))
}

/// Installs what is missing, as root or through sudo; otherwise says what to do.
pub fn ensure(wanted: &[Package]) -> anyhow::Result<()> {
    let missing: Vec<&Package> = wanted.iter().filter(|p| !(p.there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for p in &missing {
        eprintln!("    missing: {} ({})", p.name, p.why);
    }
    let names: Vec<&str> = missing.iter().map(|p| p.name).collect();
    let line = format!("apt-get install --no-install-recommends {}", names.join(" "));
    if !Path::new("/usr/bin/apt-get").exists() {
        bail!("this is no Debian; install what is missing by hand: {}", names.join(" "));
    }
    let root = run::output(&mut run::program("id", &["-u"]))?.trim() == "0";
    let prefix: &[&str] = if root {
        &[]
    } else if exists("sudo") {
        &["sudo", "-n"]
    } else {
        bail!("run as root: {line}");
    };
    let apt = |args: &[&str]| {
        let mut all: Vec<&str> = prefix.to_vec();
        all.extend(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]);
        all.extend(args);
        let (first, rest) = all.split_first().unwrap_or((&"apt-get", &[]));
        run::run(run::program(first, rest).stdout(std::process::Stdio::null()))
    };
    // A service that a package starts by itself is of no use here: tests start
    // their own in a temporary directory.
    apt(&["update"]).and_then(|()| {
        let mut args = vec!["install", "-y", "--no-install-recommends"];
        args.extend(&names);
        apt(&args)
    })?;
    let still: Vec<&str> = missing.iter().filter(|p| !(p.there)()).map(|p| p.name).collect();
    if !still.is_empty() {
        bail!("installed and still not found: {}", still.join(" "));
    }
    Ok(())
}
