//! The conversation before a session: who are you, may you, why, who agrees.
//!
//! It is keyboard-interactive (RFC 4256) as a series of short rounds. A round
//! that only waits asks nothing; the client answers at once, so a client that
//! has gone is noticed, and progress can be told.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::lifecycle::RequestState;
use doorward_core::{Denied, RequestId, Requirement};
use doorward_gate::{
    Confirmation, ConfirmationAbout, Confirmed, Destination, Entry, Login, OpenError, Purpose,
    RequestError,
};
use russh::server::Auth;
use russh::{MethodKind, MethodSet};
use tokio::time::Instant;

use super::known::Known;
use super::{Connection, Ready};
use crate::WIRE;

/// How long one silent round lasts, and how often it looks.
const ROUND: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(200);
/// How often waiting is mentioned.
const MENTION: Duration = Duration::from_secs(30);
/// How often an empty reason is asked for again.
const REASONS: u32 = 3;
/// The longest reason.
const LONGEST_REASON: usize = 1000;

/// What comes next.
#[derive(Debug)]
pub(crate) enum Step {
    /// They are in.
    In,
    /// Show this, ask this (`None`: nothing), and go on with the answer.
    Show { text: String, ask: Option<&'static str> },
    /// It is over.
    Out,
}

impl Step {
    fn say(text: impl Into<String>) -> Self {
        Self::Show { text: text.into(), ask: None }
    }

    /// For russh.
    pub fn auth(self) -> Auth {
        match self {
            Self::In => Auth::Accept,
            // A list without methods would make OpenSSH start all over again; this
            // one names a method that nobody has.
            Self::Out => Auth::Reject {
                proceed_with_methods: Some(MethodSet::from(&[MethodKind::HostBased][..])),
                partial_success: false,
            },
            Self::Show { text, ask } => Auth::Partial {
                name: Cow::Borrowed(""),
                instructions: Cow::Owned(text),
                prompts: match ask {
                    Some(prompt) => Cow::Owned(vec![(Cow::Borrowed(prompt), true)]),
                    None => Cow::Borrowed(&[]),
                },
            },
        }
    }
}

enum Stage {
    /// Nothing was said yet.
    Start,
    /// A browser is being waited for.
    Confirming { confirmation: Confirmation, purpose: Purpose, mentioned: Instant },
    /// Who is known; policy is to be asked.
    Asking,
    /// A reason is being typed.
    Reason { denied: Denied, tries: u32 },
    /// Others are being waited for.
    Waiting { request: RequestId, seen: u32, mentioned: Instant },
    /// The last sentence was said.
    Over,
}

/// One conversation, bound to one login: another login starts anew.
pub(crate) struct Dialogue {
    text: String,
    login: Option<Login>,
    known: Option<Known>,
    destination: Option<Destination>,
    stage: Stage,
    stepped_up: bool,
}

impl Dialogue {
    pub fn new() -> Self {
        Self {
            text: String::new(),
            login: None,
            known: None,
            destination: None,
            stage: Stage::Start,
            stepped_up: false,
        }
    }

    /// Binds the conversation to this login. INVARIANT: what was proven under
    /// one login counts for no other.
    pub fn bind(&mut self, text: &str, connection: &Connection) {
        if self.login.is_some() && self.text == text {
            return;
        }
        *self = Self::new();
        self.text = text.to_owned();
        self.login = Login::parse(text).ok();
        if let (Some(jump), Some(login)) = (&connection.jump, &mut self.login) {
            // Behind `ssh -J` the client names the account alone; the target is
            // the host that it jumps to.
            self.known = Some(jump.known.clone());
            match &login.destination {
                None => {
                    let account = login.person.take().unwrap_or_default();
                    login.destination = Some((account, jump.target.clone()));
                }
                Some((_, target)) if *target == jump.target => {}
                Some(_) => self.login = None,
            }
        }
    }

    /// The login makes no sense.
    pub fn senseless(&self) -> bool {
        self.login.is_none()
    }

    /// Somebody is known: by a signature, or on the hop before.
    pub fn knows(&self) -> bool {
        self.known.is_some()
    }

