use doorward_store::testing::{TestEnv, sqlite};

use super::*;
use crate::redirect::{check_redirect_uri, redirect_matches};

/// Addresses that must never be redirected to when `https://rp.example/cb` is
/// what was registered: fixture F1, and every single-character change of it.
fn corpus() -> Vec<String> {
    let mut all: Vec<String> = [
        "https://rp.example/cb/",
        "https://rp.example/cb?x",
        "https://rp.example/cb#",
        "https://rp.example/cb/../evil",
        "https://rp.example/cb%2f..",
        "https://rp.example/cb%00",
        "HTTPS://RP.EXAMPLE/cb",
        "https://RP.example/cb",
        "https://rp.example:443/cb",
        "https://rp.example./cb",
        "https://user@rp.example/cb",
        "https://rp.example@evil.tld/cb",
        "https://evil.tld\\@rp.example/cb",
        "https://evil.tld/\\rp.example/cb",
        "//rp.example/cb",
        "https:/rp.example/cb",
        "https:rp.example/cb",
        " https://rp.example/cb",
        "https://rp.example/cb ",
        "https://rp.example/cb\t",
        "\thttps://rp.example/cb",
        "https://rp.example/cb\r",
        "https://rp.example/cb\n",
        "https://rp.example/\ncb",
        "javascript:alert(1)",
        "javascript://rp.example/cb",
        "data:text/html,x",
        "https://xn--rp-xyz.example/cb",
        "https://rp\u{ff0e}example/cb",
        "https://\u{ff52}p.example/cb",
        "https://rp.example.evil.tld/cb",
        "https://rp-example/cb",
        "https://rpxexample/cb",
        "http://rp.example/cb",
        "https://rp.example/CB",
        "https://rp.example/c%62",
        "https://rp.example//cb",
        "https://rp.example/./cb",
        "https://rp.example/%2e%2e/cb",
        "https://rp.example/cb;x",
        "https://rp.example",
        "https://rp.example/",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:8080/cb",
        "http://localhost/cb",
        "rp.example/cb",
        "/cb",
        "cb",
        "https://rp.example/cb&redirect_uri=https://evil.tld",
        "https://rp.example%2fcb",
        "https://[::1]/cb",
    ]
    .map(str::to_owned)
    .to_vec();
    let good = CB.as_bytes();
    for (i, byte) in good.iter().enumerate() {
        for other in [b'%', b'@', b'\\', b'.', b'/', b':', b'?', b'#', b' '] {
            if *byte != other {
                let mut changed = good.to_vec();
                changed[i] = other;
                all.push(String::from_utf8(changed).unwrap());
            }
        }
    }
    all
}

/// abuse case 1, 2, 3, F1: an address that is not the registered bytes gets no
/// redirect, whatever it looks like.
#[tokio::test]
async fn no_address_of_the_corpus_is_ever_redirected_to() {
    let env = TestEnv::default();
    let kept = sqlite(&env.env()).await;
    let house = House::new(kept.db.clone(), env).await;
    let rp = house.rp("rp").await;
    let corpus = corpus();
    assert!(corpus.len() >= 200, "{}", corpus.len());
    for address in corpus {
        let params = rp.request().with("redirect_uri", Some(&address));
        let outcome = house.outcome(&params).await;
        assert!(matches!(outcome, AuthorizeOutcome::Page(_)), "{address:?}: {outcome:?}");
        let without_session = house.oidc.authorize(&params, None, &Network::default()).await;
        assert!(matches!(without_session, AuthorizeOutcome::Page(_)), "{address:?}");
    }
    assert!(matches!(house.outcome(&rp.request()).await, AuthorizeOutcome::Redirect(_)));
}

/// abuse case F1: loopback addresses of native applications match on any port
/// and on nothing else.
#[test]
fn loopback_ports_vary_and_nothing_else_does() {
    for registered in ["http://127.0.0.1/cb", "http://[::1]/cb"] {
        let host = registered.trim_end_matches("/cb");
        for good in ["/cb", ":1/cb", ":8080/cb", ":65535/cb"] {
            assert!(redirect_matches(registered, &format!("{host}{good}")), "{good}");
        }
        for bad in [
            ":0/cb",
            ":65536/cb",
            ":/cb",
            ":x/cb",
            ":080/cb",
            ":80:80/cb",
            "/cb/",
            ":80@evil.tld/cb",
            ":80/evil",
            ".evil.tld/cb",
            "@evil.tld/cb",
            ":80\\@evil.tld/cb",
            ":80/cb?x",
        ] {
            assert!(!redirect_matches(registered, &format!("{host}{bad}")), "{bad}");
        }
    }
    assert!(!redirect_matches("http://localhost/cb", "http://localhost:8080/cb"));
}

/// abuse case 2: no pattern can be registered; there is no regular expression.
#[test]
fn only_exact_and_safe_addresses_can_be_registered() {
    for good in [
        CB,
        "http://127.0.0.1/cb",
        "http://[::1]/cb",
        "http://localhost:3000/cb",
        "com.example.app:/cb",
        "https://rp.example",
    ] {
        assert_eq!(check_redirect_uri(good), Ok(()), "{good}");
    }
    for bad in [
        "https://*.example/cb",
        "https://rp.example/*",
        "https://rp.example/cb#x",
        "https://u:p@rp.example/cb",
        "http://rp.example/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/cb",
        "/cb",
        "",
        "https://RP.example/cb",
        "https://rp.example:443/cb",
        "https://rp.example/a/../cb",
        "https://rp.example/c b",
        "https://rp.example\\cb",
    ] {
        assert!(check_redirect_uri(bad).is_err(), "{bad}");
    }
}

/// abuse case 4: a parameter that is there twice, or in array form, is refused.
#[test]
fn repeated_parameters_are_refused() {
    let two = |a: &str, b: &str| {
        Params::new(vec![(a.to_owned(), "1".to_owned()), (b.to_owned(), "2".to_owned())])
    };
    assert!(two("redirect_uri", "state").is_ok());
    assert!(two("redirect_uri", "redirect_uri").is_err());
    assert!(two("client_id", "client_id").is_err());
    assert!(two("redirect_uri", "redirect_uri[]").is_err());
    /// abuse case 46: too many or too long parameters are refused before any work.
    fn too_much() -> [Vec<(String, String)>; 2] {
        [
            (0..10_000).map(|i| (format!("p{i}"), String::new())).collect(),
            vec![("scope".to_owned(), "a ".repeat(1_000_000))],
        ]
    }
    for pairs in too_much() {
        assert!(Params::new(pairs).is_err());
    }
}
