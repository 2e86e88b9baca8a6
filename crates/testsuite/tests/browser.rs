//! The pages and the console as people meet them: Debian's Chromium, driven by
//! Node (`js/browser`) against the real program over a furnished house, with a
//! real host behind it.
//!
//! `DOORWARD_SHOTS=DIR` also writes a picture of every page in both themes and
//! two sizes; `cargo xtask shots DIR` sets it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use doorward::demo::sshd::{Lifetime, Opens, Sshd};
use doorward::house::House;
use doorward_core::*;
use doorward_directory::{Holder, Member, NewAccount, NewGroup, NewPerson, NewRole, NewTarget};
use doorward_policy::policies;
use doorward_runtime::config::{Config, HttpConfig, LogConfig, SshConfig};
use doorward_runtime::tls;
use doorward_signin::LinkPurpose;
use doorward_sso::NewApplication;
use doorward_store::identity::{self, Identity, IdentityKind, Relation};
use doorward_store::standing;
use doorward_testsuite::home;
use doorward_vault::Credential;
use serde_json::{Value, json};

/// Name, what others read, groups, roles. Each test signs in as people of its own.
const PEOPLE: &[(&str, &str, &[&str], &[&str])] = &[
    ("ada", "Ada Keller", &["staff"], &["administrator"]),
    ("abe", "Abe Okafor", &["staff"], &["approver", "auditor"]),
    ("eve", "Eve Lindqvist", &["engineers", "on-call"], &[]),
    ("noor", "Noor Haddad", &["engineers", "on-call"], &[]),
    ("ines", "Inés Moreau", &["staff"], &[]),
    ("tomas", "Tomás Vega", &["staff"], &[]),
    ("kim", "Kim Sørensen", &["staff"], &[]),
    ("vera", "Vera Brandt", &["vendors"], &[]),
    ("lena", "Lena Vogel", &["engineers"], &[]),
    ("ruth", "Ruth Adeyemi", &["staff"], &["administrator"]),
    ("jonas", "Jonas Weber", &["engineers"], &[]),
    ("mira", "Mira Novak", &["staff"], &["administrator"]),
    ("aldo", "Aldo Conti", &["staff"], &["auditor"]),
];

const GROUPS: &[&str] = &["staff", "engineers", "on-call", "vendors"];
const ROLES: &[&str] = &["administrator", "approver", "auditor"];

/// Payroll is for those who come with a passkey; the ledger is given on request.
const APPLICATIONS: &str = r#"
permit (
  principal in Doorward::Group::"vendors",
  action == Doorward::Action::"application:open",
  resource == Doorward::Application::"rota"
)
when { context.reason && context.approvals >= 1 };

forbid (
  principal,
  action == Doorward::Action::"application:open",
  resource == Doorward::Application::"payroll"
)
unless { context.phishing_resistant };

forbid (
  principal,
  action == Doorward::Action::"application:open",
  resource == Doorward::Application::"ledger"
)
unless { context.reason && context.approvals >= 1 };
"#;