    /// This is who it is, proven. False when the login says that it is somebody else.
    pub async fn is(&mut self, known: Known, connection: &Connection) -> bool {
        if matches!(self.stage, Stage::Over) || known.gone().is_some() {
            return false;
        }
        let said = self.login.as_ref().and_then(|l| l.destination.as_ref().and(l.person.clone()));
        if let Some(said) = said {
            let name = connection.house.gate.identify().name_of(&known.actor).await.ok().flatten();
            if name.as_ref().map(doorward_core::Name::as_str) != Some(said.as_str()) {
                return false;
            }
        }
        connection.proven();
        self.known = Some(known);
        self.stage = Stage::Asking;
        true
    }

    /// Whether they are in without another word; used after a key, which cannot
    /// hold a conversation.
    pub async fn at_once(&mut self, connection: &Arc<Connection>) -> bool {
        matches!(self.ask(connection, true).await, Step::In)
    }

    /// The next round.
    pub async fn next(&mut self, connection: &Arc<Connection>, answer: Option<String>) -> Step {
        let mut answer = answer;
        loop {
            match &mut self.stage {
                Stage::Start if self.login.is_none() => {
                    return self.over(format!(
                        "{:?} is not a login. Write: ssh -p PORT account@target@HOST",
                        self.text.chars().filter(|c| !c.is_control()).take(80).collect::<String>()
                    ));
                }
                Stage::Start => match self.known {
                    Some(_) => self.stage = Stage::Asking,
                    None => return self.confirm(connection, Purpose::SignIn).await,
                },
                Stage::Confirming { .. } => match self.confirming(connection).await {
                    Some(step) => return step,
                    None => self.stage = Stage::Asking,
                },
                Stage::Asking => return self.ask(connection, false).await,
                Stage::Reason { .. } => {
                    return self.reason(connection, answer.take().unwrap_or_default()).await;
                }
                Stage::Waiting { .. } => match self.waiting(connection).await {
                    Some(step) => return step,
                    None => self.stage = Stage::Asking,
                },
                Stage::Over => return Step::Out,
            }
        }
    }

    fn over(&mut self, text: impl Into<String>) -> Step {
        self.stage = Stage::Over;
        Step::say(format!("\n{}\n", text.into()))
    }

    fn broken(&mut self, error: &dyn std::fmt::Display) -> Step {
        tracing::error!(%error, "a login cannot be decided");
        self.over("Doorward cannot decide this at the moment. Please try again in a minute.")
    }

    async fn confirm(&mut self, connection: &Connection, purpose: Purpose) -> Step {
        if !connection.waits() {
            return self.over("Too many people wait for their browser. Please try again later.");
        }
        let about = ConfirmationAbout {
            purpose,
            login: self.login.as_ref().map(ToString::to_string).unwrap_or_default(),
            network: connection.network.clone(),
            actor: self.known.as_ref().map(|known| known.actor.clone()),
        };
        let confirmation = match connection.house.gate.identify().confirm(&about).await {
            Ok(confirmation) => confirmation,
            Err(e) => return self.broken(&e),
        };
        let why = match purpose {
            Purpose::SignIn => "Doorward does not know this SSH key.",
            Purpose::StepUp => "This access needs a fresh proof that it is you.",
            Purpose::PhishingResistant => "This access needs a proof with your passkey.",
            Purpose::ManagedDevice => {
                "This access needs a managed device: confirm in its browser, on this machine."
            }
        };
        let text = format!(
            "\n{why}\n\n    Code:  {}\n    Open:  {}\n\nConfirm the code in your browser. Waiting ...\n",
            confirmation.code, confirmation.link
        );
        self.stage = Stage::Confirming { confirmation, purpose, mentioned: Instant::now() };
        Step::say(text)
    }

