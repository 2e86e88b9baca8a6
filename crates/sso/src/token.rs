//! The token endpoint and its neighbours: userinfo, introspection, revocation.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward_core::{
    Actor, ApplicationId, Class, Entity, Event, Network, OpenApplication, TokenFamilyId,
};
use doorward_store::token::{self as rows, Family};
use doorward_store::{Error as StoreError, change, event, identity, session};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Oidc;
use crate::applications::{ApplicationView, Kind};
use crate::error::{OAuthCode, OAuthError};
use crate::families::End;
use crate::jwt::TokenKind;
use crate::params::Params;
use crate::tokens::{Facts, Jti, Minted, SHORT, WithRefresh, hash};

/// What the token endpoint answers (RFC 6749 section 5.1).
#[derive(Clone, Debug, Serialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds.
    pub expires_in: u64,
    /// The ID token, when `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The next refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scope: String,
}

pub(crate) fn bad_grant(what: &'static str) -> OAuthError {
    OAuthError::new(OAuthCode::InvalidGrant, what)
}

/// What became of a code or refresh token inside its transaction.
enum Use {
    Good,
    /// It was used before: everything that came of it is revoked.
    Replayed,
}

impl Oidc {
    /// `POST /oauth2/token`.
    pub async fn token(
        &self,
        params: &Params,
        authorization: Option<&str>,
        network: &Network,
    ) -> Result<TokenResponse, OAuthError> {
        let client = self.client(params, authorization).await?;
        match params.need("grant_type", "grant_type is missing")? {
            "authorization_code" => self.redeem(&client, params).await,
            "refresh_token" => self.refresh(&client, params).await,
            "client_credentials" => self.client_credentials(&client, params, network).await,
            crate::device::GRANT_TYPE => self.device_code(&client, params).await,
            _ => Err(OAuthError::new(
                OAuthCode::UnsupportedGrantType,
                "use authorization_code, refresh_token, client_credentials or a device code",
            )),
        }
    }

    async fn redeem(
        &self,
        client: &ApplicationView,
        params: &Params,
    ) -> Result<TokenResponse, OAuthError> {
        let code = params.need("code", "code is missing")?;
        let verifier = params.need("code_verifier", "code_verifier is missing")?;
        let code_hash = hash(code);
        let found = self
            .db
            .read(move |c| {
                let Some(code) = rows::code(c, &code_hash)? else { return Ok(None) };
                let family = rows::family(c, code.family)?;
                Ok::<_, StoreError>(family.map(|f| (code, f)))
            })
            .await?;
        let (row, family) = found.ok_or_else(|| bad_grant("the code is not good"))?;
        let now = self.env.now();
        if family.application != client.id {
            // Somebody else has the code: what it stands for is over.
            self.kill(family.id, "a code was presented by another client").await?;
            return Err(bad_grant("the code is not good"));
        }
        if row.used_at.is_some() {
            self.kill(family.id, "a code was presented twice").await?;
            return Err(bad_grant("the code is not good"));
        }
        let verifier_ok = (43..=128).contains(&verifier.len())
            && URL_SAFE_NO_PAD.encode(hash(verifier)) == row.challenge;
        let address_ok = params.get("redirect_uri").is_none_or(|r| r == row.redirect_uri);
        if now >= row.expires_at || family.revoked_at.is_some() || !verifier_ok || !address_ok {
            return Err(bad_grant("the code is not good"));
        }
        let facts = Facts::of(&family)?;
        self.still_permitted(&family, &facts).await?;
        let with_refresh = offline(client, &family);
        let minted = self.mint(client, &family, &facts, with_refresh)?;
        let event = self.issued(&family, &facts, "authorization_code");
        let minted = std::sync::Arc::new(minted);
        let (me, keep, id) = (self.clone(), minted.clone(), family.id);
        let used = self
            .db
            .write(move |c| {
                if !rows::use_code(c, &code_hash, now)? {
                    return Ok(Use::Replayed);
                }
                me.still_stands(c, id)?;
                keep.keep(c)?;
                event::append(c, &event)?;
                Ok::<_, OAuthError>(Use::Good)
            })
            .await?;
        if let Use::Replayed = used {
            self.kill(family.id, "a code was presented twice").await?;
            return Err(bad_grant("the code is not good"));
        }
        Ok(response(&minted, &family))
    }

