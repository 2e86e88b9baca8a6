//! Applications: registered, changed and taken away by those whom policy permits.

use doorward_core::{
    Actor, Allowed, ApplicationId, Class, CreateApplication, Entity, Env, Event, IdentityId, Name,
    ReadApplication, Timestamp, WriteApplication,
};
use doorward_store::application::{self as rows, Application};
use doorward_store::cursor::Cursors;
use doorward_store::order::Wanted;
use doorward_store::{Conn, Error as StoreError, Page, change, event, token};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Oidc;
use crate::families::End;
use crate::redirect::{RedirectUriError, check_redirect_uri};
use crate::tokens::{hash, random};

/// What kind of client it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ApplicationKind")]
pub enum Kind {
    /// A web application with a server that keeps a secret.
    Web,
    /// A native or browser-only application that keeps none.
    Native,
    /// A pipeline or service that signs in as itself.
    Workload,
}

/// How a client proves itself at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// By a secret, in the header or in the form.
    ClientSecret,
    /// By a signed assertion (RFC 7523).
    PrivateKeyJwt,
    /// Not at all: PKCE alone.
    None,
}

/// The settings of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ApplicationSettings")]
pub struct Settings {
    /// What kind of client.
    pub kind: Kind,
    /// How it proves itself.
    pub client_authentication: ClientAuthentication,
    /// Where codes may be sent, byte for byte.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Where it wants to be told of sign-outs (OpenID Connect Back-Channel Logout).
    #[serde(default)]
    pub backchannel_logout_uri: Option<String>,
    /// Scopes that it may ask for.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// Whether people are asked before it learns of them. Not for one's own.
    #[serde(default)]
    pub ask_consent: bool,
    /// The claim that carries groups, and which of them.
    #[serde(default)]
    pub groups: Mapping,
    /// The claim that carries roles, and which of them.
    #[serde(default)]
    pub roles: Mapping,
    /// Public keys (a JWK set) for `private_key_jwt`.
    #[serde(default)]
    pub jwks: Option<Value>,
    /// Whom a client of kind workload signs in as.
    #[serde(default)]
    pub workload: Option<IdentityId>,
    /// Whether it may introspect tokens of other clients: a resource server.
    #[serde(default)]
    pub resource_server: bool,
    /// Whether it may sign people in on devices without a browser (RFC 8628); of
    /// kind native only.
    #[serde(default)]
    pub device_authorization: bool,
}

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email", "groups", "roles", "offline_access"].map(str::to_owned).to_vec()
}

/// How names of groups or roles become a claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ClaimMapping")]
pub struct Mapping {
    /// The claim's name; `groups` or `roles` when absent.
    pub claim: Option<String>,
    /// Only names that begin with this.
    pub prefix: String,
    /// Other names for them, by their own.
    pub rename: std::collections::BTreeMap<String, String>,
}

impl Mapping {
    pub(crate) fn apply(&self, names: &[Name]) -> Vec<String> {
        names
            .iter()
            .map(Name::as_str)
            .filter(|n| n.starts_with(&self.prefix))
            .map(|n| self.rename.get(n).cloned().unwrap_or_else(|| n.to_owned()))
            .collect()
    }
}

/// Why an application was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ApplicationError {
    /// A field is wrong.
    #[error("{field}: {message}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// The name is taken.
    #[error("an application of this name exists")]
    NameTaken,
    /// No such application.
    #[error("no such application")]
    NotFound,
    /// Somebody changed it meanwhile.
    #[error("the application was changed meanwhile; read it again")]
    Conflict,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A new application.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// Its name.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// What it is.
    #[serde(default)]
    pub description: String,
    /// Where the portal sends people.
    #[serde(default)]
    pub launch_url: Option<String>,
    /// Its settings.
    pub settings: Settings,
}

/// What of an application is to change.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ApplicationChange")]
pub struct ChangedApplication {
    /// What people read.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where the portal sends people.
    pub launch_url: Option<String>,
    /// Its settings.
    pub settings: Option<Settings>,
    /// Whether it may be used.
    pub enabled: Option<bool>,
    /// The version that the caller has seen.
    pub version: Option<i64>,
}

/// An application as it is shown.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "Application")]
pub struct ApplicationView {
    /// Its id; also its `client_id`.
    pub id: ApplicationId,
    /// Its name.
    pub name: Name,
    /// What people read.
    pub title: String,
    /// What it is.
    pub description: String,
    /// Where the portal sends people.
    pub launch_url: Option<String>,
    /// Its settings.
    pub settings: Settings,
    /// Whether it may be used.
    pub enabled: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Counts its changes.
    pub version: i64,
}

