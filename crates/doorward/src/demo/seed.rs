//! The small organisation: people, groups, roles, hosts, an application.

use std::time::Duration;

use doorward_core::{
    CreateApplication, CreateGroup, CreateIdentity, CreateRole, CreateTarget, Entity, IdentityId,
    ManageAuthenticators, Name, WriteApplication, WriteGroup, WriteRole, WriteTarget,
};
use doorward_directory::{
    Holder, Member, NewAccount, NewGroup, NewPerson, NewRole, NewTarget, NewWorkload, Relation,
};
use doorward_signin::LinkPurpose;
use doorward_sso::{ApplicationError, ClientAuthentication, Kind, NewApplication, Settings};
use doorward_vault::Credential;

use super::sshd::{Opens, Sshd};
use crate::house::{House, HouseError};

/// Where the everyday application answers.
pub const APPLICATION_PORT: u16 = 8088;
const WHY: &str = "demo";
const APPLICATION: &str = "rota";
const PIPELINE: &str = "pipeline";
/// The role that lets the pipeline in, and the application that it opens.
const DEPLOY: &str = "deploy";

/// Whom the demo made.
#[derive(Clone, Debug, Default)]
pub struct Seeded {
    /// Name, what they are, and their one-time link when this start made it.
    pub people: Vec<(String, String, Option<String>)>,
    /// The everyday application.
    pub application: Client,
    /// The application at which the pipeline signs in as itself; none in a house
    /// that an older demo made.
    pub pipeline: Option<Client>,
}

/// What an application proves itself with; the secret is made anew at each start.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Its client id.
    pub id: String,
    /// Its client secret.
    pub secret: String,
}

struct Person {
    name: &'static str,
    display: &'static str,
    what: &'static str,
    relation: Relation,
    groups: &'static [&'static str],
    roles: &'static [&'static str],
    days: Option<u64>,
}

const PEOPLE: &[Person] = &[
    Person {
        name: "ada",
        display: "Ada Keller",
        what: "administrator",
        relation: Relation::Employee,
        groups: &["staff"],
        roles: &["administrator"],
        days: None,
    },
    Person {
        name: "eve",
        display: "Eve Lindqvist",
        what: "engineer, on call",
        relation: Relation::Employee,
        groups: &["engineers", "on-call"],
        roles: &[],
        days: None,
    },
    Person {
        name: "abe",
        display: "Abe Okafor",
        what: "approver and auditor",
        relation: Relation::Employee,
        groups: &["staff"],
        roles: &["approver", "auditor"],
        days: None,
    },
    Person {
        name: "vera",
        display: "Vera Sørensen",
        what: "vendor, for 30 days",
        relation: Relation::Vendor,
        groups: &["vendors"],
        roles: &[],
        days: Some(30),
    },
];

const GROUPS: &[(&str, &str)] = &[
    ("staff", "Everybody who works here"),
    ("engineers", "Those who run the hosts"),
    ("on-call", "Those who may break the glass"),
    ("vendors", "Those who help for a while"),
];

const ROLES: &[(&str, &str)] = &[
    ("administrator", "Runs Doorward, without reaching through it"),
    ("approver", "Decides requests of others"),
    ("auditor", "Looks, and changes nothing"),
    (DEPLOY, "Brings new versions to the hosts"),
];

impl House {
    /// Makes the organisation when there is nobody; always gives the hosts their
    /// present ports and the application a fresh secret.
    pub(super) async fn seed(&self, hosts: &[Sshd]) -> Result<Seeded, HouseError> {
        let empty = self
            .state
            .db
            .read(|c| doorward_store::facts::identities(c).map(|all| all.is_empty()))
            .await?;
        let mut seeded = Seeded::default();
        if empty {
            let pipeline = self.seed_people(&mut seeded).await?;
            self.seed_application(rota()?).await?;
            self.seed_application(deploy(pipeline)?).await?;
        } else {
            seeded.people =
                PEOPLE.iter().map(|p| (p.name.to_owned(), p.what.to_owned(), None)).collect();
        }
        for ((target, environment), sshd) in [("web-1", "prod"), ("dev-1", "dev")].iter().zip(hosts)
        {
            self.seed_host(target, environment, sshd).await?;
        }
        let rota = self.fresh_secret(APPLICATION).await?;
        seeded.application =
            rota.ok_or_else(|| HouseError::Other("the everyday application is gone".to_owned()))?;
        seeded.pipeline = self.fresh_secret(DEPLOY).await?;
        Ok(seeded)
    }

