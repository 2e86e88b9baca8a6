//! The portal: what somebody can use now, and what they can ask for.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_core::{AccountId, Entity, OpenApplication};

use super::lang::Lang;
use super::reach::{self, Way};
use super::shell::Shell;
use super::views::{GrantView, Names, labels};
use crate::frame::guard::Caller;
use crate::{AppState, Problem};

/// More accounts than this are not shown; the search of the API finds them.
const MOST: usize = 200;

struct App {
    name: String,
    url: String,
    title: String,
    description: String,
    glyph: String,
    /// Whether the tile leads there.
    open: bool,
    way: Way,
}

struct Reach {
    name: String,
    kind: String,
    labels: Vec<String>,
    way: Way,
    command: String,
    glass: bool,
}

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    s: Shell,
    display_name: String,
    grants: Vec<GrantView>,
    applications: Vec<App>,
    reach: Vec<Reach>,
    glass: bool,
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
    let grants = open.into_iter().map(|g| GrantView::of(&state, &names, &caller, g)).collect();
    let (reach, glass) = targets(&state, &caller, &held).await?;
    let applications = applications(&state, &caller).await?;
    let page = Home { s, display_name, grants, applications, reach, glass };
    page.s.page(&page)
}

fn is_web(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|u| matches!(u.scheme(), "https" | "http"))
}

async fn applications(state: &AppState, caller: &Caller) -> Result<Vec<App>, Problem> {
    let mut found = Vec::new();
    for (a, now) in state.oidc.openable(&caller.actor).await? {
        let asked = if now {
            Ok(())
        } else {
            state.allow(&caller.actor, OpenApplication { application: a.id }).map(drop)
        };
        let Some(way) = Way::of(asked) else { continue };
        let url = a.launch_url.unwrap_or_default();
        found.push(App {
            name: a.name.to_string(),
            glyph: a.title.chars().next().map(|c| c.to_uppercase().collect()).unwrap_or_default(),
            // A proof that is missing is asked for on the way there.
            open: (way.now() || way.step_up()) && is_web(&url),
            url,
            title: a.title,
            description: a.description,
            way,
        });
    }
    Ok(found)
}

/// The accounts within reach, and whether there is any glass to break.
async fn targets(
    state: &AppState,
    caller: &Caller,
    held: &[Entity],
) -> Result<(Vec<Reach>, bool), Problem> {
    let mut accounts: Vec<(String, String, Vec<String>, AccountId)> = {
        let world = state.engine.world();
        world
            .accounts()
            .filter(|(_, t)| t.enabled)
            .map(|(a, t)| {
                let name = format!("{}@{}", a.name, t.name);
                (name, t.kind.clone(), labels(&t.labels), a.id)
            })
            .collect()
    };
    accounts.sort();
    let (mut found, mut any) = (Vec::new(), false);
    for (name, kind, labels, id) in accounts {
        let granted = held.contains(&Entity::new("Account", id));
        let way = reach::account(state, caller, id, granted).await?;
        // Of what is out of reach it is enough to know that there is some glass.
        let locked = way.as_ref().map_or(!any, Way::request);
        let glass = locked && reach::glass(state, caller, id).is_some();
        any |= glass;
        let Some(way) = way else { continue };
        let command = reach::command(state, &name, &kind);
        found.push(Reach { name, kind, labels, way, command, glass });
        if found.len() >= MOST {
            break;
        }
    }
    Ok((found, any))
}
