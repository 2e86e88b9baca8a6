use std::time::Duration;

use doorward_store::args;

use super::house::*;
use crate::throttle::Keys;
use crate::*;

async fn failures(h: &House) -> i64 {
    let sql = "SELECT COALESCE(SUM(failures), 0) AS n FROM throttle WHERE key LIKE 'identity:%'";
    h.db.read(move |c| c.value::<String>(&format!("SELECT CAST(({sql}) AS TEXT) AS n"), args![]))
        .await
        .unwrap()
        .unwrap()
        .parse()
        .unwrap()
}

async fn guess(h: &House, name: &str, password: &str) -> Prompt {
    let mut b = Browser::open(h).await;
    b.answer(&[("name", name)]).await;
    b.answer(&[("password", password)]).await.clone()
}

/// abuse case 13: all spellings of a name share one counter.
#[tokio::test]
async fn spellings_of_one_name_share_one_counter() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let spellings = ["ada", "ADA", " Ada", "ada@example.org", "ＡＤＡ"];
        for name in spellings {
            let p = guess(&h, name, "wrong wrong wrong").await;
            assert_eq!(p.error.as_deref(), Some("That name or password is not right."));
        }
        assert_eq!(failures(&h).await, 5);
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM throttle WHERE key LIKE 'name:%'").await, 0);
        let p = guess(&h, "aDa", PASSWORD).await;
        assert!(p.error.unwrap().starts_with("Too many attempts"));
    })
    .await;
}

/// abuse case 17: a hundred guesses at once find the same limit as in a row.
#[tokio::test]
async fn hundred_parallel_guesses_consume_no_more_than_the_limit() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let mut browsers = Vec::new();
        for _ in 0..100 {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            browsers.push(b);
        }
        let before = h.signin.password_verifications();
        let tasks: Vec<_> = browsers
            .into_iter()
            .map(|mut b| {
                tokio::spawn(async move {
                    b.answer(&[("password", "wrong wrong wrong")]).await.error.clone()
                })
            })
            .collect();
        let mut refused = 0;
        for task in tasks {
            let error = task.await.unwrap().unwrap();
            refused += usize::from(error.starts_with("Too many attempts"));
        }
        let looked_at = h.signin.password_verifications() - before;
        assert!(looked_at <= 5, "{looked_at} guesses were looked at");
        assert!(refused >= 95, "{refused} were refused");
    })
    .await;
}

impl House {
    /// A second node over the same database.
    async fn second(&self, config: &doorward_store::DbConfig) -> SignIn {
        let env = self.env.env();
        let db = doorward_store::Db::open(config, &env).await.unwrap();
        let vault = self.signin.0.vault.clone();
        let (told, config) = (self.told.clone(), self.signin.0.config.clone());
        SignIn::new(&db, &env, &vault, self.engine.clone(), told, config).unwrap()
    }
}