    /// A new secret of an application; none when it is not there.
    async fn fresh_secret(&self, application: &str) -> Result<Option<Client>, HouseError> {
        let oidc = &self.state.oidc;
        let other = |e: ApplicationError| HouseError::Other(e.to_string());
        let found = match oidc.application(application).await {
            Err(ApplicationError::NotFound) => return Ok(None),
            found => found.map_err(other)?,
        };
        let allowed = self.own(WHY, WriteApplication { application: found.id })?;
        let made = oidc.rotate_secret(&allowed).await.map_err(other)?;
        let secret = made.client_secret.unwrap_or_default();
        Ok(Some(Client { id: made.application.id.to_string(), secret }))
    }

    /// The people, and the pipeline that it gives.
    async fn seed_people(&self, seeded: &mut Seeded) -> Result<IdentityId, HouseError> {
        let directory = &self.state.directory;
        let mut groups = std::collections::BTreeMap::new();
        for (name, description) in GROUPS {
            let new = NewGroup { name: (*name).to_owned(), description: (*description).to_owned() };
            let made = directory.create_group(&self.own(WHY, CreateGroup {})?, new).await?;
            groups.insert(*name, made.id);
        }
        if let (Some(staff), Some(engineers)) = (groups.get("staff"), groups.get("engineers")) {
            let allowed = self.own(WHY, WriteGroup { group: *staff })?;
            directory.add_member(&allowed, Member::Group(*engineers)).await?;
        }
        let mut roles = std::collections::BTreeMap::new();
        for (name, description) in ROLES {
            let new = NewRole { name: (*name).to_owned(), description: (*description).to_owned() };
            let made = directory.create_role(&self.own(WHY, CreateRole {})?, new).await?;
            roles.insert(*name, made.id);
        }
        let mut owner: Option<IdentityId> = None;
        for person in PEOPLE {
            let new = NewPerson {
                name: person.name.to_owned(),
                display_name: Some(person.display.to_owned()),
                email: Some(format!("{}@example.com", person.name)),
                relation: Some(person.relation),
                starts_at: None,
                ends_at: person
                    .days
                    .map(|d| self.state.env.now() + Duration::from_secs(d * 86_400)),
                attributes: Default::default(),
            };
            let made = directory.create_person(&self.own(WHY, CreateIdentity {})?, new).await?;
            owner = owner.or(Some(made.id));
            for group in person.groups.iter().filter_map(|g| groups.get(g)) {
                let allowed = self.own(WHY, WriteGroup { group: *group })?;
                directory.add_member(&allowed, Member::Identity(made.id)).await?;
            }
            for role in person.roles.iter().filter_map(|r| roles.get(r)) {
                let allowed = self.own(WHY, WriteRole { role: *role })?;
                directory.assign_role(&allowed, Holder::Identity(made.id), None).await?;
            }
            let allowed = self.own(WHY, ManageAuthenticators { identity: made.id })?;
            let link = self.state.signin.create_link(&allowed, LinkPurpose::Invitation).await?;
            seeded.people.push((person.name.to_owned(), person.what.to_owned(), Some(link.url())));
        }
        let owner = owner.ok_or_else(|| HouseError::Other("nobody was made".to_owned()))?;
        let new = NewWorkload {
            name: PIPELINE.to_owned(),
            display_name: Some("Deployment pipeline".to_owned()),
            owner: Entity::new("Person", owner),
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
        };
        let made = directory.create_workload(&self.own(WHY, CreateIdentity {})?, new).await?;
        if let Some(role) = roles.get(DEPLOY) {
            let allowed = self.own(WHY, WriteRole { role: *role })?;
            directory.assign_role(&allowed, Holder::Identity(made.id), None).await?;
        }
        Ok(made.id)
    }

