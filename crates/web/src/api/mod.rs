//! `/api/v1`: everything that console, portal, command line and scripts do.
//! One operation for each thing; what may be asked, and by whom, is decided by
//! the same policies as everywhere.

mod access;
pub(crate) mod answers;
mod audit;
mod devices;
mod directory;
mod effective;
mod house;
mod listing;
mod live;
mod me;
pub(crate) mod openapi;
mod orders;
mod own;
mod policies;
mod prelude;
mod protocols;
mod sessions;
mod ssh_ca;
mod standing;
mod support;
mod targets;
mod vault;
mod webhooks;

pub(crate) use access::risk_for;

use crate::table::{Api, Table};

/// The routes of the API.
pub(crate) fn table() -> Table {
    own().with(people()).with(reach()).with(privileged()).with(keys()).with(rules()).with(house()).0
}

fn under() -> Api {
    Api(Table::under("/api/v1"))
}

fn own() -> Api {
    under()
        .get("/session", "Who I am", me::session)
        .delete("/session", "Sign out", me::sign_out)
        .get("/own/sessions", "My sessions", me::sessions)
        .delete("/own/sessions/{id}", "End one of my sessions", me::end_session)
        .get("/own/devices", "What I sign in with", devices::mine)
        .delete(
            "/own/devices/{id}",
            "Forget one of my devices; its sessions end",
            devices::forget_mine,
        )
        .get("/own/authenticators", "My authenticators", me::authenticators)
        .delete(
            "/own/authenticators/{id}",
            "Remove one of my authenticators",
            me::remove_authenticator,
        )
        .post("/own/ssh-keys", "Enrol an SSH key", me::add_ssh_key)
        .get("/own/activity", "What I did", me::activity)
        .get("/own/applications", "Applications that I can open or ask for", own::applications)
        .get("/own/targets", "Accounts that I reach or can ask for", own::targets)
        .get("/own/approvals", "Requests that wait for my word", own::approvals)
        .get("/own/requests", "What I asked for", own::requests)
        .get("/own/grants", "Grants that I hold", own::grants)
        .get("/own/privileged-sessions", "My privileged sessions", own::privileged_sessions)
        .get("/own/permissions", "What I may do over the whole house", own::permissions)
        .public_post("/device/start", "Begin to sign in a command line", me::device_start)
        .public_post("/device/poll", "Ask whether it was confirmed", me::device_poll)
}

fn people() -> Api {
    under()
        .get("/identities", "List people and workloads", directory::identities)
        .post("/identities", "Add a person or a workload", directory::create_identity)
        .get("/identities/{name}", "Show one", directory::show_identity)
        .patch("/identities/{name}", "Change one", directory::change_identity)
        .delete("/identities/{name}", "Delete one", directory::delete_identity)
        .post("/identities/{name}/disable", "Turn everything off for one", directory::disable)
        .post("/identities/{name}/enable", "Let one in again", directory::enable)
        .post("/identities/{name}/invite", "Make a one-time link", directory::invite)
        .get("/identities/{name}/sessions", "Somebody's sessions", directory::sessions_of)
        .delete(
            "/identities/{name}/sessions",
            "End somebody's sessions",
            directory::end_sessions_of,
        )
        .get("/devices", "List what people sign in with", devices::list)
        .patch("/devices/{id}", "Say whether a device is managed", devices::change)
        .delete("/devices/{id}", "Forget a device; its sessions end", devices::forget)
        .get("/groups", "List groups", directory::groups)
        .post("/groups", "Add a group", directory::create_group)
        .get("/groups/{name}", "Show a group and its members", directory::show_group)
        .patch("/groups/{name}", "Change a group", directory::change_group)
        .delete("/groups/{name}", "Delete a group", directory::delete_group)
        .put("/groups/{name}/{kind}/{member}", "Put a member in", directory::add_member)
        .delete("/groups/{name}/{kind}/{member}", "Take a member out", directory::remove_member)
        .get("/roles", "List roles", directory::roles)
        .post("/roles", "Add a role", directory::create_role)
        .get("/roles/{name}", "Show a role and its holders", directory::show_role)
        .patch("/roles/{name}", "Change a role", directory::change_role)
        .delete("/roles/{name}", "Delete a role", directory::delete_role)
        .put("/roles/{name}/{kind}/{holder}", "Assign a role", directory::assign_role)
        .delete("/roles/{name}/{kind}/{holder}", "Take a role away", directory::unassign_role)
}

fn reach() -> Api {
    under()
        .get("/protocols", "The kinds of target, and the settings of each", protocols::list)
        .post(
            "/protocols/{name}/host-keys",
            "Ask a host for its keys, to be compared and pinned; recorded first",
            protocols::host_keys,
        )
        .get("/targets", "List targets", targets::targets)
        .post("/targets", "Add a target", targets::create_target)
        .get("/targets/{name}", "Show a target and its accounts", targets::show_target)
        .patch("/targets/{name}", "Change a target", targets::change_target)
        .delete("/targets/{name}", "Delete a target", targets::delete_target)
        .post("/targets/{name}/accounts", "Add an account", targets::create_account)
        .patch("/targets/{name}/accounts/{account}", "Change an account", targets::change_account)
        .delete("/targets/{name}/accounts/{account}", "Delete an account", targets::delete_account)
        .put(
            "/targets/{name}/accounts/{account}/credential",
            "Set its credential",
            targets::set_credential,
        )
        .post("/targets/{name}/accounts/{account}/rotate", "Rotate its credential", targets::rotate)
        .post(
            "/targets/{name}/accounts/{account}/test",
            "Ask the target whether its credential works; recorded first",
            targets::test_credential,
        )
        .public_get("/ssh-ca", "The keys that targets must trust for certificates", ssh_ca::show)
        .public_get("/ssh-ca.pub", "The same as a file for TrustedUserCAKeys", ssh_ca::file)
        .post("/ssh-ca/rotate", "Give the SSH authority a new key", ssh_ca::rotate)
        .get("/applications", "List applications", targets::applications)
        .post("/applications", "Register an application", targets::create_application)
        .get("/applications/{name}", "Show an application", targets::show_application)
        .patch("/applications/{name}", "Change an application", targets::change_application)
        .delete("/applications/{name}", "Delete an application", targets::delete_application)
        .post(
            "/applications/{name}/test",
            "Try a sign-in as myself: what the application would get; recorded",
            targets::test_sign_in,
        )
        .post(
            "/applications/{name}/secret",
            "Give it a new secret",
            targets::rotate_application_secret,
        )
}

