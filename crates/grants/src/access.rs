//! May somebody in, now, with what they were granted?

use doorward_core::lifecycle::LiveGrant;
use doorward_core::{
    AccountId, Act, Actor, Allowed, ApplicationId, Context, Denied, Entity, OpenApplication,
    OpenSession, authorize,
};

use crate::service::Grants;

/// The answer.
#[derive(Clone, Debug)]
pub enum Access<A> {
    /// Yes.
    Now {
        /// The permission.
        allowed: Box<Allowed<A>>,
        /// The grant that it stands on; none when policy needs none.
        grant: Option<LiveGrant>,
    },
    /// No, and what would change it.
    Denied(Denied),
}

impl Grants {
    /// May the actor open a privileged session on the account?
    pub async fn access(
        &self,
        actor: &Actor,
        account: AccountId,
    ) -> Result<Access<OpenSession>, doorward_store::Error> {
        self.open(actor, OpenSession { account }, &Entity::new("Account", account)).await
    }

    /// May the actor open the application?
    pub async fn access_application(
        &self,
        actor: &Actor,
        application: ApplicationId,
    ) -> Result<Access<OpenApplication>, doorward_store::Error> {
        let about = Entity::new("Application", application);
        self.open(actor, OpenApplication { application }, &about).await
    }

    /// Asks without a grant, then with each that is in force. Of several denials
    /// the one that is nearest to a yes is given.
    async fn open<A: Act>(
        &self,
        actor: &Actor,
        act: A,
        about: &Entity,
    ) -> Result<Access<A>, doorward_store::Error> {
        let decider = self.decider().as_ref();
        let mut nearest = match authorize(decider, actor, act.clone(), &Context::default()) {
            Ok(allowed) => {
                return Ok(Access::Now { allowed: Box::new(allowed), grant: None });
            }
            Err(denied) => denied,
        };
        let grants = match actor.id() {
            Some(holder) => self.live_for(holder, about).await?,
            None => Vec::new(),
        };
        for grant in grants {
            match authorize(decider, actor, act.clone(), &grant.context()) {
                Ok(allowed) => {
                    return Ok(Access::Now { allowed: Box::new(allowed), grant: Some(grant) });
                }
                Err(denied) if nearer(&denied, &nearest) => nearest = denied,
                Err(_) => {}
            }
        }
        Ok(Access::Denied(nearest))
    }
}

/// Whether fewer facts are missing. With none named, nothing would help.
fn nearer(a: &Denied, b: &Denied) -> bool {
    !a.requirements.is_empty()
        && (b.requirements.is_empty() || a.requirements.len() < b.requirements.len())
}