    async fn seed_application(&self, new: NewApplication) -> Result<(), HouseError> {
        let allowed = self.own(WHY, CreateApplication {})?;
        let made = self.state.oidc.create_application(&allowed, new).await;
        made.map(|_| ()).map_err(|e| HouseError::Other(e.to_string()))
    }

    async fn seed_host(
        &self,
        name: &str,
        environment: &str,
        sshd: &Sshd,
    ) -> Result<(), HouseError> {
        let directory = &self.state.directory;
        let settings = serde_json::json!({
            "host": "127.0.0.1", "port": sshd.port, "host_keys": [sshd.host_key],
        });
        let known = directory.find_account(name, &sshd.account).await?;
        let target = match &known {
            Some(account) => {
                let allowed = self.own(WHY, WriteTarget { target: account.target })?;
                let change = doorward_directory::TargetChange {
                    settings: Some(settings),
                    ..Default::default()
                };
                directory.update_target(&allowed, None, change).await?.id
            }
            None => {
                let labels = [("env", environment), ("vendors", "yes")];
                let new = NewTarget {
                    name: name.to_owned(),
                    kind: "ssh".to_owned(),
                    description: format!("A {environment} host on this machine"),
                    settings,
                    labels: labels
                        .iter()
                        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                        .collect(),
                };
                directory.create_target(&self.own(WHY, CreateTarget {})?, new).await?.id
            }
        };
        let allowed = self.own(WHY, WriteTarget { target })?;
        let account = match known {
            Some(account) => account.id,
            None => {
                let new = NewAccount { name: sshd.account.clone(), labels: Default::default() };
                directory.create_account(&allowed, new).await?.id
            }
        };
        let credential = match &sshd.opens {
            Opens::Password(p) => Credential::Password(p.clone()),
            Opens::PrivateKey(k) => Credential::PrivateKey(k.clone()),
        };
        let set = self.state.vault.set_credential(&allowed, account, &credential).await;
        set.map_err(|e| HouseError::Other(e.to_string()))
    }
}

fn name(text: &str) -> Result<Name, HouseError> {
    Name::parse(text).map_err(|e| HouseError::Other(e.to_string()))
}

fn settings(kind: Kind) -> Settings {
    Settings {
        kind,
        client_authentication: ClientAuthentication::ClientSecret,
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: Vec::new(),
        ask_consent: false,
        groups: Default::default(),
        roles: Default::default(),
        jwks: None,
        workload: None,
        resource_server: false,
        device_authorization: false,
    }
}

fn rota() -> Result<NewApplication, HouseError> {
    let at = |path: &str| format!("http://localhost:{APPLICATION_PORT}{path}");
    let scopes = ["openid", "profile", "email", "groups", "roles", "offline_access"];
    Ok(NewApplication {
        name: name(APPLICATION)?,
        title: "Rota".to_owned(),
        description: "Who is on call this week".to_owned(),
        launch_url: Some(at("/")),
        settings: Settings {
            redirect_uris: vec![at("/callback")],
            post_logout_redirect_uris: vec![at("/")],
            backchannel_logout_uri: Some(at("/backchannel-logout")),
            scopes: scopes.map(str::to_owned).to_vec(),
            ..settings(Kind::Web)
        },
    })
}

/// Where the pipeline gets its tokens.
fn deploy(pipeline: IdentityId) -> Result<NewApplication, HouseError> {
    Ok(NewApplication {
        name: name(DEPLOY)?,
        title: "Deployments".to_owned(),
        description: "What the pipeline signs in to".to_owned(),
        launch_url: None,
        settings: Settings { workload: Some(pipeline), ..settings(Kind::Workload) },
    })
}
