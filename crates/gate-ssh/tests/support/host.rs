//! A further real sshd, configured as a test wants it, for the account that the
//! house has already.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running server; it ends when this is dropped.
pub struct Host {
    pub port: u16,
    /// `ssh-ed25519 AAAA…`
    pub host_key: String,
    pub folder: PathBuf,
    child: Child,
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether the tests run as root.
pub fn root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

/// A free port of the loopback address.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

impl Host {
    /// With these lines in its configuration besides the usual ones; `{folder}`
    /// in them is its folder.
    pub async fn start(folder: &Path, more: &str) -> Self {
        Self::by(Command::new("/usr/sbin/sshd"), folder, more).await
    }

    /// With an `/etc` of its own: what it and whoever signs in to it change there,
    /// passwords for one, nobody else sees. `first` is run there before it
    /// starts. Only root can.
    pub async fn apart(folder: &Path, more: &str, first: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let etc = folder.join("etc");
        let copied = Command::new("cp").args(["-a", "/etc"]).arg(&etc).status().unwrap();
        assert!(copied.success());
        let script = format!(
            "mount --make-rprivate / && mount --bind {} /etc && {first} && exec /usr/sbin/sshd \"$@\"",
            etc.display()
        );
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &script, "sshd"]);
        Self::by(command, folder, more).await
    }

    async fn by(mut command: Command, folder: &Path, more: &str) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::create_dir_all("/run/sshd").ok();
        let host_key = match folder.join("host_key") {
            there if there.exists() => there,
            _ => super::key(folder, "host_key"),
        };
        let public = std::fs::read_to_string(host_key.with_extension("pub")).unwrap();
        let (port, dir) = (free_port(), folder.display());
        let more = more.replace("{folder}", &dir.to_string());
        let text = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {dir}/host_key\nPidFile none\nUsePAM no\n\
             KbdInteractiveAuthentication no\nStrictModes no\nSubsystem sftp internal-sftp\n\
             UseDNS no\nPrintMotd no\nPrintLastLog no\nLogLevel VERBOSE\n{more}\n"
        );
        let config = folder.join("sshd_config");
        std::fs::write(&config, text).unwrap();
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let child = command
            .args(["-D", "-e", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut host =
            Self { port, host_key: public.trim().to_owned(), folder: folder.to_owned(), child };
        host.answers().await;
        host
    }

    async fn answers(&mut self) {
        for _ in 0..400 {
            assert!(self.child.try_wait().unwrap().is_none(), "sshd ended: {}", self.log());
            if tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("sshd does not answer: {}", self.log());
    }

    /// What it has written so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}