/// abuse case 17: the same over two nodes that share a database.
#[tokio::test]
async fn hundred_parallel_guesses_over_two_nodes_consume_no_more_than_the_limit() {
    let env = doorward_store::testing::TestEnv::default();
    let kept = doorward_store::testing::postgres(&env.env()).await;
    let h = House::open(kept.db.clone(), env, |_| {}).await;
    let nodes = [h.signin.clone(), h.second(&kept.config).await];
    h.enrolled("ada").await;
    let mut browsers = Vec::new();
    for n in 0..100 {
        let signin = nodes[n % 2].clone();
        let turn = signin.begin(&client(), "").await.unwrap();
        let mut b = Browser::at(&h, turn);
        b.signin = signin;
        b.answer(&[("name", "ada")]).await;
        browsers.push(b);
    }
    let looked_at = || nodes.iter().map(SignIn::password_verifications).sum::<u64>();
    let before = looked_at();
    let tasks: Vec<_> = browsers
        .into_iter()
        .map(|mut b| {
            tokio::spawn(async move {
                b.answer(&[("password", "wrong wrong wrong")]).await.error.clone()
            })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        refused += usize::from(task.await.unwrap().unwrap().starts_with("Too many attempts"));
    }
    let looked_at = looked_at() - before;
    assert!(looked_at <= 5, "{looked_at} guesses were looked at");
    assert!(refused >= 95, "{refused} were refused");
}

/// abuse case 17: what all guess together is counted over all nodes: it exceeds the
/// limit by no more than what they had not told each other.
#[tokio::test]
async fn budget_of_a_minute_is_shared_by_the_nodes() {
    use crate::budget::Budget;
    let env = doorward_store::testing::TestEnv::default();
    let kept = doorward_store::testing::postgres(&env.env()).await;
    let second = doorward_store::Db::open(&kept.config, &env.env()).await.unwrap();
    let nodes = [&kept.db, &second].map(|db| Budget::new(db, &env.env(), "all", 200));
    let mut taken = 0;
    for n in 0..600 {
        taken += usize::from(nodes[n % 2].take(env.now()).await.is_ok());
    }
    assert!((200..=240).contains(&taken), "{taken} of 200");
    let wait = nodes[0].take(env.now()).await.unwrap_err();
    assert!(matches!(wait, SignInError::TooMany(d) if d <= Duration::from_secs(60)), "{wait}");
    // The other one, which was quiet, hears of it before it takes its second.
    let third = Budget::new(&second, &env.env(), "all", 200);
    assert!(third.take(env.now()).await.is_ok());
    assert!(third.take(env.now()).await.is_err());
    env.advance(Duration::from_secs(60));
    assert!(nodes[0].take(env.now()).await.is_ok(), "another minute");
}

/// Whoever is refused uses up nothing that others need.
#[tokio::test]
async fn who_guesses_on_when_refused_locks_nobody_else_out() {
    each_house(|h| async move {
        let at = |address: &str| Network { address: Some(address.parse().unwrap()) };
        let throttle = &h.signin.0.throttle;
        let mut looked_at = 0;
        for n in 0..700 {
            // One name at first, then others, until the address has to wait too.
            let name = if n < 100 { "ada".to_owned() } else { format!("name-{n}") };
            let keys = Keys::stranger(&name, &at("192.0.2.66"));
            looked_at += usize::from(throttle.reserve(&keys, h.env.now()).await.is_ok());
        }
        assert!((5..100).contains(&looked_at), "{looked_at}");
        let keys = Keys::stranger("bob", &at("198.51.100.9"));
        throttle.reserve(&keys, h.env.now()).await.unwrap();
    })
    .await;
}

/// Whoever is nobody cannot fill the database with sign-ins that they begin.
#[tokio::test]
async fn one_address_begins_only_so_many_sign_ins_in_a_minute() {
    each_house(|h| async move {
        let client = |address: &str| {
            let network = Network { address: Some(address.parse().unwrap()) };
            Client::browser(network, "test")
        };
        let here = client("192.0.2.66");
        let mut begun = 0;
        for _ in 0..400 {
            begun += usize::from(h.signin.begin(&here, "").await.is_ok());
        }
        assert_eq!(begun, 300);
        h.signin.begin(&client("198.51.100.9"), "").await.unwrap();
        h.env.advance(Duration::from_secs(60));
        h.signin.begin(&here, "").await.unwrap();
    })
    .await;
}

/// abuse case 18: a name that nobody has is answered like one that somebody has,
/// with the same work: one verification each.
#[tokio::test]
async fn unknown_name_is_answered_with_the_same_words_and_the_same_work() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        h.person("bare").await;
        let mut seen = Vec::new();
        for name in ["ada", "nobody", "bare"] {
            let mut b = Browser::open(&h).await;
            let mut prompts = Vec::new();
            prompts.push(b.answer(&[("name", name)]).await.clone());
            let before = h.signin.password_verifications();
            // Into the delay and beyond.
            for _ in 0..4 {
                prompts.push(b.answer(&[("password", "wrong wrong wrong")]).await.clone());
            }
            assert_eq!(h.signin.password_verifications() - before, 4, "{name}");
            let text = serde_json::to_string(&prompts).unwrap();
            seen.push(text.replace(&format!("\"name\":\"{name}\""), "\"name\":\"?\""));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[0], seen[2]);
    })
    .await;
}

