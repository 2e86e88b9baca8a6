//! The table of routes. A route exists because it is in here, with who may
//! come in; the description of the API and the tests of every route are made
//! from the same table.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::AppState;
use crate::describe::{Described, Description};

/// Who may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Anybody.
    Public,
    /// Whoever has a session.
    Session,
}

/// One route and method.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The whole path, with `{parameters}`.
    pub path: String,
    /// Who may come in.
    pub door: Door,
    /// What it does, in a line.
    pub summary: &'static str,
    /// What it takes and gives; only of the API.
    pub(crate) describe: Option<Describe>,
}

/// Writes down what an operation takes and gives.
pub(crate) type Describe = fn(&mut Description<'_>);

/// Routes under a prefix.
pub(crate) struct Table {
    prefix: &'static str,
    open: Router<AppState>,
    closed: Router<AppState>,
    /// What there is.
    pub operations: Vec<Operation>,
}

impl Table {
    pub fn under(prefix: &'static str) -> Self {
        Self { prefix, open: Router::new(), closed: Router::new(), operations: Vec::new() }
    }

    fn add<H, T>(
        mut self,
        method: &'static str,
        door: Door,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let filter = match method {
            "GET" => MethodFilter::GET,
            "POST" => MethodFilter::POST,
            "PUT" => MethodFilter::PUT,
            "PATCH" => MethodFilter::PATCH,
            _ => MethodFilter::DELETE,
        };
        let path = format!("{}{path}", self.prefix);
        let route: MethodRouter<AppState> = on(filter, handler);
        match door {
            Door::Public => self.open = self.open.route(&path, route),
            Door::Session => self.closed = self.closed.route(&path, route),
        }
        self.operations.push(Operation { method, path, door, summary, describe: None });
        self
    }

    pub fn get<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("GET", Door::Session, path, summary, handler)
    }
    pub fn post<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("POST", Door::Session, path, summary, handler)
    }
    pub fn public_get<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("GET", Door::Public, path, summary, handler)
    }
    pub fn public_post<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("POST", Door::Public, path, summary, handler)
    }

    /// The routes of another table too.
    pub fn with(mut self, other: Self) -> Self {
        self.open = self.open.merge(other.open);
        self.closed = self.closed.merge(other.closed);
        self.operations.extend(other.operations);
        self
    }

    /// The routes: those that anybody may use, and those that are behind `guard`.
    pub fn routes(
        self,
        guard: impl FnOnce(Router<AppState>) -> Router<AppState>,
    ) -> Router<AppState> {
        self.open.merge(guard(self.closed))
    }
}

/// Routes of the API, which say what they take and give.
pub(crate) struct Api(pub Table);

macro_rules! verbs {
    ($($name:ident = $method:literal, $door:ident;)+) => {$(
        pub fn $name<H, T>(self, path: &str, summary: &'static str, handler: H) -> Self
        where
            H: Handler<T, AppState> + Described<T>,
            T: 'static,
        {
            let mut table = self.0.add($method, Door::$door, path, summary, handler);
            if let Some(last) = table.operations.last_mut() {
                last.describe = Some(H::describe);
            }
            Self(table)
        }
    )+};
}

impl Api {
    verbs! {
        get = "GET", Session;
        post = "POST", Session;
        put = "PUT", Session;
        patch = "PATCH", Session;
        delete = "DELETE", Session;
        public_get = "GET", Public;
        public_post = "POST", Public;
    }

    /// The routes of another table too.
    pub fn with(self, other: Self) -> Self {
        Self(self.0.with(other.0))
    }
}