    async fn confirming(&mut self, connection: &Arc<Connection>) -> Option<Step> {
        let Stage::Confirming { confirmation, purpose, mentioned } = &mut self.stage else {
            return None;
        };
        let purpose = *purpose;
        let Ok(outcome) = tokio::time::timeout(ROUND, &mut confirmation.outcome).await else {
            return Some(mention(mentioned, "Still waiting for your browser ..."));
        };
        let actor = match outcome {
            Ok(Ok(Confirmed::Yes(actor))) => *actor,
            Ok(Ok(Confirmed::Refused)) => {
                return Some(self.over("It was refused in the browser."));
            }
            Ok(Ok(Confirmed::Expired)) => {
                return Some(
                    self.over("The code was not confirmed in time. Start again for a new one."),
                );
            }
            Ok(Err(e)) => return Some(self.broken(&e)),
            Err(e) => return Some(self.broken(&e)),
        };
        if purpose == Purpose::SignIn {
            if !self.is(Known::by_code(actor, connection), connection).await {
                return Some(self.over(
                    "You are signed in to the browser as somebody else than this login names.",
                ));
            }
            return None;
        }
        // INVARIANT: a step-up strengthens who is known; it never turns them into
        // somebody else.
        let Some(Known { actor: known, .. }) = &mut self.known else { return Some(Step::Out) };
        if known.id() != actor.id() {
            return Some(
                self.over("The browser confirmed somebody else. This login is not theirs."),
            );
        }
        known.proofs.extend(actor.proofs);
        known.session = actor.session;
        known.device = actor.device;
        self.stepped_up = true;
        None
    }

    /// Asks policy. `silent`: only whether it says yes.
    async fn ask(&mut self, connection: &Arc<Connection>, silent: bool) -> Step {
        let gate = &connection.house.gate;
        let (Some(login), Some(known)) = (self.login.clone(), self.known.clone()) else {
            return self.over("Nobody is signed in.");
        };
        if let Some(cause) = known.gone() {
            return self.over(format!("It ends here: {}.", cause.sentence()));
        }
        if login.destination.is_none() {
            connection.ready(Ready { known, destination: None });
            return Step::In;
        }
        let actor = known.actor.clone();
        if self.destination.is_none() {
            match gate.resolve(&login, WIRE.name).await {
                Ok(found) => self.destination = Some(found),
                Err(OpenError::Unknown(_) | OpenError::Disabled(_)) if silent => return Step::Out,
                Err(why @ (OpenError::Unknown(_) | OpenError::Disabled(_))) => {
                    let why = match why {
                        OpenError::Disabled(_) => "the target is switched off",
                        _ => "no such account",
                    };
                    let _ = gate.refused(&actor, None, WIRE, why).await;
                    // The same words as for what exists and is not for them.
                    return self.over(format!("{login}: there is no such account for you."));
                }
                Err(e) => return self.broken(&e),
            }
        }
        let Some(destination) = self.destination.clone() else {
            return self.over("Nothing was asked for.");
        };
        let denied = match gate.ask(&actor, &destination).await {
            Ok(Entry::Now { .. }) => {
                connection.ready(Ready { known, destination: Some(destination) });
                return Step::In;
            }
            Ok(Entry::Denied(denied)) => denied,
            Err(e) => return self.broken(&e),
        };
        if silent {
            return Step::Out;
        }
        let needs = |r: &Requirement| denied.needs(r);
        if denied.requirements.is_empty() {
            let _ = gate.refused(&actor, Some(&destination), WIRE, "not permitted").await;
            return self.over(format!("{destination}: there is no such account for you."));
        }
        let proof = needs(&Requirement::PhishingResistant) || needs(&Requirement::StepUp);
        if proof || needs(&Requirement::ManagedDevice) {
            if self.stepped_up {
                let why = if proof { "step-up" } else { "managed device" };
                let _ = gate.refused(&actor, Some(&destination), WIRE, why).await;
                return self.over(format!(
                    "Access to {destination} needs more than the browser could prove: {}.",
                    sentence(&denied)
                ));
            }
            let purpose = if needs(&Requirement::PhishingResistant) {
                Purpose::PhishingResistant
            } else if needs(&Requirement::StepUp) {
                Purpose::StepUp
            } else {
                Purpose::ManagedDevice
            };
            return self.confirm(connection, purpose).await;
        }
        connection.engaged();
        let text = format!("\nAccess to {destination} needs you to {}.\n", sentence(&denied));
        self.stage = Stage::Reason { denied, tries: 0 };
        Step::Show { text, ask: Some("Reason: ") }
    }