/// An application with the secret that is shown this once.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "RegisteredApplication")]
pub struct Registered {
    /// The application.
    #[serde(flatten)]
    pub application: ApplicationView,
    /// Its secret, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

impl TryFrom<Application> for ApplicationView {
    type Error = StoreError;
    fn try_from(a: Application) -> Result<Self, StoreError> {
        let settings = serde_json::from_value(a.settings)
            .map_err(|e| StoreError::Decode(format!("settings of {}: {e}", a.name)))?;
        Ok(Self {
            id: a.id,
            name: a.name,
            title: a.title,
            description: a.description,
            launch_url: a.launch_url,
            settings,
            enabled: a.enabled,
            created_at: a.created_at,
            version: a.version,
        })
    }
}

impl Settings {
    fn check(&self) -> Result<(), ApplicationError> {
        let bad = |field, message: &str| {
            Err(ApplicationError::Field { field, message: message.to_owned() })
        };
        let uris = |field, list: &[String]| {
            for uri in list {
                check_redirect_uri(uri).map_err(|e: RedirectUriError| ApplicationError::Field {
                    field,
                    message: format!("{uri}: {e}"),
                })?;
            }
            Ok::<(), ApplicationError>(())
        };
        uris("settings.redirect_uris", &self.redirect_uris)?;
        uris("settings.post_logout_redirect_uris", &self.post_logout_redirect_uris)?;
        uris("settings.backchannel_logout_uri", self.backchannel_logout_uri.as_slice())?;
        if self.redirect_uris.len() > 32 || self.scopes.len() > 64 {
            return bad("settings", "too many addresses or scopes");
        }
        let scope_ok = |s: &String| {
            (1..=64).contains(&s.len())
                && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-:./".contains(&b))
        };
        if !self.scopes.iter().all(scope_ok) {
            return bad("settings.scopes", "a scope has 1 to 64 letters, digits, or _ - : . /");
        }
        match self.kind {
            Kind::Workload if self.workload.is_none() => {
                bad("settings.workload", "say which workload signs in with it")
            }
            Kind::Workload if !self.redirect_uris.is_empty() => {
                bad("settings.redirect_uris", "a workload signs in as itself; it has none")
            }
            Kind::Workload if self.client_authentication == ClientAuthentication::None => {
                bad("settings.client_authentication", "a workload must prove itself")
            }
            Kind::Web | Kind::Workload if self.device_authorization => bad(
                "settings.device_authorization",
                "only a native application signs people in on other devices",
            ),
            Kind::Web | Kind::Native
                if self.redirect_uris.is_empty() && !self.device_authorization =>
            {
                bad("settings.redirect_uris", "register at least one address")
            }
            Kind::Web if self.client_authentication == ClientAuthentication::None => bad(
                "settings.client_authentication",
                "a web application keeps a secret; use native otherwise",
            ),
            _ if self.client_authentication == ClientAuthentication::PrivateKeyJwt
                && self.jwks.as_ref().and_then(|j| j.get("keys")).is_none() =>
            {
                bad("settings.jwks", "give the public keys as {\"keys\": [...]}")
            }
            _ => Ok(()),
        }
    }
}

fn record(env: &Env, actor: &Actor, by: &[String], activity: &str, a: &Application) -> Event {
    Event::new(env, Class::EntityManagement, activity, actor)
        .on(Entity::new("Application", a.id))
        .by(by)
        .with("name", a.name.as_str())
        .with("settings", a.settings.clone())
        .with("enabled", a.enabled)
}

fn recorded(c: &Conn<'_>, e: &Event, id: ApplicationId) -> Result<(), StoreError> {
    event::append(c, e)?;
    change::bump(c, "application", id, e.at)
}

fn as_json(settings: &Settings) -> Result<Value, ApplicationError> {
    serde_json::to_value(settings).map_err(|e| StoreError::Other(e.to_string()).into())
}

impl Oidc {
    /// Registers an application; its secret is in the answer and nowhere else.
    pub async fn create_application(
        &self,
        allowed: &Allowed<CreateApplication>,
        new: NewApplication,
    ) -> Result<Registered, ApplicationError> {
        new.settings.check()?;
        check_launch(new.launch_url.as_deref())?;
        let with_secret = new.settings.client_authentication == ClientAuthentication::ClientSecret;
        let secret = with_secret.then(|| random(&self.env));
        let row = Application {
            id: ApplicationId::new(&self.env),
            name: new.name,
            title: new.title,
            description: new.description,
            launch_url: new.launch_url,
            settings: as_json(&new.settings)?,
            secret_hash: secret.as_ref().map(|s| hash(s).to_vec()),
            enabled: true,
            created_at: self.env.now(),
            version: 1,
        };
        let event =
            record(&self.env, allowed.actor(), allowed.policies(), "application.registered", &row);
        let kept = row.clone();
        self.db
            .write(move |c| {
                rows::insert(c, &row).map_err(|e| match e {
                    StoreError::Unique { .. } => ApplicationError::NameTaken,
                    other => other.into(),
                })?;
                Ok::<_, ApplicationError>(recorded(c, &event, row.id)?)
            })
            .await?;
        Ok(Registered { application: kept.try_into()?, client_secret: secret })
    }