fn system<A: Act>(house: &House, act: A) -> Allowed<A> {
    authorize(&*house.state.engine, &Actor::system("test"), act, &Context::default()).unwrap()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The people, and the one-time link of each.
async fn invite(house: &House) -> BTreeMap<String, Value> {
    let directory = &house.state.directory;
    let mut groups = BTreeMap::new();
    for name in GROUPS {
        let new = NewGroup { name: (*name).to_owned(), description: String::new() };
        let made = directory.create_group(&system(house, CreateGroup {}), new).await.unwrap();
        groups.insert(*name, made.id);
    }
    let staff = system(house, WriteGroup { group: groups["staff"] });
    directory.add_member(&staff, Member::Group(groups["engineers"])).await.unwrap();
    let mut roles = BTreeMap::new();
    for name in ROLES {
        let new = NewRole { name: (*name).to_owned(), description: String::new() };
        let made = directory.create_role(&system(house, CreateRole {}), new).await.unwrap();
        roles.insert(*name, made.id);
    }
    let mut people = BTreeMap::new();
    for (name, display_name, of, holding) in PEOPLE {
        let new = NewPerson {
            name: (*name).to_owned(),
            display_name: Some((*display_name).to_owned()),
            email: Some(format!("{name}@example.org")),
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
        };
        let made = directory.create_person(&system(house, CreateIdentity {}), new).await.unwrap();
        for group in *of {
            let allowed = system(house, WriteGroup { group: groups[group] });
            directory.add_member(&allowed, Member::Identity(made.id)).await.unwrap();
        }
        for role in *holding {
            let allowed = system(house, WriteRole { role: roles[role] });
            directory.assign_role(&allowed, Holder::Identity(made.id), None).await.unwrap();
        }
        let allowed = system(house, ManageAuthenticators { identity: made.id });
        let link = house.state.signin.create_link(&allowed, LinkPurpose::Invitation).await.unwrap();
        let told = json!({ "name": name, "display_name": display_name, "link": link.url() });
        people.insert((*name).to_owned(), told);
    }
    people
}

/// An application that `js/browser` runs at a port of its own.
async fn register(house: &House, title: &str, description: &str, ask_consent: bool) -> Value {
    let port = free_port();
    let at = |path: &str| format!("http://localhost:{port}{path}");
    let name = title.to_lowercase();
    let new = NewApplication {
        name: Name::parse(&name).unwrap(),
        title: title.to_owned(),
        description: description.to_owned(),
        launch_url: Some(at("/")),
        settings: serde_json::from_value(json!({
            "kind": "web",
            "client_authentication": "client_secret",
            "redirect_uris": [at("/callback")],
            "post_logout_redirect_uris": [at("/")],
            "scopes": ["openid", "profile", "email", "groups", "roles", "offline_access"],
            "ask_consent": ask_consent,
        }))
        .unwrap(),
    };
    let allowed = system(house, CreateApplication {});
    let made = house.state.oidc.create_application(&allowed, new).await.unwrap();
    json!({
        "title": title, "port": port, "origin": format!("http://localhost:{port}"),
        "id": made.application.id, "secret": made.client_secret,
    })
}

/// A target with one account; with its credential, when the host has that account.
async fn target(house: &House, name: &str, account_name: &str, label: &str, sshd: &Sshd) {
    let directory = &house.state.directory;
    let new = NewTarget {
        name: name.to_owned(),
        kind: "ssh".to_owned(),
        description: String::new(),
        settings: json!({ "host": "127.0.0.1", "port": sshd.port, "host_keys": [sshd.host_key] }),
        labels: [("env", label), ("vendors", "yes")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .collect(),
    };
    let made = directory.create_target(&system(house, CreateTarget {}), new).await.unwrap();
    let allowed = system(house, WriteTarget { target: made.id });
    let new = NewAccount { name: account_name.to_owned(), labels: Default::default() };
    let account = directory.create_account(&allowed, new).await.unwrap().id;
    if account_name != sshd.account {
        return;
    }
    let credential = match &sshd.opens {
        Opens::Password(p) => Credential::Password(p.clone()),
        Opens::PrivateKey(k) => Credential::PrivateKey(k.clone()),
    };
    house.state.vault.set_credential(&allowed, account, &credential).await.unwrap();
}

/// Two weeks in which less and less stood; nobody measured on one of the days.
async fn measured(house: &House) {
    let now = house.state.env.now();
    let today = now.secs().div_euclid(86_400) * 86_400;
    for (ago, pairs) in (0..14_u32).zip([3_u32, 3, 5, 5, 9, 9, 9, 14, 14, 13, 13, 21, 20, 20]) {
        if ago == 5 {
            continue;
        }
        let day = Timestamp::from_secs(today - i64::from(ago) * 86_400);
        let kept = standing::Day {
            day,
            measured_at: if ago == 0 { now } else { day + Duration::from_secs(86_000) },
            people: pairs.min(4),
            workloads: 0,
            accounts: pairs.min(3),
            pairs,
            granted_identities: ago % 3,
            granted_accounts: ago % 3,
            granted_pairs: ago % 3,
            broken_pairs: u32::from(ago == 2),
            complete: true,
        };
        let id = house.state.env.uuid();
        house.state.db.write(move |c| standing::keep(c, id, &kept)).await.unwrap();
    }
}

/// Everything that the pages show.
async fn furnish(house: &House, sshd: &Sshd) -> Value {
    let people = invite(house).await;
    let (engine, db, allowed) =
        (&house.state.engine, &house.state.db, system(house, CreatePolicy {}));
    let (name, text) = (Name::parse("careful-applications").unwrap(), APPLICATIONS.to_owned());
    policies::create(engine, db, &allowed, name, String::new(), text).await.unwrap();
    let rota = register(house, "Rota", "Who is on call this week", false).await;
    let payroll = register(house, "Payroll", "Salaries and pay slips", false).await;
    let ledger = register(house, "Ledger", "Invoices and bookings", false).await;
    let wiki = register(house, "Wiki", "What everybody should know", true).await;
    target(house, "dev-1", &sshd.account, "dev", sshd).await;
    target(house, "prod-1", &sshd.account, "prod", sshd).await;
    target(house, "web-1", "deploy", "prod", sshd).await;
    target(house, "db-1", "postgres", "prod", sshd).await;
    measured(house).await;
    json!({
        "origin": house.config().http.origin,
        "ca": tls::ca_path(&house.config().data_dir),
        "certificate": house.config().data_dir.join("tls/server.pem"),
        "ssh_port": house.ssh.unwrap().port(),
        "people": people,
        "applications": { "rota": rota, "payroll": payroll, "ledger": ledger, "wiki": wiki },
        "account": format!("{}@dev-1", sshd.account),
        "guarded": format!("{}@prod-1", sshd.account),
    })
}

/// Ends the program with the test.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Puts so many people more into the house, as a directory of many years has them.
async fn crowd(house: &House, count: u32) {
    let env = house.state.env.clone();
    let now = env.now();
    let write = house.state.db.write(move |c| {
        for n in 0..count {
            let name = format!("person-{n:06}");
            let person = Identity {
                id: IdentityId::new(&env),
                kind: IdentityKind::Person,
                name: Name::parse(&name).unwrap(),
                display_name: format!("Person {n}"),
                email: Some(format!("{name}@example.org")),
                relation: Some(Relation::Employee),
                owner: None,
                enabled: n % 50 != 0,
                starts_at: None,
                ends_at: None,
                attributes: Default::default(),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            identity::insert(c, &person)?;
        }
        Ok(())
    });
    write.await.map_err(|e: doorward_store::Error| e).unwrap();
}

/// A house with so many people more, served by the program, and visitors who do
/// what these files say.
async fn visited(files: &[&str], more_people: u32, console: bool) {
    let js = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/browser");
    assert!(
        js.join("node_modules/playwright-core").exists(),
        "run `npm ci` in {} (`cargo xtask test` does)",
        js.display()
    );
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist/index.html");
    assert!(built.exists(), "build the console: cargo xtask console");
    let env = doorward_runtime::env();
    let dir = tempfile::tempdir().unwrap();
    let random: [u8; 3] = env.bytes();
    let account = format!("dw{}", random.map(|b| format!("{b:02x}")).concat());
    let sshd =
        Sshd::start(&env, &dir.path().join("sshd"), &account, Lifetime::Remove).await.unwrap();
    // The origin names the port, so that it must be known before.
    let free = free_port();
    let config = Config {
        data_dir: dir.path().join("house"),
        http: HttpConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], free)),
            origin: format!("https://localhost:{free}"),
            ..HttpConfig::default()
        },
        ssh: SshConfig {
            listen: SocketAddr::from(([127, 0, 0, 1], free_port())),
            ..SshConfig::default()
        },
        log: LogConfig { filter: "warn".to_owned(), ..LogConfig::default() },
        ..Config::default()
    };
    let house = House::start(config.clone(), env).await.unwrap();
    let mut described = furnish(&house, &sshd).await;
    described["console"] = console.into();
    crowd(&house, more_people).await;
    house.stop().await;
    let file = dir.path().join("doorward.toml");
    std::fs::write(&file, toml::to_string(&config).unwrap()).unwrap();
    let running = Running(home::spawn(&home::program().unwrap(), &file).unwrap());
    home::until_ready(&home::client(&config).unwrap(), &config).await.unwrap();
    let mut node = tokio::process::Command::new("node");
    node.args(["--test", "--test-concurrency=1", "--test-reporter=tap"])
        .args(files)
        .current_dir(&js)
        .env("DOORWARD_BROWSER", described.to_string())
        .env("NODE_EXTRA_CA_CERTS", tls::ca_path(&config.data_dir))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let done = tokio::time::timeout(Duration::from_secs(900), node.output())
        .await
        .expect("it ends")
        .expect("Node 18.19 or newer");
    drop(running);
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}\n{complained}");
}

/// abuse case A11: no page breaches its own policy, whatever it shows.
/// abuse case A29: who leaves the guided sign-in half-way is not in.
#[tokio::test(flavor = "multi_thread")]
async fn pages_are_ones_that_everybody_can_use() {
    visited(&["signing-in.test.mjs", "portal.test.mjs", "sessions.test.mjs"], 0, false).await;
}

/// abuse case A11: what a target sends or a name holds runs nowhere in the console.
#[tokio::test(flavor = "multi_thread")]
async fn console_is_one_that_everybody_can_use() {
    visited(&["console-in-use.test.mjs", "console-pages.test.mjs"], 100_000, true).await;
}
