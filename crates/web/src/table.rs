//! The table of routes. A route exists because it is in here, with who may
//! come in; the description of the API and the tests of every route are made
//! from the same table.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::AppState;

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
    /// Query parameters and what they mean.
    pub query: Vec<(&'static str, &'static str)>,
}

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
        self.operations.push(Operation { method, path, door, summary, query: Vec::new() });
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
    pub fn put<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("PUT", Door::Session, path, summary, handler)
    }
    pub fn patch<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("PATCH", Door::Session, path, summary, handler)
    }
    pub fn delete<H: Handler<T, AppState>, T: 'static>(
        self,
        path: &str,
        summary: &'static str,
        handler: H,
    ) -> Self {
        self.add("DELETE", Door::Session, path, summary, handler)
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

    /// Describes query parameters of the route that was added last.
    pub fn query(mut self, parameters: &[(&'static str, &'static str)]) -> Self {
        if let Some(last) = self.operations.last_mut() {
            last.query.extend_from_slice(parameters);
        }
        self
    }

    /// The route that was added last is a list.
    pub fn paged(self) -> Self {
        self.query(&[
            ("cursor", "where the page begins: `next` of the page before"),
            ("limit", "at most this many, 1 to 200; 50 when absent"),
        ])
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
