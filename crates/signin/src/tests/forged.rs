//! Whoever can write the database, and has none of the house's keys, proves nothing
//! with it.

use doorward_core::{AuthenticatorId, IdentityId};
use doorward_store::authenticator::{self, Authenticator};
use doorward_store::{Value, args};

use super::enrolling::KEY;
use super::house::*;

const HIS: &str = "another long sentence of mallory";

impl House {
    /// What a writer of the database does; it must touch something.
    async fn sql(&self, sql: &'static str, values: &[Value]) {
        let values = values.to_vec();
        assert!(self.db.write(move |c| c.execute(sql, &values)).await.unwrap() > 0, "{sql}");
    }

    /// How many rows were told to be forged, each once.
    async fn forged(&self) -> i64 {
        self.db.tell_forged().await.unwrap();
        self.events("row.forged").await
    }

    /// Somebody with a password of their own and nothing else yet.
    async fn with_password(&self, name: &str, password: &str) -> IdentityId {
        let person = self.person(name).await;
        let link = self.link(person.id).await;
        let turn = self.signin.begin_link(link.token().expose(), &client()).await.unwrap();
        let mut b = Browser::at(self, turn);
        b.answer(&[("new_password", password)]).await;
        b.answer(&[("use", "totp")]).await;
        let seed = b.seed();
        b.answer(&[("code", &self.code(&seed))]).await;
        b.finish(&[("saved", "yes")]).await;
        person.id
    }

    /// The step after this password.
    async fn after_password(&self, name: &str, password: &str) -> String {
        let mut b = Browser::open(self).await;
        b.answer(&[("name", name)]).await;
        b.answer(&[("password", password)]).await;
        b.prompt.step.to_string()
    }
}

/// A public key of his own in another's account.
#[tokio::test]
async fn ssh_key_that_was_written_into_the_database_opens_nothing() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let mallory = h.enrolled("mallory").await;
        let own = h.own(&mallory.finished.session);
        let key = h.signin.add_ssh_key(&own, "", KEY).await.unwrap();
        let print = key.fingerprint.unwrap();
        assert!(h.signin.identity_by_ssh_key(&print).await.unwrap().is_some());

        // His own row, given to her.
        let moved = "UPDATE authenticator SET identity = $1 WHERE id = $2";
        h.sql(moved, args![ada.id, key.id]).await;
        assert_eq!(h.signin.identity_by_ssh_key(&print).await.unwrap(), None);
        assert!(h.signin.ssh_key_proven(key.id, ada.id, &network()).await.is_err());
        assert_eq!(h.forged().await, 1);
        h.sql(moved, args![mallory.id, key.id]).await;
        assert!(h.signin.identity_by_ssh_key(&print).await.unwrap().is_some(), "put right");

        // A copy of it, with its MAC, under another id.
        h.sql(
            "INSERT INTO authenticator (id, identity, factor, label, lookup, data, counter, created_at, version, mac)
             SELECT $1, $2, factor, label, lookup || 'x', data, counter, created_at, version, mac
             FROM authenticator WHERE id = $3",
            args![AuthenticatorId::new(&h.env.env()), ada.id, key.id],
        )
        .await;
        let found = h.signin.identity_by_ssh_key(&format!("{print}x")).await.unwrap();
        assert_eq!(found, None);
        let shown = h.signin.authenticators(&h.own(&ada.finished.session)).await.unwrap();
        assert!(shown.iter().all(|a| a.factor != "ssh-key"), "nor is it listed: {shown:?}");
        assert_eq!(h.forged().await, 2);
        assert_eq!(h.forged().await, 2, "once for each");
    })
    .await;
}

/// His own password in the place of hers.
#[tokio::test]
async fn password_hash_of_another_signs_nobody_in() {
    each_house(|h| async move {
        let ada = h.with_password("ada", PASSWORD).await;
        let mallory = h.with_password("mallory", HIS).await;
        assert_eq!(h.after_password("mallory", HIS).await, "totp");
        assert_eq!(h.after_password("ada", HIS).await, "password");
        h.sql(
            "UPDATE authenticator SET data = (SELECT a.data FROM authenticator a WHERE a.identity = $2 AND a.factor = 'password')
             WHERE identity = $1 AND factor = 'password'",
            args![ada, mallory],
        )
        .await;
        assert_eq!(h.after_password("ada", HIS).await, "password");
        assert_eq!(h.after_password("mallory", HIS).await, "totp");
        assert_eq!(h.forged().await, 1);
        // With the MAC of the row that it came from, too.
        h.sql(
            "UPDATE authenticator SET mac = (SELECT a.mac FROM authenticator a WHERE a.identity = $2 AND a.factor = 'password')
             WHERE identity = $1 AND factor = 'password'",
            args![ada, mallory],
        )
        .await;
        assert_eq!(h.after_password("ada", HIS).await, "password");
    })
    .await;
}

