//! The portal: what somebody can use now, and what they can ask for.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_core::{AccountId, Entity, OpenSession, Requirement};
use doorward_grants::Access;

use super::lang::Lang;
use super::shell::Shell;
use super::views::{GrantView, Names, minutes};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// More accounts than this are not shown; the search of the API finds them.
const MOST: usize = 200;

struct App {
    url: String,
    title: String,
    description: String,
    glyph: String,
    now: bool,
}

struct Reach {
    name: String,
    kind: String,
    how: &'static str,
    needs: Vec<String>,
    command: String,
    durations: Vec<(u64, String)>,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    s: Shell,
    display_name: String,
    grants: Vec<GrantView>,
    applications: Vec<App>,
    reach: Vec<Reach>,
}

pub(super) async fn show(
    State(state): State<AppState>,
    lang: Lang,
    caller: Caller,
) -> Result<Response, Problem> {
    let s = Shell::portal(&state, lang, &caller, "home", "Home").await?;
    let names = Names::of(&state);
    let display_name = state.directory.any_identity(caller.id()).await?.display_name;
    let now = state.env.now();
    let rows = state.grants.live_grants(Some(caller.id()), None, 100).await?;
    let open: Vec<_> = rows.into_iter().filter(|g| now < g.grant.ends_at).collect();
    let held: Vec<Entity> = open.iter().map(|g| g.grant.about.clone()).collect();
    let grants = open.into_iter().map(|g| GrantView::of(&names, g)).collect();
    let applications = state
        .oidc
        .openable(&caller.actor)
        .await?
        .into_iter()
        .map(|(a, now)| App {
            glyph: a.title.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default(),
            now: now && a.launch_url.as_deref().is_some_and(is_web),
            url: a.launch_url.unwrap_or_default(),
            title: a.title,
            description: a.description,
        })
        .collect();
    let reach = reach(&state, &caller, &held).await?;
    let page = Home { s, display_name, grants, applications, reach };
    page.s.page(&page)
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "https" | "http"))
}

async fn reach(state: &AppState, caller: &Caller, held: &[Entity]) -> Result<Vec<Reach>, Problem> {
    let mut accounts: Vec<(String, String, AccountId)> = {
        let world = state.engine.world();
        world
            .accounts()
            .filter(|(_, t)| t.enabled)
            .map(|(a, t)| (format!("{}@{}", a.name, t.name), t.kind.clone(), a.id))
            .collect()
    };
    accounts.sort();
    let mut found = Vec::new();
    for (name, kind, id) in accounts {
        let asked = if held.contains(&Entity::new("Account", id)) {
            match state.grants.access(&caller.actor, id).await? {
                Access::Now { .. } => Ok(()),
                Access::Denied(denied) => Err(denied),
            }
        } else {
            state.allow(&caller.actor, OpenSession { account: id }).map(drop)
        };
        let (how, needs) = match asked {
            Ok(()) => ("now", Vec::new()),
            Err(denied) if denied.requirements.is_empty() => continue,
            Err(denied) => (way(&denied.requirements), denied.requirements),
        };
        let most = needs.iter().find_map(|r| match r {
            Requirement::MaxDuration { seconds } => Some(*seconds),
            _ => None,
        });
        let durations = [900, 1_800, 3_600, 7_200, 14_400, 28_800]
            .into_iter()
            .filter(|d| most.is_none_or(|m| *d <= m))
            .map(|d| (d, minutes(d)))
            .collect();
        found.push(Reach {
            command: command(state, &name, &kind),
            name,
            kind,
            how,
            needs: needs
                .iter()
                .filter(|r| !matches!(r, Requirement::MaxDuration { .. }))
                .map(Requirement::sentence)
                .collect(),
            durations,
        });
        if found.len() >= MOST {
            break;
        }
    }
    Ok(found)
}

/// Whether a proof is all that is missing.
fn way(needs: &[Requirement]) -> &'static str {
    let proof = |r: &Requirement| matches!(r, Requirement::StepUp | Requirement::PhishingResistant);
    if needs.iter().all(proof) { "step-up" } else { "request" }
}

fn command(state: &AppState, name: &str, kind: &str) -> String {
    match &state.config.ssh {
        Some((host, port)) if kind == "ssh" => match port {
            22 => format!("ssh {name}@{host}"),
            port => format!("ssh -p {port} {name}@{host}"),
        },
        _ => String::new(),
    }
}