    async fn refresh(
        &self,
        client: &ApplicationView,
        params: &Params,
    ) -> Result<TokenResponse, OAuthError> {
        let token = params.need("refresh_token", "refresh_token is missing")?;
        let token_hash = hash(token);
        let found = self
            .db
            .read(move |c| {
                let Some(refresh) = rows::refresh(c, &token_hash)? else { return Ok(None) };
                let family = rows::family(c, refresh.family)?;
                Ok::<_, StoreError>(family.map(|f| (refresh, f)))
            })
            .await?;
        let (row, mut family) = found.ok_or_else(|| bad_grant("the refresh token is not good"))?;
        let now = self.env.now();
        if family.application != client.id {
            self.kill(family.id, "a refresh token was presented by another client").await?;
            return Err(bad_grant("the refresh token is not good"));
        }
        if row.used_at.is_some() {
            self.kill(family.id, "a refresh token was presented twice").await?;
            return Err(bad_grant("the refresh token is not good"));
        }
        if now >= row.expires_at || now >= family.expires_at || family.revoked_at.is_some() {
            return Err(bad_grant("the refresh token is not good"));
        }
        // What the application may not have any more is gone from what was granted.
        family.scopes.retain(|s| client.settings.scopes.contains(s));
        // Fewer scopes may be asked for, never more (RFC 6749 section 6).
        let wanted = params.words("scope");
        if wanted.iter().any(|s| !family.scopes.contains(s)) {
            return Err(OAuthError::new(OAuthCode::InvalidScope, "more than was granted"));
        }
        let facts = Facts::of(&family)?;
        self.still_permitted(&family, &facts).await?;
        if !wanted.is_empty() {
            family.scopes = wanted;
        }
        let mut repeated = facts.clone();
        // A nonce belongs to the first ID token (Core section 12.2).
        repeated.nonce = None;
        let minted =
            std::sync::Arc::new(self.mint(client, &family, &repeated, WithRefresh::Yes)?);
        let event = self.issued(&family, &facts, "refresh_token");
        let (me, keep, id) = (self.clone(), minted.clone(), family.id);
        let used = self
            .db
            .write(move |c| {
                if !rows::use_refresh(c, &token_hash, now)? {
                    return Ok(Use::Replayed);
                }
                me.still_stands(c, id)?;
                keep.keep(c)?;
                event::append(c, &event)?;
                Ok::<_, OAuthError>(Use::Good)
            })
            .await?;
        if let Use::Replayed = used {
            self.kill(family.id, "a refresh token was presented twice").await?;
            return Err(bad_grant("the refresh token is not good"));
        }
        Ok(response(&minted, &family))
    }

    async fn client_credentials(
        &self,
        client: &ApplicationView,
        params: &Params,
        network: &Network,
    ) -> Result<TokenResponse, OAuthError> {
        let unauthorized = || {
            OAuthError::new(OAuthCode::UnauthorizedClient, "this client does not sign in as itself")
        };
        if client.settings.kind != Kind::Workload {
            return Err(unauthorized());
        }
        let who = client.settings.workload.ok_or_else(unauthorized)?;
        let mut scopes = params.words("scope");
        if scopes.iter().any(|s| !client.settings.scopes.contains(s) || s == "openid") {
            return Err(OAuthError::new(
                OAuthCode::InvalidScope,
                "a scope that this client may not have",
            ));
        }
        scopes.sort();
        scopes.dedup();
        let now = self.env.now();
        let actor = Actor { network: network.clone(), ..Actor::identity(who, Vec::new()) };
        let act = OpenApplication { application: client.id };
        if self.ask(&actor, act).await?.is_err() {
            return Err(OAuthError::new(OAuthCode::AccessDenied, "policy does not permit it"));
        }
        let facts = Facts { address: network.address, ..Facts::default() };
        let family = Family {
            id: TokenFamilyId::new(&self.env),
            application: client.id,
            identity: who,
            session: None,
            scopes,
            facts: json!(facts),
            created_at: now,
            expires_at: now + SHORT,
            revoked_at: None,
        };
        let minted = std::sync::Arc::new(self.mint(client, &family, &facts, WithRefresh::No)?);
        let event = self.issued(&family, &facts, "client_credentials");
        let (me, keep, row) = (self.clone(), minted.clone(), family.clone());
        self.db
            .write(move |c| {
                me.begin_family(c, &row)?;
                keep.keep(c)?;
                event::append(c, &event)?;
                Ok::<_, OAuthError>(())
            })
            .await?;
        Ok(response(&minted, &family))
    }