/// A passkey, an authenticator app or a recovery code that is another's, or older.
#[tokio::test]
async fn no_factor_can_be_moved_to_another_identity_or_set_back() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let mallory = h.enrolled("mallory").await;
        let passkey = Authenticator {
            id: AuthenticatorId::new(&h.env.env()),
            identity: mallory.id,
            factor: "passkey".to_owned(),
            label: "key".to_owned(),
            lookup: Some("credential".to_owned()),
            data: b"{}".to_vec(),
            counter: 1,
            created_at: h.env.now(),
            used_at: None,
            version: 1,
        };
        h.db.write(move |c| authenticator::insert(c, &passkey)).await.unwrap();
        let of_ada = || {
            let (id, h) = (ada.id, &h);
            async move { h.db.read(move |c| authenticator::of_identity(c, id)).await.unwrap().len() }
        };
        let before = of_ada().await;
        let steal = "UPDATE authenticator SET identity = $1 WHERE identity = $2 AND factor = $3";
        for factor in ["passkey", "recovery"] {
            h.sql(steal, args![ada.id, mallory.id, factor]).await;
            assert_eq!(of_ada().await, before, "{factor}");
        }
        let by_lookup =
            |c: &doorward_store::Conn<'_>| authenticator::by_lookup(c, "passkey", "credential");
        assert_eq!(h.db.read(by_lookup).await.unwrap(), None);
        // Her app's counter set back, so that a code can be used again.
        h.sign_in("ada", &ada.seed).await;
        h.sql(
            "UPDATE authenticator SET counter = 0 WHERE identity = $1 AND factor = 'totp'",
            args![ada.id],
        )
        .await;
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        let again = b.try_answer(&[("code", &h.code(&ada.seed))]).await;
        assert!(!matches!(again, Ok(Some(_))), "{again:?}");
        assert!(h.forged().await >= 3);
    })
    .await;
}

/// A session that was made or moved in the database, or that proves more than it did.
#[tokio::test]
async fn session_that_was_written_into_the_database_is_nobodys() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let mallory = h.enrolled("mallory").await;
        let token = mallory.finished.token.expose().to_owned();
        let whose = || {
            let (h, token) = (&h, token.clone());
            async move {
                let found = h.signin.authenticate(&token, None, &network()).await.unwrap();
                found.map(|(session, _)| session.identity)
            }
        };
        assert_eq!(whose().await, Some(mallory.id));
        let id = mallory.finished.session.id;
        h.sql("UPDATE session SET identity = $2 WHERE id = $1", args![id, ada.id]).await;
        assert_eq!(whose().await, None);
        h.sql("UPDATE session SET identity = $2 WHERE id = $1", args![id, mallory.id]).await;
        assert_eq!(whose().await, Some(mallory.id));
        let later = i64::MAX;
        h.sql("UPDATE session SET expires_at = $2 WHERE id = $1", args![id, later]).await;
        assert_eq!(whose().await, None);
        // Hers, under his token.
        h.sql("DELETE FROM session WHERE id = $1", args![id]).await;
        let hash = crate::token::presented(&token).unwrap();
        h.sql("UPDATE session SET token_hash = $2 WHERE identity = $1", args![ada.id, hash]).await;
        assert_eq!(whose().await, None);
        assert!(h.forged().await >= 2);
    })
    .await;
}

/// A link by which he would enrol what proves her.
#[tokio::test]
async fn link_that_was_written_into_the_database_leads_nowhere() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let mallory = h.person("mallory").await;
        let link = h.link(mallory.id).await;
        let who = client();
        let open = || h.signin.begin_link(link.token().expose(), &who);
        assert!(open().await.is_ok());
        h.sql("UPDATE one_time_link SET identity = $1 WHERE used_at IS NULL", args![ada.id]).await;
        assert!(open().await.is_err());
        assert_eq!(h.forged().await, 1);
    })
    .await;
}
