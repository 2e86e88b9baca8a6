//! The first start: policies, the first administrator and their one-time link.

use doorward_core::{
    Act, Actor, Allowed, Context, CreateIdentity, CreateRole, ManageAuthenticators, WriteRole,
    authorize,
};
use doorward_directory::{Holder, IdentityKind, NewPerson, NewRole};
use doorward_signin::{Link, LinkPurpose};

use crate::house::{House, HouseError};

/// The role that the starter policies give the house to.
const ADMINISTRATOR: &str = "administrator";

impl House {
    /// Doorward's own permission, for its own reasons.
    pub(crate) fn own<A: Act>(&self, reason: &str, act: A) -> Result<Allowed<A>, HouseError> {
        authorize(&*self.state.engine, &Actor::system(reason), act, &Context::default())
            .map_err(|_| HouseError::Refused(A::ACTION))
    }

    /// Makes the first administrator when there is nobody at all; gives the link.
    pub async fn first_administrator(&self) -> Result<Option<Link>, HouseError> {
        const WHY: &str = "first start";
        let somebody = self
            .state
            .db
            .read(|c| doorward_store::facts::identities(c).map(|all| !all.is_empty()))
            .await?;
        if somebody {
            return Ok(None);
        }
        let directory = &self.state.directory;
        let person = NewPerson {
            name: "admin".to_owned(),
            display_name: Some("Administrator".to_owned()),
            email: None,
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Default::default(),
        };
        let made = directory.create_person(&self.own(WHY, CreateIdentity {})?, person).await?;
        debug_assert!(made.kind == IdentityKind::Person);
        let role = NewRole {
            name: ADMINISTRATOR.to_owned(),
            description: "Runs Doorward, without reaching through it".to_owned(),
        };
        let role = directory.create_role(&self.own(WHY, CreateRole {})?, role).await?;
        let allowed = self.own(WHY, WriteRole { role: role.id })?;
        directory.assign_role(&allowed, Holder::Identity(made.id), None).await?;
        let allowed = self.own(WHY, ManageAuthenticators { identity: made.id })?;
        Ok(Some(self.state.signin.create_link(&allowed, LinkPurpose::FirstAdministrator).await?))
    }
}
