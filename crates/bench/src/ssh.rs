//! A real OpenSSH server as target and as plain jump host, and the stock clients
//! on both ways to it.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};
use doorward::demo::sshd::{Lifetime, Opens, Sshd};
use doorward_core::{AuthenticatorId, CreateTarget, Secret, WriteTarget};
use doorward_directory::{NewAccount, NewTarget};
use doorward_store::authenticator::{self, Authenticator};
use doorward_vault::Credential;

use doorward_testsuite::{Home, Served};

/// Whose sessions are measured.
pub const PERSON: &str = "eve";
const TARGET: &str = "box";

/// A target, and a key that opens it as well as the gateway.
pub struct Yard {
    /// The server.
    pub sshd: Sshd,
    /// The key's file.
    pub key: PathBuf,
}

fn fingerprint(key: &Path) -> anyhow::Result<String> {
    let out = Command::new("ssh-keygen").arg("-lf").arg(key.with_extension("pub")).output()?;
    let text = String::from_utf8(out.stdout)?;
    text.split_whitespace().nth(1).map(str::to_owned).context("ssh-keygen shows no fingerprint")
}

impl Yard {
    /// Starts a server, makes a key and lets the server know it.
    pub async fn new(folder: &Path) -> anyhow::Result<Self> {
        let env = doorward_runtime::env();
        let random: [u8; 4] = env.bytes();
        let name = format!("dw{}", random.iter().map(|b| format!("{b:02x}")).collect::<String>());
        let sshd = Sshd::start(&env, &folder.join("sshd"), &name, Lifetime::Remove).await?;
        let key = folder.join("key");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
            .arg(&key)
            .status()?;
        ensure!(made.success(), "ssh-keygen failed");
        let public = fs::read_to_string(key.with_extension("pub"))?;
        match &sshd.opens {
            Opens::PrivateKey(_) => {
                let list = folder.join("sshd/authorized_keys");
                fs::write(&list, fs::read_to_string(&list)? + &public)?;
            }
            Opens::Password(_) => {
                let folder = sshd.home.join(".ssh");
                let owner = fs::metadata(&sshd.home)?;
                fs::create_dir_all(&folder)?;
                fs::write(folder.join("authorized_keys"), public)?;
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
                for path in [folder.clone(), folder.join("authorized_keys")] {
                    chown(path, Some(owner.uid()), Some(owner.gid()))?;
                }
            }
        }
        Ok(Self { sshd, key })
    }

    /// Makes the server a target of the house, and its key that of a person.
    pub async fn furnish(&self, home: &Home) -> anyhow::Result<()> {
        let person = home.person(PERSON).await?;
        let state = &home.house.state;
        let row = Authenticator {
            id: AuthenticatorId::new(&state.env),
            identity: person,
            factor: "ssh-key".to_owned(),
            label: "bench".to_owned(),
            lookup: Some(fingerprint(&self.key)?),
            data: Vec::new(),
            counter: 0,
            created_at: state.env.now(),
            used_at: None,
            version: 1,
        };
        let write = state.db.write(move |c| authenticator::insert(c, &row));
        write.await.map_err(|e: doorward_store::Error| e)?;
        let new = NewTarget {
            name: TARGET.to_owned(),
            kind: "ssh".to_owned(),
            description: String::new(),
            settings: serde_json::json!({
                "host": "127.0.0.1", "port": self.sshd.port, "host_keys": [self.sshd.host_key],
            }),
            labels: Default::default(),
        };
        let target = state.directory.create_target(&home.system(CreateTarget {})?, new).await?.id;
        let allowed = home.system(WriteTarget { target })?;
        let new = NewAccount { name: self.sshd.account.clone(), labels: Default::default() };
        let account = state.directory.create_account(&allowed, new).await?.id;
        let key = Credential::PrivateKey(Secret::new(fs::read_to_string(&self.key)?));
        state.vault.set_credential(&allowed, account, &key).await?;
        Ok(())
    }

    /// The name to log in with at the gateway.
    pub fn login(&self) -> String {
        format!("{}@{TARGET}", self.sshd.account)
    }
}

/// A way to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Through the gateway.
    Gateway,
    /// Through a plain sshd, as `ssh -J` goes.
    Jump,
    /// Nothing between.
    Direct,
}

/// A stock client on this way; what comes after the destination is the caller's.
pub fn client(program: &str, way: Way, yard: &Yard, served: &Served) -> (Command, String) {
    let key = yard.key.display();
    let account = &yard.sshd.account;
    // One cipher on every way: what is compared is what stands between.
    let options = format!(
        "-F none -i {key} -o IdentitiesOnly=yes -o IdentityAgent=none -o LogLevel=ERROR \
         -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes \
         -c aes256-gcm@openssh.com"
    );
    let mut command = Command::new(program);
    command.args(options.split_whitespace());
    let port = match way {
        Way::Gateway => served.ssh(),
        Way::Jump | Way::Direct => yard.sshd.port,
    };
    if way == Way::Jump {
        let proxy = format!("ProxyCommand=ssh {options} -p {port} -W %h:%p {account}@127.0.0.1");
        command.args(["-o", &proxy]);
    }
    command.args([if program == "ssh" { "-p" } else { "-P" }, &port.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let destination = match way {
        Way::Gateway => format!("{}@127.0.0.1", yard.login()),
        Way::Jump | Way::Direct => format!("{account}@127.0.0.1"),
    };
    (command, destination)
}
