//! What a protocol holds open beside a session, decided again like the session.

use doorward_core::lifecycle::EndCause;
use doorward_core::{Act, Allowed};
use doorward_watch::{Lasting, Registration};

use crate::kernel::Gate;

impl Gate {
    /// Something lasts on this permission: `on_end` is called once it holds no more.
    /// Dropping what is given forgets it.
    pub fn hold<A: Act>(
        &self,
        allowed: &Allowed<A>,
        on_end: impl FnOnce(EndCause) + Send + 'static,
    ) -> Registration {
        self.0.watch.register(Lasting {
            question: allowed.question(),
            asked_at: allowed.at(),
            until: None,
            on_end: Box::new(on_end),
        })
    }
}
