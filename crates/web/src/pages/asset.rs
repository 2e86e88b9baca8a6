//! Stylesheet, script and icon: in the binary, named after their content, kept
//! by browsers for good.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};

use crate::Problem;

/// One file.
pub(crate) struct Asset {
    /// Its address.
    pub url: String,
    kind: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, text: &'static str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        let hash: String = digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect();
        Self { url: format!("/assets/{name}.{hash}.{ending}"), kind, text }
    }
}

pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "doorward",
        "css",
        "text/css; charset=utf-8",
        include_str!("../../assets/doorward.css"),
    )
});
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "doorward",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../assets/doorward.js"),
    )
});
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("doorward", "svg", "image/svg+xml", include_str!("../../assets/doorward.svg"))
});

pub(super) async fn serve(Path(file): Path<String>) -> Result<Response, Problem> {
    let wanted = format!("/assets/{file}");
    let found = [&*STYLE, &*SCRIPT, &*ICON].into_iter().find(|a| a.url == wanted);
    let asset = found.ok_or_else(|| Problem::not_found("file"))?;
    let mut response = asset.text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    Ok(response)
}