    pub(crate) fn issued(&self, family: &Family, facts: &Facts, by: &str) -> Event {
        Event::new(&self.env, Class::ApiActivity, "token.issued", &facts.actor(family))
            .on(Entity::new("Application", family.application))
            .with("family", family.id.to_string())
            .with("grant_type", by)
            .with("scopes", json!(family.scopes))
    }

    /// Revokes a family because something was presented that should not have been.
    pub(crate) async fn kill(
        &self,
        id: TokenFamilyId,
        because: &'static str,
    ) -> Result<(), OAuthError> {
        let me = self.clone();
        self.db
            .write(move |c| {
                let actor = Actor::system("token replay");
                let record = |f: &Family| {
                    let event = me.ended(Class::DetectionFinding, &actor, f);
                    event.failed().with("because", because)
                };
                let family = rows::family(c, id)?;
                me.end_families(c, family.as_slice(), &End { because, record: &record })
            })
            .await?;
        Ok(())
    }

    /// Whether the decider would still give it: asked at every use, so that no
    /// token outlives the right to it.
    async fn still_permitted(&self, family: &Family, facts: &Facts) -> Result<(), OAuthError> {
        let gone = || bad_grant("the access was withdrawn");
        if !self.signed_in(family).await? {
            return Err(gone());
        }
        let act = OpenApplication { application: family.application };
        match self.ask(&facts.actor(family), act).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(gone()),
        }
    }

    /// Whether the session that it came from, if it came from one, still stands.
    pub(crate) async fn signed_in(&self, family: &Family) -> Result<bool, OAuthError> {
        let Some(id) = family.session else { return Ok(true) };
        let alive = self.db.read(move |c| session::find(c, id)).await?;
        Ok(alive.is_some_and(|s| self.env.now() < s.expires_at))
    }

    /// The live family of an access token, if the token is good in every respect.
    async fn active(
        &self,
        token: &str,
    ) -> Result<Option<(Map<String, Value>, Family)>, OAuthError> {
        let Some(claims) = self.verify(TokenKind::Access, token) else { return Ok(None) };
        let now = self.env.now();
        let Some(jti) = Jti::of(&claims).filter(|j| now < j.ends) else { return Ok(None) };
        let (id, key) = (jti.family, jti.hash());
        let found = self
            .db
            .read(move |c| {
                let revoked = rows::access_was_revoked(c, &key)?;
                Ok::<_, StoreError>(rows::family(c, id)?.filter(|_| !revoked))
            })
            .await?;
        let Some(family) = found else { return Ok(None) };
        if family.revoked_at.is_some() || now >= family.expires_at {
            return Ok(None);
        }
        let facts = Facts::of(&family)?;
        match self.still_permitted(&family, &facts).await {
            Ok(()) => Ok(Some((claims, family))),
            Err(e) if e.code == OAuthCode::InvalidGrant => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// `GET /oauth2/userinfo` (Core section 5.3).
    pub async fn userinfo(&self, bearer: &str) -> Result<Value, OAuthError> {
        let refused = || OAuthError::new(OAuthCode::InvalidToken, "the access token is not good");
        let (token, mut family) = self.active(bearer).await?.ok_or_else(refused)?;
        let application =
            self.application(&family.application.to_string()).await.map_err(|_| refused())?;
        // A token may have fewer scopes than its family: it opens no more than its own,
        // and nothing that its application may not have any more.
        let own = token.get("scope").and_then(Value::as_str).unwrap_or_default();
        let may = &application.settings.scopes;
        family.scopes.retain(|s| own.split(' ').any(|o| o == s) && may.contains(s));
        if !family.scopes.iter().any(|s| s == "openid") {
            // RFC 6750 section 3.1.
            return Err(OAuthError::new(OAuthCode::InsufficientScope, "openid was not granted"));
        }
        let who = family.identity;
        let person = self.db.read(move |c| identity::find(c, who)).await?.ok_or_else(refused)?;
        Ok(Value::Object(self.person_claims(&application, &family, &person)))
    }

    /// `POST /oauth2/introspect` (RFC 7662): for the token's own client, and for
    /// resource servers. Whatever is not active says so and nothing else.
    pub async fn introspect(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<Value, OAuthError> {
        let client = self.proven_client(params, authorization).await?;
        let token = params.need("token", "token is missing")?;
        let inactive = json!({ "active": false });
        if let Some((claims, family)) = self.active(token).await? {
            if !may_see(&client, family.application) {
                return Ok(inactive);
            }
            let mut answer = claims;
            answer.insert("active".to_owned(), true.into());
            answer.insert("token_type".to_owned(), "Bearer".into());
            let name = self.engine.world().name_of(family.identity);
            answer.insert("username".to_owned(), name.map(|n| n.to_string()).into());
            return Ok(Value::Object(answer));
        }
        let key = hash(token);
        let found = self
            .db
            .read(move |c| {
                let Some(refresh) = rows::refresh(c, &key)? else { return Ok(None) };
                Ok::<_, StoreError>(rows::family(c, refresh.family)?.map(|f| (refresh, f)))
            })
            .await?;
        let Some((refresh, family)) = found else { return Ok(inactive) };
        let now = self.env.now();
        let dead = refresh.used_at.is_some()
            || now >= refresh.expires_at
            || family.revoked_at.is_some()
            || now >= family.expires_at
            || !may_see(&client, family.application);
        if dead || self.still_permitted(&family, &Facts::of(&family)?).await.is_err() {
            return Ok(inactive);
        }
        Ok(json!({
            "active": true, "client_id": family.application, "sub": family.identity,
            "scope": family.scopes.join(" "), "exp": refresh.expires_at.secs(),
        }))
    }

    /// `POST /oauth2/revoke` (RFC 7009). An unknown token is no error; one of
    /// another client is left alone.
    pub async fn revoke(
        &self,
        params: &Params,
        authorization: Option<&str>,
    ) -> Result<(), OAuthError> {
        let client = self.client(params, authorization).await?;
        let token = params.need("token", "token is missing")?;
        let (client, now) = (client.id, self.env.now());
        let jti = self.verify(TokenKind::Access, token).and_then(|c| Jti::of(&c));
        let key = hash(token);
        let me = self.clone();
        self.db
            .write(move |c| {
                let family = match (&jti, rows::refresh(c, &key)?) {
                    (_, Some(refresh)) => rows::family(c, refresh.family)?,
                    (Some(jti), None) => rows::family(c, jti.family)?,
                    (None, None) => None,
                };
                let Some(family) = family.filter(|f| f.application == client) else {
                    return Ok(());
                };
                let because = "revoked by its client";
                let actor = Actor::system(because);
                let record = |f: &Family| {
                    Event::new(&me.env, Class::ApiActivity, "token.revoked", &actor)
                        .on(Entity::new("Application", client))
                        .with("family", f.id.to_string())
                };
                match &jti {
                    Some(jti) => {
                        if rows::revoke_access(c, &jti.hash(), family.id, jti.ends, now)? {
                            event::append(c, &record(&family))?;
                            change::bump(c, "token_family", family.id, now)?;
                        }
                    }
                    None => {
                        me.end_families(c, &[family], &End { because, record: &record })?;
                    }
                }
                Ok::<_, StoreError>(())
            })
            .await?;
        Ok(())
    }

    /// The applications that somebody may open now: the portal's launcher.
    pub async fn openable(
        &self,
        actor: &Actor,
    ) -> Result<Vec<(ApplicationView, bool)>, OAuthError> {
        let world = self.engine.world();
        let ids: Vec<ApplicationId> = world.applications().map(|(id, _)| id).collect();
        let mut found = Vec::new();
        for id in ids {
            let permitted = self.ask(actor, OpenApplication { application: id }).await?;
            let requestable = match &permitted {
                Ok(_) => true,
                Err(denied) => !denied.requirements.is_empty(),
            };
            if requestable
                && let Ok(view) = self.application(&id.to_string()).await
                && view.enabled
                && view.settings.kind != Kind::Workload
            {
                found.push((view, permitted.is_ok()));
            }
        }
        found.sort_by(|a, b| a.0.title.cmp(&b.0.title));
        Ok(found)
    }
}

fn may_see(client: &ApplicationView, owner: ApplicationId) -> bool {
    client.id == owner || client.settings.resource_server
}

pub(crate) fn offline(client: &ApplicationView, family: &Family) -> WithRefresh {
    let asked = family.scopes.iter().any(|s| s == "offline_access");
    if asked && client.settings.kind != Kind::Workload { WithRefresh::Yes } else { WithRefresh::No }
}

pub(crate) fn response(minted: &Minted, family: &Family) -> TokenResponse {
    TokenResponse {
        access_token: minted.access.clone(),
        token_type: "Bearer",
        expires_in: SHORT.as_secs(),
        id_token: minted.id.clone(),
        refresh_token: minted.refresh.clone(),
        scope: family.scopes.join(" "),
    }
}
