use std::io::Write as _;

use aws_lc_rs::digest;
use doorward_store::args;
use doorward_store::testing::{TestEnv, sqlite};

use super::house::*;
use crate::*;

async fn choose(h: &House, name: &str, passwords: &[&str]) -> Vec<Option<String>> {
    let person = h.person(name).await;
    let link = h.link(person.id).await;
    let turn = h.signin.begin_link(link.token().expose(), &client()).await.unwrap();
    let mut b = Browser::at(h, turn);
    let mut errors = Vec::new();
    for password in passwords {
        b.answer(&[("new_password", password)]).await;
        errors.push(b.prompt.error.clone());
    }
    errors
}

#[tokio::test]
async fn weak_common_and_personal_passwords_are_refused_with_the_reason() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let h = House::open(house.db.clone(), env, |_| {}).await;
    let cases = [
        ("short", "at least 8"),
        ("password", "most common"),
        ("PASSWORD1", ""),
        ("P@ssw0rd", "most common"),
        ("12345678", ""),
        ("qwertyuiop", ""),
        ("aaaaaaaaaaaa", ""),
        ("lovelace", ""),
        ("ada.lovelace", "little more than"),
        ("ada.lovelace1!", "little more than"),
        ("doorward123", "little more than"),
        ("        ", "besides spaces"),
    ];
    let passwords: Vec<&str> = cases.iter().map(|(p, _)| *p).collect();
    let errors = choose(&h, "ada.lovelace", &passwords).await;
    for ((password, reason), error) in cases.iter().zip(errors) {
        let error = error.unwrap_or_else(|| panic!("{password:?} was taken"));
        assert!(error.contains(reason), "{password:?}: {error}");
    }
    let long = "x".repeat(257);
    let errors = choose(&h, "eve", &[&long]).await;
    assert!(errors[0].as_deref().unwrap().contains("at most 256"));
}

#[tokio::test]
async fn long_passwords_of_every_script_are_taken_whole() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let h = House::open(house.db.clone(), env, |_| {}).await;
    for (i, password) in [
        "quartz otter lantern",
        "ключ под ковриком осенью",
        "馬鈴薯と青い傘の物語り",
        "five words 🦦 and an otter",
    ]
    .iter()
    .enumerate()
    {
        let errors = choose(&h, &format!("p{i}"), &[password]).await;
        assert_eq!(errors, [None], "{password}");
    }
}

#[tokio::test]
async fn breached_password_is_refused_and_a_missing_list_accepts_nothing() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("breached.txt");
    let mut hashes: Vec<String> = (0..500)
        .map(|i| format!("unlucky walrus {i} teapot"))
        .chain(["quartz otter lantern".to_owned()])
        .map(|p| {
            let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, p.as_bytes());
            format!("{}:{}", hex::encode_upper(hash), p.len())
        })
        .collect();
    hashes.sort();
    let mut file = std::fs::File::create(&path).unwrap();
    write!(file, "{}\r\n", hashes.join("\r\n")).unwrap();
    let list = path.clone();
    let h = House::open(house.db.clone(), env, |c| c.breach_list = Some(list)).await;
    let mut tried: Vec<String> = (0..500).map(|i| format!("unlucky walrus {i} teapot")).collect();
    tried.push("quartz otter lantern".to_owned());
    let tried: Vec<&str> = tried.iter().map(String::as_str).collect();
    for error in choose(&h, "ada", &tried).await {
        assert!(error.unwrap().contains("stolen"));
    }
    assert_eq!(choose(&h, "bob", &["quartz badger lantern"]).await, [None]);
    std::fs::remove_file(&path).unwrap();
    let person = h.person("cy").await;
    let link = h.link(person.id).await;
    let turn = h.signin.begin_link(link.token().expose(), &client()).await.unwrap();
    let mut b = Browser::at(&h, turn);
    let e = b.try_answer(&[("new_password", "quartz badger lantern")]).await;
    assert!(matches!(e, Err(SignInError::Config(_))), "{e:?}");
}

#[tokio::test]
async fn stronger_cost_rehashes_at_the_next_sign_in() {
    each_house(|h| async move {
        let ada = h.enrolled("ada").await;
        let phc = async || -> String {
            let sql = "SELECT data FROM authenticator WHERE factor = 'password'";
            let data: Vec<u8> = h.db.read(move |c| c.value(sql, args![])).await.unwrap().unwrap();
            String::from_utf8(data).unwrap()
        };
        assert!(phc().await.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        let stronger = {
            let mut config = SignInConfig::new(ORIGIN);
            config.cost = HashCost { memory_kib: 128, passes: 2, lanes: 1 };
            let told = h.told.clone();
            let vault = h.signin.0.vault.clone();
            SignIn::new(&h.db, &h.env.env(), &vault, h.engine.clone(), told, config).unwrap()
        };
        let mut h2 = h;
        h2.signin = stronger;
        h2.sign_in("ada", &ada.seed).await;
        let sql = "SELECT data FROM authenticator WHERE factor = 'password'";
        let data: Vec<u8> = h2.db.read(move |c| c.value(sql, args![])).await.unwrap().unwrap();
        assert!(String::from_utf8(data).unwrap().starts_with("$argon2id$v=19$m=128,t=2,p=1$"));
        h2.sign_in("ada", &ada.seed).await;
    })
    .await;
}

#[tokio::test]
async fn strength_meter_knows_whose_password_it_is() {
    let env = TestEnv::default();
    let house = sqlite(&env.env()).await;
    let h = House::open(house.db.clone(), env, |_| {}).await;
    let weak = h.signin.password_strength(None, "password").await.unwrap();
    let strong = h.signin.password_strength(None, "quartz otter lantern").await.unwrap();
    assert!(weak.score < 2 && !weak.advice.is_empty());
    assert!(strong.score >= 3);
}