fn privileged() -> Api {
    under()
        .get("/requests", "List requests that I may see", access::requests)
        .post("/requests", "Ask for access", access::file_request)
        .get("/requests/{id}", "Show a request", access::show_request)
        .post("/requests/{id}/decide", "Approve or deny", access::decide_request)
        .post("/requests/{id}/withdraw", "Take my request back", access::withdraw_request)
        .get("/grants", "List grants that I may see", access::grants)
        .post("/grants/break-glass", "Take access at once, to be reviewed", access::break_glass)
        .get("/grants/{id}", "Show a grant", access::show_grant)
        .post("/grants/{id}/return", "Give my grant back", access::return_grant)
        .post("/grants/{id}/revoke", "End somebody's grant", access::revoke_grant)
        .post("/grants/{id}/review", "Review a break-glass grant", access::review_grant)
        .get("/privileged-sessions", "List privileged sessions that I may see", sessions::list)
        .get("/privileged-sessions/{id}", "Show one", sessions::show)
        .get("/privileged-sessions/{id}/commands", "Its commands", sessions::commands)
        .get("/privileged-sessions/{id}/files", "Its file operations", sessions::files)
        .get("/privileged-sessions/{id}/watch", "Watch it live (asciicast v2)", sessions::watch)
        .post("/privileged-sessions/{id}/end", "Cut it", sessions::end)
        .post("/privileged-sessions/{id}/freeze", "Let nothing pass in it", orders::freeze)
        .post("/privileged-sessions/{id}/thaw", "Let it go on", orders::thaw)
        .get("/privileged-sessions/{id}/watchers", "Who watches it now", sessions::watchers)
        .get("/privileged-sessions/{id}/orders", "What was wanted of it", orders::list)
        .post("/privileged-sessions/{id}/messages", "Write to the person in it", orders::message)
        .get(
            "/privileged-sessions/{id}/recording",
            "Its recording (asciicast v2)",
            sessions::recording,
        )
}

fn keys() -> Api {
    under()
        .get("/secrets", "List secrets, never their values", vault::list)
        .get("/secrets/{name}", "Show a secret, not its value", vault::show)
        .put("/secrets/{name}", "Create a secret or give it a new version", vault::write)
        .delete("/secrets/{name}", "Delete a secret", vault::delete)
        .post("/secrets/{name}/read", "Read a value; recorded first", vault::read)
        .get("/secrets/{name}/versions", "Versions of a secret", vault::versions)
        .get("/seal", "Sealed or not", vault::seal_status)
        .post("/seal", "Seal now", vault::seal)
        .public_post("/seal/unseal", "Give the passphrase or a share", vault::unseal)
        .post("/seal/reset", "Forget the shares given so far", vault::reset_unseal)
        .post("/seal/rekey", "Keep the root key under something else", vault::rekey)
}

fn rules() -> Api {
    under()
        .get("/policies", "List policies", policies::list)
        .post("/policies/check", "Validate a text", policies::check)
        .post("/policies/test", "Run a table of expectations", policies::test)
        .post("/policies/explain", "Why may somebody, or not?", policies::explain)
        .get("/access", "Who reaches what, and by which path", effective::list)
        .get("/access/history", "How much privilege stands and stood, by day", standing::history)
        .get("/policies/{name}", "Show a policy", policies::show)
        .put("/policies/{name}", "Create or change a policy", policies::write)
        .delete("/policies/{name}", "Delete a policy", policies::delete)
        .post("/policies/{name}/enable", "Put it in force", policies::enable)
        .post("/policies/{name}/disable", "Put it out of force", policies::disable)
}

fn house() -> Api {
    under()
        .get("/audit/events", "Search the log, newest first", audit::events)
        .get("/audit/export", "Export all that fits as JSON lines in OCSF's terms", audit::export)
        .get("/audit/checkpoint", "The signed head of the log", audit::checkpoint)
        .get("/audit/events/{id}/proof", "The proof that an event is in the log", audit::proof)
        .get(
            "/audit/consistency",
            "The proof that nothing under a kept checkpoint was changed",
            audit::consistency,
        )
        .get("/webhooks", "List webhooks", webhooks::list)
        .post("/webhooks", "Add a webhook; its secret is shown once", webhooks::create)
        .patch("/webhooks/{id}", "Change a webhook", webhooks::change)
        .delete("/webhooks/{id}", "Delete a webhook", webhooks::delete)
        .get("/live", "What kinds of things change, as server-sent events", live::follow)
        .public_get("/health", "Whether it answers", house::health)
        .get("/status", "The state of the house", house::status)
        .get("/nodes", "The nodes, the one that was there last first", house::nodes)
        .public_get("/openapi.json", "This description", openapi::serve)
}