    /// Changes an application.
    pub async fn change_application(
        &self,
        allowed: &Allowed<WriteApplication>,
        wanted: ChangedApplication,
    ) -> Result<ApplicationView, ApplicationError> {
        if let Some(settings) = &wanted.settings {
            settings.check()?;
        }
        check_launch(wanted.launch_url.as_deref())?;
        let mut row = self.row(allowed.act().application).await?;
        if wanted.version.is_some_and(|v| v != row.version) {
            return Err(ApplicationError::Conflict);
        }
        if let Some(title) = wanted.title {
            row.title = title;
        }
        if let Some(description) = wanted.description {
            row.description = description;
        }
        if wanted.launch_url.is_some() {
            row.launch_url = wanted.launch_url;
        }
        if let Some(settings) = &wanted.settings {
            row.settings = as_json(settings)?;
        }
        row.enabled = wanted.enabled.unwrap_or(row.enabled);
        self.keep(allowed, row, "application.changed").await
    }

    /// Gives an application a new secret; the old one is dead.
    pub async fn rotate_secret(
        &self,
        allowed: &Allowed<WriteApplication>,
    ) -> Result<Registered, ApplicationError> {
        let mut row = self.row(allowed.act().application).await?;
        let secret = random(&self.env);
        row.secret_hash = Some(hash(&secret).to_vec());
        let application = self.keep(allowed, row, "application.secret-rotated").await?;
        Ok(Registered { application, client_secret: Some(secret) })
    }

    /// Takes an application away, with all its tokens.
    pub async fn delete_application(
        &self,
        allowed: &Allowed<WriteApplication>,
    ) -> Result<(), ApplicationError> {
        let row = self.row(allowed.act().application).await?;
        let event =
            record(&self.env, allowed.actor(), allowed.policies(), "application.deleted", &row);
        let (me, actor) = (self.clone(), allowed.actor().clone());
        self.db
            .write(move |c| {
                let because = "the application was taken away";
                let end = |f: &token::Family| {
                    me.ended(Class::ApiActivity, &actor, f).with("because", because)
                };
                let families = token::families_of_application(c, row.id, me.env.now())?;
                me.end_families(c, &families, &End { because, record: &end })?;
                if !rows::delete(c, row.id)? {
                    return Err(ApplicationError::NotFound);
                }
                Ok(recorded(c, &event, row.id)?)
            })
            .await
    }

    /// One page of applications, by name.
    pub async fn applications(
        &self,
        _allowed: &Allowed<ReadApplication>,
        cursors: &Cursors,
        filter: rows::Filter,
        page: &Wanted<rows::ApplicationSort>,
    ) -> Result<Page<ApplicationView>, ApplicationError> {
        let read = move |c: &Conn<'_>, at: &_| rows::search(c, &filter, at);
        let found = cursors.sorted(&self.db, "applications", page, read).await?;
        let items: Result<Vec<ApplicationView>, StoreError> =
            found.items.into_iter().map(TryInto::try_into).collect();
        Ok(Page { items: items?, next: found.next })
    }

    /// The application of this name or id, to be authorised by who asks for it.
    pub async fn application(&self, name: &str) -> Result<ApplicationView, ApplicationError> {
        let (name, id) = (name.to_owned(), name.parse::<ApplicationId>().ok());
        let found = self
            .db
            .read(move |c| match id {
                Some(id) => rows::find(c, id),
                None => rows::named(c, &name),
            })
            .await?;
        Ok(found.ok_or(ApplicationError::NotFound)?.try_into()?)
    }

    async fn row(&self, id: ApplicationId) -> Result<Application, ApplicationError> {
        self.db.read(move |c| rows::find(c, id)).await?.ok_or(ApplicationError::NotFound)
    }

    async fn keep(
        &self,
        allowed: &Allowed<WriteApplication>,
        mut row: Application,
        activity: &str,
    ) -> Result<ApplicationView, ApplicationError> {
        row.version += 1;
        let event = record(&self.env, allowed.actor(), allowed.policies(), activity, &row);
        let kept = row.clone();
        self.db
            .write(move |c| {
                if !rows::update(c, &row)? {
                    return Err(ApplicationError::Conflict);
                }
                Ok(recorded(c, &event, row.id)?)
            })
            .await?;
        Ok(kept.try_into()?)
    }
}

fn check_launch(url: Option<&str>) -> Result<(), ApplicationError> {
    match url.map(url::Url::parse) {
        None => Ok(()),
        Some(Ok(u)) if matches!(u.scheme(), "https" | "http") => Ok(()),
        Some(_) => Err(ApplicationError::Field {
            field: "launch_url",
            message: "write an https address".to_owned(),
        }),
    }
}
