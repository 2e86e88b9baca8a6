//! Stylesheet, script, typeface and icon: in the binary, named after their
//! content, kept by browsers for good.

use std::borrow::Cow;
use std::sync::LazyLock;

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, header};

use crate::Problem;

/// One file.
pub(crate) struct Asset {
    /// Its address.
    pub url: String,
    kind: &'static str,
    bytes: Bytes,
}

impl Asset {
    fn new(name: &str, ending: &str, kind: &'static str, bytes: Cow<'static, [u8]>) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let hash: String = digest.as_ref().iter().take(8).map(|b| format!("{b:02x}")).collect();
        let bytes = match bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => Bytes::from(bytes),
        };
        Self { url: format!("/assets/{name}.{hash}.{ending}"), kind, bytes }
    }

    fn text(name: &str, ending: &str, kind: &'static str, text: &'static str) -> Self {
        Self::new(name, ending, kind, Cow::Borrowed(text.as_bytes()))
    }
}

/// Inter, the letters of Western Europe (SIL Open Font License 1.1).
pub(crate) static TYPEFACE: LazyLock<Asset> = LazyLock::new(|| {
    let bytes: &[u8] = include_bytes!("../../assets/inter.woff2");
    Asset::new("inter", "woff2", "font/woff2", Cow::Borrowed(bytes))
});
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let text = include_str!("../../assets/doorward.css").replace("inter.woff2", &TYPEFACE.url);
    Asset::new("doorward", "css", "text/css; charset=utf-8", Cow::Owned(text.into_bytes()))
});
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let text = include_str!("../../assets/doorward.js");
    Asset::text("doorward", "js", "text/javascript; charset=utf-8", text)
});
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    let text = include_str!("../../assets/doorward.svg");
    Asset::text("doorward", "svg", "image/svg+xml", text)
});

pub(super) async fn serve(Path(file): Path<String>) -> Result<Response, Problem> {
    let wanted = format!("/assets/{file}");
    let found = [&*STYLE, &*SCRIPT, &*TYPEFACE, &*ICON].into_iter().find(|a| a.url == wanted);
    let asset = found.ok_or_else(|| Problem::not_found("file"))?;
    let mut response = Response::new(Body::from(asset.bytes.clone()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    Ok(response)
}