/// abuse case 18: the delay and the lock of a name that nobody has are the same.
#[tokio::test]
async fn unknown_name_is_locked_like_a_known_one() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let mut seen = Vec::new();
        for name in ["ada", "nobody"] {
            let mut errors = Vec::new();
            for _ in 0..12 {
                errors.push(guess(&h, name, "wrong wrong wrong").await.error.unwrap());
                h.env.advance(Duration::from_secs(20));
            }
            seen.push(errors);
        }
        assert_eq!(seen[0], seen[1]);
        assert!(seen[0].iter().filter(|e| e.starts_with("Too many")).count() >= 2);
    })
    .await;
}

#[tokio::test]
async fn lock_ends_after_half_an_hour_and_success_forgets() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        for _ in 0..10 {
            guess(&h, "ada", "wrong wrong wrong").await;
            h.env.advance(Duration::from_secs(40));
        }
        assert_eq!(failures(&h).await, 10);
        let p = guess(&h, "ada", PASSWORD).await;
        assert!(p.error.unwrap().starts_with("Too many attempts"), "locked");
        h.env.advance(Duration::from_secs(30 * 60));
        h.sign_in("ada", &ada.seed).await;
        assert_eq!(failures(&h).await, 0);
    })
    .await;
}

/// abuse case 16: guesses at the second factor are counted too, and a known
/// password buys no further ones.
#[tokio::test]
async fn right_password_buys_no_guesses_at_the_code() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let mut looked_at = 0;
        for _ in 0..30 {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            b.answer(&[("password", PASSWORD)]).await;
            if b.prompt.step != "totp" {
                continue;
            }
            b.answer(&[("code", "000000")]).await;
            if b.prompt.error.as_deref().is_some_and(|e| e.starts_with("That code")) {
                looked_at += 1;
            }
        }
        assert!(looked_at <= 5, "{looked_at} codes were looked at");
        assert!(failures(&h).await >= 5);
    })
    .await;
}

/// abuse case F3: a wrong value counts once, on one counter, with one event.
#[tokio::test]
async fn each_wrong_value_counts_once_and_is_recorded_once() {
    each_house(|h| async move {
        h.enrolled("ada").await;
        let mut expected = 0;
        for (step, field, wrong) in [
            ("password", "password", "wrong wrong wrong"),
            ("totp", "code", "000000"),
            ("recovery", "code", "aaaa-aaaa-aaaa-aaaa"),
        ] {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            if step != "password" {
                b.answer(&[("password", PASSWORD)]).await;
            }
            if step == "recovery" {
                b.answer(&[("use", "recovery")]).await;
            }
            assert_eq!(b.prompt.step, step);
            b.answer(&[(field, wrong)]).await;
            expected += 1;
            assert_eq!(failures(&h).await, expected, "{step}");
            assert_eq!(h.events("sign-in.failed").await, expected, "{step}");
        }
    })
    .await;
}

/// abuse case 14: one code, once: in a row and in parallel, in no other form.
#[tokio::test]
async fn code_works_once_in_exactly_one_form() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        h.next_window();
        let code = h.code(&ada.seed);
        let wide: String = code
            .chars()
            .map(|c| char::from_u32(u32::from(c) - u32::from('0') + 0xff10).unwrap())
            .collect();
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        for form in [
            format!(" {code}"),
            format!("{code} "),
            format!("{}\u{20}{}", &code[..3], &code[3..]),
            format!("{code}\n"),
            wide,
            code[..5].to_owned(),
            format!("{code}0"),
            format!("+{}", &code[1..]),
        ] {
            b.answer(&[("code", &form)]).await;
            assert_eq!(b.prompt.step, "totp", "{form:?}");
        }
        // Two browsers, one code, at once.
        let mut other = Browser::open(&h).await;
        other.answer(&[("name", "ada")]).await;
        other.answer(&[("password", PASSWORD)]).await;
        let fields = [("code", code.as_str())];
        let both = tokio::join!(b.try_answer(&fields), other.try_answer(&fields));
        let done = [both.0, both.1].into_iter().filter(|t| matches!(t, Ok(Some(_)))).count();
        assert_eq!(done, 1);
        // And later, within its window.
        let mut b = Browser::open(&h).await;
        b.answer(&[("name", "ada")]).await;
        b.answer(&[("password", PASSWORD)]).await;
        b.answer(&[("code", &code)]).await;
        assert_eq!(b.prompt.step, "totp");
    })
    .await;
}

