//! A real OpenSSH server on a loopback port, with a host key and an account of
//! its own: a target to try things on.
//!
//! As root it makes a system account with a random password that is told to its
//! caller alone. As anybody else it runs as that person, who is the account, and
//! opens to a fresh key.

use std::fs;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use doorward_core::{Env, Secret};

/// Where Debian and most others keep it.
const SSHD: &str = "/usr/sbin/sshd";
/// How often it is asked whether it is there yet, and how long one waits.
const ASKS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(25);

/// What opens the account.
pub enum Opens {
    /// Its password.
    Password(Secret<String>),
    /// A private key, in OpenSSH's format.
    PrivateKey(Secret<String>),
}

/// What becomes of the account at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// It stays, for the next start.
    Keep,
    /// It goes.
    Remove,
}

/// A running server; it ends when this is dropped.
pub struct Sshd {
    /// On 127.0.0.1.
    pub port: u16,
    /// `ssh-ed25519 AAAA…`
    pub host_key: String,
    /// Its account's name.
    pub account: String,
    /// What opens the account.
    pub opens: Opens,
    /// The account's home.
    pub home: PathBuf,
    child: Child,
    remove: bool,
}

impl Drop for Sshd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.remove {
            let _ = quiet("userdel").args(["-r", "-f", &self.account]).status();
        }
    }
}

fn quiet(program: &str) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn missing(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("{what}: install Debian's openssh-server"))
}

fn run(command: &mut Command, what: &str) -> io::Result<()> {
    let status = command.status().map_err(|e| io::Error::new(e.kind(), format!("{what}: {e}")))?;
    if status.success() { Ok(()) } else { Err(io::Error::other(format!("{what} failed"))) }
}

impl Sshd {
    /// Starts one that keeps its files in `folder`. As root, `account` is the
    /// account that it makes or takes over.
    pub async fn start(
        env: &Env,
        folder: &Path,
        account: &str,
        lifetime: Lifetime,
    ) -> io::Result<Self> {
        if !Path::new(SSHD).exists() {
            return Err(missing(SSHD));
        }
        // sshd reads its files anew for each connection, and then from `/`.
        let folder = &std::path::absolute(folder)?;
        fs::DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
        let host_key = folder.join("host_key");
        if !host_key.exists() {
            run(
                quiet("ssh-keygen")
                    .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
                    .arg(&host_key),
                "ssh-keygen",
            )?;
        }
        let public = fs::read_to_string(host_key.with_extension("pub"))?;
        let root = fs::metadata("/proc/self")?.uid() == 0;
        let (account, opens, home) = if root {
            let (password, home) = make_account(env, account)?;
            (account.to_owned(), Opens::Password(password), home)
        } else {
            let key = make_key(folder)?;
            let me = std::env::var("USER").map_err(|_| missing("USER"))?;
            let home = std::env::var("HOME").map_err(|_| missing("HOME"))?;
            (me, Opens::PrivateKey(key), PathBuf::from(home))
        };
        let port = free_port()?;
        let config = folder.join("sshd_config");
        fs::write(&config, configuration(folder, port, &account, root))?;
        let log = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(folder.join("sshd.log"))?;
        let child = Command::new(SSHD)
            .args(["-D", "-e", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        let mut sshd = Self {
            port,
            host_key: public.trim().to_owned(),
            account,
            opens,
            home,
            child,
            remove: root && lifetime == Lifetime::Remove,
        };
        sshd.answers(folder).await?;
        Ok(sshd)
    }

    async fn answers(&mut self, folder: &Path) -> io::Result<()> {
        for _ in 0..ASKS {
            if let Some(status) = self.child.try_wait()? {
                let log = folder.join("sshd.log");
                return Err(io::Error::other(format!(
                    "sshd ended ({status}); see {}",
                    log.display()
                )));
            }
            if tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "sshd does not answer"))
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn configuration(folder: &Path, port: u16, account: &str, root: bool) -> String {
    let folder = folder.display();
    let how = if root {
        "PasswordAuthentication yes\nPubkeyAuthentication yes\n".to_owned()
    } else {
        format!(
            "PasswordAuthentication no\nPubkeyAuthentication yes\n\
             AuthorizedKeysFile {folder}/authorized_keys\n"
        )
    };
    format!(
        "Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\nPidFile none\n\
         UsePAM no\nKbdInteractiveAuthentication no\nPermitRootLogin no\nStrictModes no\n\
         AllowUsers {account}\nSubsystem sftp internal-sftp\nMaxStartups 2000\nMaxSessions 1000\n\
         UseDNS no\nPrintMotd no\nPrintLastLog no\nAcceptEnv LANG LC_*\nLogLevel INFO\n\
         AllowTcpForwarding yes\nX11Forwarding no\n{how}"
    )
}

fn make_account(env: &Env, account: &str) -> io::Result<(Secret<String>, PathBuf)> {
    // sshd's separation of privileges wants its folder.
    fs::DirBuilder::new().recursive(true).mode(0o755).create("/run/sshd")?;
    let home = PathBuf::from("/home").join(account);
    if !quiet("id").arg(account).status()?.success() {
        run(
            quiet("useradd").args(["-m", "-s", "/bin/bash", "-d"]).arg(&home).arg(account),
            "useradd",
        )?;
    }
    let random: [u8; 24] = env.bytes();
    let password = Secret::new(random.iter().map(|b| format!("{b:02x}")).collect::<String>());
    let mut child = Command::new("chpasswd").stdin(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(format!("{account}:{}\n", password.expose()).as_bytes())?;
    }
    if !child.wait()?.success() {
        return Err(io::Error::other("chpasswd failed"));
    }
    Ok((password, home))
}

fn make_key(folder: &Path) -> io::Result<Secret<String>> {
    let path = folder.join("account_key");
    if path.exists() {
        fs::remove_file(&path)?;
    }
    run(
        quiet("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&path),
        "ssh-keygen",
    )?;
    fs::copy(path.with_extension("pub"), folder.join("authorized_keys"))?;
    let key = fs::read_to_string(&path)?;
    fs::remove_file(&path)?;
    Ok(Secret::new(key))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    /// `target/demo` is relative, and sshd reads its files anew for each connection,
    /// from another folder.
    #[tokio::test]
    async fn host_in_a_relative_folder_greets_who_connects() {
        let name = format!("dwrel{}", std::process::id());
        let folder = Path::new("../../target").join(&name);
        let env = doorward_runtime::env();
        let sshd = Sshd::start(&env, &folder, &name, Lifetime::Remove).await.unwrap();
        let mut greeting = [0; 8];
        let mut stream = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, sshd.port)).unwrap();
        let read = stream.read_exact(&mut greeting);
        drop(sshd);
        fs::remove_dir_all(&folder).unwrap();
        read.unwrap();
        assert_eq!(&greeting, b"SSH-2.0-");
    }
}
