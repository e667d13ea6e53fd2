//! Addresses: where an endpoint's API is, however the user wrote it.
//! Not here: speaking to it (`link`).
//! In: what the user wrote. Out: an address that `/chat/completions` can be put behind.

use ureq::http::Uri;

/// What stands at the end of addresses copied from elsewhere.
const ENDPOINTS: [&str; 3] = ["/chat/completions", "/completions", "/models"];

/// `http://host:8000` becomes `http://host:8000/v1`; an address with a path keeps it, less an endpoint at its end.
pub(super) fn base(written: &str) -> Result<String, &'static str> {
    let uri: Uri = written.trim().parse().map_err(|_| "it is not a URL")?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("it must begin with http:// or https://");
    };
    if !["http", "https"].contains(&scheme) {
        return Err("it must begin with http:// or https://");
    }
    // The address is printed, and kept in reports.
    if authority.as_str().contains('@') {
        return Err("a name and password do not belong in it; a key goes into OPENAI_API_KEY");
    }
    if uri.query().is_some() {
        return Err("it must end before the question mark");
    }
    let path = uri.path().trim_end_matches('/');
    let path = ENDPOINTS.iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    let path = if path.is_empty() { "/v1" } else { path };
    Ok(format!("{scheme}://{authority}{path}"))
}

/// Where the server itself is: vLLM and SGLang count tokens beside `/v1`, not under it.
pub(super) fn root(base: &str) -> &str {
    base.strip_suffix("/v1").unwrap_or(base)
}

/// Whether it is this machine, to which no proxy leads.
pub(super) fn is_here(base: &str) -> bool {
    let uri: Option<Uri> = base.parse().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    host == "localhost" || host.starts_with("127.") || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_understood_however_it_was_copied() {
        for (written, understood) in [
            ("http://gpu:8000", "http://gpu:8000/v1"),
            ("http://gpu:8000/", "http://gpu:8000/v1"),
            ("http://gpu:8000/v1/", "http://gpu:8000/v1"),
            (" https://gpu/v1/chat/completions", "https://gpu/v1"),
            ("http://gpu:8000/v1/completions/", "http://gpu:8000/v1"),
            ("https://api/v1beta/openai/", "https://api/v1beta/openai"),
            ("http://[::1]:8000", "http://[::1]:8000/v1"),
        ] {
            assert_eq!(base(written).as_deref(), Ok(understood));
        }
    }

    #[test]
    fn what_is_no_address_of_an_api_is_refused_with_the_reason() {
        for (written, reason) in [
            ("localhost:8000", "begin with http"),
            ("gpu", "begin with http"),
            ("ftp://gpu/v1", "begin with http"),
            ("http://me:secret@gpu/v1", "OPENAI_API_KEY"),
            ("https://gpu/v1?api-version=1", "question mark"),
            ("", "not a URL"),
        ] {
            let error = base(written).expect_err(written);
            assert!(error.contains(reason), "{written}: {error}");
        }
    }

    #[test]
    fn no_proxy_is_asked_for_this_machine() {
        assert!(
            is_here("http://localhost:8000/v1") && is_here("http://127.0.0.1:1/v1") && is_here("http://[::1]:1/v1")
        );
        assert!(!is_here("http://gpu:8000/v1"));
    }
}