    async fn reason(&mut self, connection: &Arc<Connection>, answer: String) -> Step {
        let Stage::Reason { denied, tries } = &mut self.stage else { return Step::Out };
        let reason: String =
            answer.trim().chars().filter(|c| !c.is_control()).take(LONGEST_REASON).collect();
        if reason.is_empty() {
            *tries += 1;
            if *tries >= REASONS {
                return self.over("Without a reason there is no access.");
            }
            return Step::Show {
                text: "Say in a few words why you need it.".to_owned(),
                ask: Some("Reason: "),
            };
        }
        let denied = denied.clone();
        let (Some(known), Some(destination)) = (self.known.clone(), self.destination.clone())
        else {
            return Step::Out;
        };
        let actor = known.actor;
        let access = connection.house.gate.access();
        let filed = match access.request(&actor, destination.account.id, &denied, &reason).await {
            Ok(filed) => filed,
            Err(RequestError::Refused(why)) => {
                return self.over(format!("The request could not be filed: {why}."));
            }
            Err(e) => return self.broken(&e),
        };
        let minutes = filed.duration.as_secs() / 60;
        if filed.needed == 0 {
            self.stage = Stage::Asking;
            return Step::say(format!("Thank you. You have {minutes} minutes."));
        }
        let who = match filed.approvers.as_slice() {
            [] => "Those who may approve it".to_owned(),
            [one] => one.clone(),
            [most @ .., last] => format!("{} or {last}", most.join(", ")),
        };
        let people =
            if filed.needed == 1 { String::new() } else { format!(" ({} of them)", filed.needed) };
        let text = format!(
            "\nRequest {} is filed, for {minutes} minutes.\n{who}{people} can approve it, in the \
             portal or on a command line:\n    {}/console/requests/{}\n    doorward approve {}\n\
             You may wait here, or close this and come back once it is approved. Waiting ...\n",
            filed.id, connection.house.origin, filed.id, filed.id
        );
        self.stage = Stage::Waiting { request: filed.id, seen: 0, mentioned: Instant::now() };
        Step::say(text)
    }

    async fn waiting(&mut self, connection: &Connection) -> Option<Step> {
        let Stage::Waiting { request, seen, mentioned } = &mut self.stage else { return None };
        let until = Instant::now() + ROUND;
        loop {
            let progress = match connection.house.gate.access().progress(*request).await {
                Ok(progress) => progress,
                Err(e) => return Some(self.broken(&e)),
            };
            let by = progress.by.clone().unwrap_or_else(|| "Somebody".to_owned());
            let comment = match progress.comment.as_deref().map(str::trim) {
                Some(text) if !text.is_empty() => {
                    format!(": {}", text.chars().filter(|c| !c.is_control()).collect::<String>())
                }
                _ => String::new(),
            };
            match progress.state {
                RequestState::Pending => {
                    if progress.approvals > *seen {
                        *seen = progress.approvals;
                        return Some(Step::say(format!(
                            "{by} approved{comment}. Waiting for more ..."
                        )));
                    }
                }
                RequestState::Approved => {
                    self.stage = Stage::Asking;
                    return Some(Step::say(format!("{by} approved{comment}.\n")));
                }
                RequestState::Denied => return Some(self.over(format!("{by} said no{comment}."))),
                RequestState::Withdrawn => {
                    return Some(self.over("The request was withdrawn."));
                }
                RequestState::Expired => {
                    return Some(self.over("Nobody decided in time. The request has lapsed."));
                }
            }
            if Instant::now() >= until {
                return Some(mention(mentioned, "Still waiting for an approval ..."));
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The requirements as one clause.
fn sentence(denied: &Denied) -> String {
    // How long it may last is settled when the request is filed.
    let said = denied.requirements.iter().filter(|r| !matches!(r, Requirement::MaxDuration { .. }));
    let parts: Vec<String> = said.map(Requirement::sentence).collect();
    match parts.as_slice() {
        [] => "file a request".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A silent round, or every now and then one that says that it waits.
fn mention(mentioned: &mut Instant, text: &str) -> Step {
    let now = Instant::now();
    if now < *mentioned + MENTION {
        return Step::say("");
    }
    *mentioned = now;
    Step::say(text)
}