/// abuse case F4: one window of tolerance on each side, no more; a clock set back
/// revives no code.
#[tokio::test]
async fn codes_of_neighbouring_windows_work_and_a_clock_set_back_revives_none() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let attempt = async |at: i64| {
            let mut b = Browser::open(&h).await;
            b.answer(&[("name", "ada")]).await;
            b.answer(&[("password", PASSWORD)]).await;
            let step = h.env.wall().secs().div_euclid(30) + at;
            let code = crate::factors::totp::code(&ada.seed, step);
            b.try_answer(&[("code", &code)]).await.unwrap().is_some()
        };
        h.env.advance(Duration::from_secs(600));
        assert!(!attempt(-3).await && !attempt(-2).await && !attempt(2).await);
        assert!(attempt(-1).await && attempt(0).await && attempt(1).await);
        assert!(!attempt(-1).await, "an older code than the last used one");
        let now = h.env.now();
        h.env.set(now - Duration::from_secs(90));
        assert!(!attempt(0).await, "a clock set back");
        h.env.set(now);
        h.env.advance(Duration::from_secs(60));
        assert!(attempt(0).await);
    })
    .await;
}

/// abuse case 16: a step-up counts on the same counter, and a lock holds there too.
#[tokio::test]
async fn guesses_in_a_step_up_are_counted_and_locked_alike() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let session = &ada.finished.session;
        let need = doorward_core::Requirement::StepUp;
        for n in 1..=5 {
            let turn = h.signin.begin_step_up(session, &need, &client(), "").await.unwrap();
            let mut b = Browser::at(&h, turn);
            b.answer(&[("code", "000000")]).await;
            assert_eq!(failures(&h).await, n);
        }
        h.next_window();
        for _ in 0..5 {
            guess(&h, "ada", "wrong wrong wrong").await;
            h.env.advance(Duration::from_secs(40));
        }
        let turn = h.signin.begin_step_up(session, &need, &client(), "").await.unwrap();
        let mut b = Browser::at(&h, turn);
        b.answer(&[("code", &h.code(&ada.seed))]).await;
        assert!(b.prompt.error.as_deref().unwrap().starts_with("Too many attempts"));
    })
    .await;
}

#[tokio::test]
async fn hundredth_failure_locks_until_an_administrator_opens() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let key = format!("identity:{}", ada.id);
        let now = h.env.now();
        h.db.write(move |c| {
            let f = doorward_store::throttle::Failures {
                failures: 99,
                first_at: now,
                last_at: now,
                locked_until: None,
            };
            doorward_store::throttle::put(c, &key, &f)
        })
        .await
        .unwrap();
        h.env.advance(Duration::from_secs(3600));
        guess(&h, "ada", "wrong wrong wrong").await;
        h.env.advance(Duration::from_secs(30 * 24 * 3600));
        h.watch.tick().await;
        let p = guess(&h, "ada", PASSWORD).await;
        assert!(p.error.unwrap().starts_with("Too many attempts"));
        let may = h.system(doorward_core::ManageAuthenticators { identity: ada.id });
        h.signin.unlock(&may).await.unwrap();
        h.sign_in("ada", &ada.seed).await;
    })
    .await;
}

/// abuse case F4: one code at once on two nodes that share a database.
#[tokio::test]
async fn code_works_once_across_two_nodes() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let (env, told) = (h.env.env(), h.told.clone());
        let config = h.signin.0.config.clone();
        let vault = h.signin.0.vault.clone();
        let other = SignIn::new(&h.db, &env, &vault, h.engine.clone(), told, config).unwrap();
        for _ in 0..5 {
            h.next_window();
            let code = h.code(&ada.seed);
            let mut browsers = Vec::new();
            for signin in [h.signin.clone(), other.clone()] {
                let turn = signin.begin(&client(), "").await.unwrap();
                let mut b = Browser::at(&h, turn);
                b.signin = signin;
                b.answer(&[("name", "ada")]).await;
                b.answer(&[("password", PASSWORD)]).await;
                browsers.push(b);
            }
            let [one, two] = &mut browsers[..] else { panic!("two") };
            let fields = [("code", code.as_str())];
            let both = tokio::join!(one.try_answer(&fields), two.try_answer(&fields));
            let done = [both.0, both.1].into_iter().filter(|t| matches!(t, Ok(Some(_)))).count();
            assert_eq!(done, 1);
        }
    })
    .await;
}
