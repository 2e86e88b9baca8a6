//! What the bodies of requests hold, for the description of the API. A test
//! compares each list with what is accepted.

/// A field and what it means; a name with `!` must be there.
pub(crate) type Field = (&'static str, &'static str);

const REASON: Field = ("reason!", "why");
const WISH: &[Field] = &[
    ("about!", "account@target, or the name of an application"),
    ("reason", "why"),
    ("duration_seconds", "for how long"),
];
const IDENTITY: &[Field] = &[
    ("kind!", "person or workload"),
    ("name!", "what they sign in with"),
    ("display_name", "what people read"),
    ("email", "of a person"),
    ("relation", "of a person: employee, contractor, partner or vendor"),
    ("owner", "of a workload: who answers for it"),
    ("starts_at", "not before, RFC 3339"),
    ("ends_at", "not after, RFC 3339"),
    ("attributes", "further facts, by name"),
];
const CHANGED_IDENTITY: &[Field] = &[
    ("name", "what they sign in with"),
    ("display_name", "what people read"),
    ("email", "of a person; null takes it away"),
    ("relation", "of a person"),
    ("owner", "of a workload"),
    ("starts_at", "not before; null takes it away"),
    ("ends_at", "not after; null takes it away"),
    ("attributes", "further facts, by name"),
];
const NAMED: &[Field] = &[("name!", "its name"), ("description", "what it is for")];
const RENAMED: &[Field] = &[("name", "its name"), ("description", "what it is for")];

/// The fields of this operation's body.
pub(crate) fn of(method: &str, path: &str) -> &'static [Field] {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    match (method, path) {
        ("POST", "/own/ssh-keys") => {
            &[("label", "what to call it"), ("public_key!", "the line of the .pub file")]
        }
        ("POST", "/device/start") => &[("client", "what asks; the person sees it")],
        ("POST", "/device/poll") => &[("device_token!", "what start gave")],
        ("POST", "/identities") => IDENTITY,
        ("PATCH", "/identities/{name}") => CHANGED_IDENTITY,
        ("POST", "/identities/{name}/disable" | "/identities/{name}/enable") => {
            &[("reason", "why")]
        }
        ("POST", "/identities/{name}/invite") => {
            &[("reset", "whether the link replaces all authenticators")]
        }
        ("POST", "/groups" | "/roles") => NAMED,
        ("PATCH", "/groups/{name}" | "/roles/{name}") => RENAMED,
        ("PUT", "/roles/{name}/{kind}/{holder}") => &[("ends_at", "until when, RFC 3339")],
        ("POST", "/webhooks") => &[
            ("name!", "its name"),
            ("url!", "where it is called"),
            ("events!", "activities, or [\"*\"]"),
        ],
        ("PATCH", "/webhooks/{id}") => &[
            ("url", "where it is called"),
            ("events", "activities, or [\"*\"]"),
            ("enabled", "whether it is called"),
        ],
        ("POST", "/targets") => &[
            ("name!", "its name"),
            ("kind!", "ssh"),
            ("description", "what it is for"),
            ("settings!", "of its kind: host, port, host keys"),
            ("labels", "by name, for policies"),
        ],
        ("PATCH", "/targets/{name}") => &[
            ("name", "its name"),
            ("description", "what it is for"),
            ("settings", "of its kind"),
            ("labels", "by name, for policies"),
            ("enabled", "whether it may be reached"),
        ],
        ("POST", "/targets/{name}/accounts") => &[
            ("name!", "the login"),
            ("labels", "by name, for policies"),
            ("secret", "the id of its secret"),
        ],
        ("PUT", "/targets/{name}/accounts/{account}/credential") => &[
            ("kind!", "password or private_key"),
            ("value!", "the credential; it is never shown again"),
        ],
        ("POST", "/applications") => &[
            ("name!", "its name"),
            ("title!", "what people read"),
            ("description", "what it is for"),
            ("launch_url", "where the portal leads"),
            ("settings!", "how it speaks OpenID Connect"),
        ],
        ("PATCH", "/applications/{name}") => &[
            ("title", "what people read"),
            ("description", "what it is for"),
            ("launch_url", "where the portal leads"),
            ("settings", "how it speaks OpenID Connect"),
            ("enabled", "whether it may be used"),
            ("version", "the version that you saw"),
        ],
        ("POST", "/requests" | "/grants/break-glass") => WISH,
        ("POST", "/requests/{id}/decide") => {
            &[("decision!", "approve or deny"), ("comment", "what the requester reads")]
        }
        ("POST", "/grants/{id}/revoke" | "/privileged-sessions/{id}/end") => &[REASON],
        ("POST", "/grants/{id}/review") => &[("comment!", "what you found")],
        ("PUT", "/secrets/{name}") => &[
            ("kind", "password, ssh_key or opaque"),
            ("description", "what it is"),
            ("value!", "the value"),
        ],
        ("POST", "/seal/unseal") => &[("input!", "the passphrase or a share")],
        ("POST", "/seal/rekey") => &[
            ("method!", "keyfile, passphrase or shamir"),
            ("passphrase", "the new passphrase"),
            ("shares", "how many shares to make"),
            ("threshold", "how many of them open it"),
        ],
        ("PUT", "/policies/{name}") => &[("text!", "Cedar"), ("description", "what it is for")],
        ("POST", "/policies/check") => &[("text!", "Cedar")],
        ("POST", "/policies/test") => &[("table!", "expectations, TOML")],
        ("POST", "/policies/explain") => &[
            ("principal!", "who, by name"),
            ("action!", "what, such as session:open"),
            ("resource", "on what, such as deploy@web-1"),
            ("factors", "what was proven: password, totp, passkey"),
            ("context", "reason, approvals, duration and so on"),
        ],
        _ => &[],
    }
}
