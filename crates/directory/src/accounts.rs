//! Accounts on targets.

use doorward_core::{AccountId, Allowed, Class, Entity, ReadTarget, TargetId, WriteTarget};
use doorward_store::account::{self, Account};
use doorward_store::target::{self, Labels};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::field;
use crate::{Directory, record, touched, unchanged};

/// An account that is to be added.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// Its name on the target: `root`.
    pub name: String,
    /// Labels for policies.
    #[serde(default)]
    pub labels: Labels,
}

/// A change of some fields. What opens an account is the vault's to change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Another name.
    #[serde(default)]
    pub name: Option<String>,
    /// All labels anew.
    #[serde(default)]
    pub labels: Option<Labels>,
}

impl Directory {
    /// Adds an account to the target.
    pub async fn create_account(
        &self,
        allowed: &Allowed<WriteTarget>,
        new: NewAccount,
    ) -> Result<Account> {
        field::labels(&new.labels)?;
        let made = Account {
            id: AccountId::new(&self.env),
            target: allowed.act().target,
            name: login(&new.name)?,
            labels: new.labels,
            secret: None,
            created_at: self.env.now(),
            version: 1,
        };
        let event = self
            .event(
                Class::EntityManagement,
                "account.created",
                allowed,
                Entity::new("Account", made.id),
            )
            .with("name", made.name.as_str())
            .with("target", made.target.to_string());
        self.db
            .write(move |c| {
                target::find(c, made.target)?.ok_or(Error::NotFound("target"))?;
                account::insert(c, &made).map_err(|e| clash(&made.name, e))?;
                record(c, &event, "account", made.id)?;
                Ok(made.clone())
            })
            .await
    }

    /// Changes an account of the target.
    pub async fn update_account(
        &self,
        allowed: &Allowed<WriteTarget>,
        id: AccountId,
        expected: Option<i64>,
        change: AccountChange,
    ) -> Result<Account> {
        let target = allowed.act().target;
        let base = self.event(
            Class::EntityManagement,
            "account.updated",
            allowed,
            Entity::new("Account", id),
        );
        self.db
            .write(move |c| {
                let mut found = of_target(c, target, id)?;
                unchanged("account", expected, found.version)?;
                let mut fields = Vec::new();
                if let Some(name) = &change.name {
                    found.name = login(name)?;
                    fields.push("name");
                }
                if let Some(labels) = &change.labels {
                    field::labels(labels)?;
                    found.labels = labels.clone();
                    fields.push("labels");
                }
                let done = account::update(c, &found).map_err(|e| clash(&found.name, e))?;
                touched("account", done)?;
                found.version += 1;
                record(c, &base.clone().with("fields", fields), "account", id)?;
                Ok(found)
            })
            .await
    }

    /// Removes an account of the target.
    pub async fn delete_account(
        &self,
        allowed: &Allowed<WriteTarget>,
        id: AccountId,
        expected: Option<i64>,
    ) -> Result<()> {
        let target = allowed.act().target;
        let base = self.event(
            Class::EntityManagement,
            "account.deleted",
            allowed,
            Entity::new("Account", id),
        );
        self.db
            .write(move |c| {
                let found = of_target(c, target, id)?;
                unchanged("account", expected, found.version)?;
                touched("account", account::delete(c, id, found.version)?)?;
                record(c, &base.clone().with("name", found.name.as_str()), "account", id)
            })
            .await
    }

    /// One account.
    pub async fn account(&self, _allowed: &Allowed<ReadTarget>, id: AccountId) -> Result<Account> {
        self.any_account(id).await
    }

    /// One account, for code that holds the permission for that account.
    pub async fn any_account(&self, id: AccountId) -> Result<Account> {
        self.db.read(move |c| account::find(c, id)).await?.ok_or(Error::NotFound("account"))
    }

    /// The account that `account@target` means; what it is told to nobody who
    /// may not open it is up to the asker.
    pub async fn find_account(&self, target: &str, account: &str) -> Result<Option<Account>> {
        let (target, account) = (target.to_owned(), account.to_owned());
        Ok(self
            .db
            .read(move |c| {
                let Some(t) = target::by_name(c, &target)? else { return Ok(None) };
                account::by_name(c, t.id, &account)
            })
            .await?)
    }

    /// The accounts of a target.
    pub async fn accounts(
        &self,
        _allowed: &Allowed<ReadTarget>,
        target: TargetId,
    ) -> Result<Vec<Account>> {
        self.db
            .read(move |c| {
                target::find(c, target)?.ok_or(Error::NotFound("target"))?;
                Ok(account::of_target(c, target)?)
            })
            .await
    }
}

/// The account, if it is this target's: a permission for one target is none
/// for the accounts of another.
fn of_target(c: &doorward_store::Conn<'_>, target: TargetId, id: AccountId) -> Result<Account> {
    account::find(c, id)?.filter(|a| a.target == target).ok_or(Error::NotFound("account"))
}

fn clash(name: &str, e: doorward_store::Error) -> Error {
    // SQLite lists the columns, PostgreSQL names the constraint.
    let taken = e.is_unique("account_target_name") || e.is_unique("account_target, account_name");
    if taken { Error::Taken { field: "name", value: name.to_owned() } } else { e.into() }
}

/// A login on a foreign system: printable ASCII without spaces or what a shell,
/// a path or `account@target` reads as something else.
fn login(name: &str) -> Result<String> {
    let ok = (1..=64).contains(&name.len())
        && !name.starts_with('-')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-$+".contains(&b));
    if ok {
        Ok(name.to_owned())
    } else {
        Err(Error::field("name", "use 1 to 64 letters, digits, '.', '_', '-', '+' or '$'"))
    }
}
