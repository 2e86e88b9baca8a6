use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::*;
use doorward_store::testing::{TestEnv, each_database};
use doorward_store::{Db, args};

use crate::*;

/// Permits everything: what may be done is the policy's own test.
struct Yes(Env);

impl Decider for Yes {
    fn decide(&self, _: &Question) -> Verdict {
        Verdict::Permit { policies: vec!["yes".to_owned()] }
    }
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

struct OnlySsh;

impl SettingsCheck for OnlySsh {
    fn check(&self, kind: &str, settings: &serde_json::Value) -> std::result::Result<(), String> {
        match (kind, settings.get("host")) {
            ("ssh", Some(_)) => Ok(()),
            ("ssh", None) => Err("host is missing".to_owned()),
            (other, _) => Err(format!("there is no protocol called {other:?}")),
        }
    }
}

struct House {
    db: Db,
    env: TestEnv,
    directory: Directory,
    yes: Yes,
}

impl House {
    fn may<A: Act>(&self, act: A) -> Allowed<A> {
        authorize(&self.yes, &Actor::system("test"), act, &Context::default()).unwrap()
    }

    async fn person(&self, name: &str) -> Identity {
        let new = NewPerson {
            name: name.to_owned(),
            display_name: None,
            email: Some(format!("{name}@Example.ORG")),
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Attributes::new(),
        };
        self.directory.create_person(&self.may(CreateIdentity {}), new).await.unwrap()
    }

    async fn group(&self, name: &str) -> GroupId {
        let new = NewGroup { name: name.to_owned(), description: String::new() };
        self.directory.create_group(&self.may(CreateGroup {}), new).await.unwrap().id
    }

    async fn put(&self, member: Member, group: GroupId) -> Result<()> {
        self.directory.add_member(&self.may(WriteGroup { group }), member).await
    }

    async fn count(&self, sql: &'static str) -> i64 {
        self.db.read(move |c| c.value::<i64>(sql, args![])).await.unwrap().unwrap()
    }
}

async fn each_house<F, Fut>(body: F)
where
    F: Fn(House) -> Fut,
    Fut: Future<Output = ()>,
{
    each_database(|db, env| {
        let body = &body;
        async move {
            let directory = Directory::open(&db, &env.env(), Arc::new(OnlySsh)).await.unwrap();
            let yes = Yes(env.env());
            body(House { db, env, directory, yes }).await;
        }
    })
    .await;
}

#[tokio::test]
async fn change_is_recorded_with_its_policies_in_the_same_transaction() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        assert_eq!(ada.email.as_deref(), Some("ada@example.org"));
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM event").await, 1);
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM change WHERE kind = 'identity'").await, 1);
        let body: String =
            h.db.read(|c| c.value("SELECT body FROM event", args![])).await.unwrap().unwrap();
        let event: Event = serde_json::from_str(&body).unwrap();
        assert_eq!(event.activity, "person.created");
        assert_eq!(event.policies, ["yes"]);
        assert_eq!(event.target, Some(Entity::new("Person", ada.id)));
    })
    .await;
}

#[tokio::test]
async fn refused_change_leaves_neither_row_nor_record() {
    each_house(|h| async move {
        h.person("ada").await;
        let again = NewPerson {
            name: "ada".to_owned(),
            display_name: None,
            email: None,
            relation: None,
            starts_at: None,
            ends_at: None,
            attributes: Attributes::new(),
        };
        let mut mail = again.clone();
        mail.name = "ada2".to_owned();
        mail.email = Some("ADA@example.org".to_owned());
        let e = h.directory.create_person(&h.may(CreateIdentity {}), again).await.unwrap_err();
        assert_eq!(e.to_string(), r#"name: "ada" is taken; choose another"#);
        let e = h.directory.create_person(&h.may(CreateIdentity {}), mail).await.unwrap_err();
        assert_eq!(e.to_string(), r#"email: "ada@example.org" is taken; choose another"#);
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM event").await, 1);
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM identity").await, 1);
    })
    .await;
}

#[tokio::test]
async fn somebody_elses_change_in_between_is_a_conflict() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let may = h.may(WriteIdentity { identity: ada.id });
        let rename = |name: &str| IdentityChange {
            display_name: Some(name.to_owned()),
            ..IdentityChange::default()
        };
        h.directory.update_identity(&may, Some(ada.version), rename("Ada")).await.unwrap();
        let late = h.directory.update_identity(&may, Some(ada.version), rename("Adah")).await;
        assert!(matches!(late, Err(Error::Conflict("identity"))), "{late:?}");
        let now = h.directory.any_identity(ada.id).await.unwrap();
        assert_eq!((now.display_name.as_str(), now.version), ("Ada", 2));
    })
    .await;
}

#[tokio::test]
async fn bad_values_are_refused_with_their_field() {
    each_house(|h| async move {
        let base = serde_json::json!({"name": "eve"});
        let cases = [
            (serde_json::json!({"name": "Eve"}), "name"),
            (serde_json::json!({"name": "eve\u{0}"}), "name"),
            (serde_json::json!({"email": "eve"}), "email"),
            (serde_json::json!({"email": "eve@a b.org"}), "email"),
            (serde_json::json!({"display_name": "\u{202e}eve"}), "display_name"),
            (serde_json::json!({"display_name": "  "}), "display_name"),
            (serde_json::json!({"attributes": {"Cost": 1}}), "attributes"),
            (serde_json::json!({"attributes": {"cost": 1.5}}), "attributes"),
            (serde_json::json!({"attributes": {"cost": [1]}}), "attributes"),
            (serde_json::json!({"attributes": {"cost": "x".repeat(1_025)}}), "attributes"),
            (
                serde_json::json!({"starts_at": "2026-05-01T00:00:00Z", "ends_at": "2026-04-01T00:00:00Z"}),
                "ends_at",
            ),
        ];
        for (change, wanted) in cases {
            let mut value = base.clone();
            for (k, v) in change.as_object().unwrap() {
                value[k] = v.clone();
            }
            let new: NewPerson = serde_json::from_value(value).unwrap();
            match h.directory.create_person(&h.may(CreateIdentity {}), new).await {
                Err(Error::Field { field, .. }) => assert_eq!(field, wanted, "{change}"),
                other => panic!("{change}: {other:?}"),
            }
        }
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM event").await, 0);
    })
    .await;
}

#[tokio::test]
async fn null_clears_a_field_and_absence_leaves_it() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let may = h.may(WriteIdentity { identity: ada.id });
        let change: IdentityChange =
            serde_json::from_str(r#"{"ends_at": "2027-01-01T00:00:00Z"}"#).unwrap();
        let one = h.directory.update_identity(&may, None, change).await.unwrap();
        assert!(one.ends_at.is_some() && one.email.is_some());
        let change: IdentityChange =
            serde_json::from_str(r#"{"ends_at": null, "email": null}"#).unwrap();
        let two = h.directory.update_identity(&may, None, change).await.unwrap();
        assert!(two.ends_at.is_none() && two.email.is_none());
    })
    .await;
}

#[tokio::test]
async fn group_cycle_is_refused_with_the_way_round() {
    each_house(|h| async move {
        let (a, b, c) = (h.group("a").await, h.group("b").await, h.group("c").await);
        h.put(Member::Group(b), a).await.unwrap();
        h.put(Member::Group(c), b).await.unwrap();
        let e = h.put(Member::Group(a), c).await.unwrap_err();
        assert_eq!(e.to_string(), "a group cannot contain itself: c > a > b > c");
        let e = h.put(Member::Group(a), a).await.unwrap_err();
        assert_eq!(e.to_string(), "a group cannot contain itself: a > a");
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM team_team").await, 2);
    })
    .await;
}

#[tokio::test]
async fn two_halves_of_a_cycle_at_once_never_both_land() {
    each_house(|h| async move {
        let (a, b) = (h.group("a").await, h.group("b").await);
        let both = tokio::join!(h.put(Member::Group(b), a), h.put(Member::Group(a), b));
        assert_ne!(both.0.is_ok(), both.1.is_ok(), "{both:?}");
    })
    .await;
}

#[tokio::test]
async fn membership_goes_all_the_way_up_and_ends_with_its_date() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let (ops, all) = (h.group("ops").await, h.group("all").await);
        h.put(Member::Identity(ada.id), ops).await.unwrap();
        h.put(Member::Group(ops), all).await.unwrap();
        let new = NewRole { name: "reader".to_owned(), description: String::new() };
        let role = h.directory.create_role(&h.may(CreateRole {}), new).await.unwrap().id;
        let end = h.env.now() + Duration::from_secs(60);
        let may = h.may(WriteRole { role });
        h.directory.assign_role(&may, Holder::Group(all), Some(end)).await.unwrap();
        let m = h.directory.membership(ada.id).await.unwrap();
        let names: Vec<&str> = m.groups.iter().map(Name::as_str).collect();
        assert_eq!(names, ["all", "ops"]);
        assert_eq!(m.roles.len(), 1);
        h.env.advance(Duration::from_secs(60));
        assert!(h.directory.membership(ada.id).await.unwrap().roles.is_empty());
        let past = h.directory.assign_role(&may, Holder::Group(all), Some(end)).await;
        assert!(matches!(past, Err(Error::Field { field: "ends_at", .. })), "{past:?}");
    })
    .await;
}

#[tokio::test]
async fn list_is_paged_searched_and_its_cursors_cannot_be_forged() {
    each_house(|h| async move {
        for n in ["ada", "bob", "cy", "under_score", "zoe"] {
            h.person(n).await;
        }
        let may = h.may(ReadIdentity {});
        let by_name = Order::up(IdentitySort::Name);
        let all = Wanted::first(by_name);
        let mut page = Wanted { limit: Some(2), ..all.clone() };
        let mut seen = Vec::new();
        loop {
            let found =
                h.directory.identities(&may, IdentityFilter::default(), &page).await.unwrap();
            seen.extend(found.items.iter().map(|i| i.name.to_string()));
            let Some(next) = found.next else { break };
            page.cursor = Some(next);
        }
        assert_eq!(seen, ["ada", "bob", "cy", "under_score", "zoe"]);
        let q = |q: &str| IdentityFilter { q: Some(q.to_owned()), ..IdentityFilter::default() };
        let found = h.directory.identities(&may, q("R_S"), &all).await.unwrap();
        assert_eq!(found.items.len(), 1, "an underscore in a search is an underscore");
        let found = h.directory.identities(&may, q("%"), &all).await.unwrap();
        assert!(found.items.is_empty(), "a percent sign in a search is a percent sign");
        let order = Order::down(IdentitySort::Name);
        let other = Wanted { order, ..page.clone() };
        let e = h.directory.identities(&may, IdentityFilter::default(), &other).await;
        assert!(matches!(e, Err(Error::Field { field: "cursor", .. })), "another order: {e:?}");
        let mut forged = page.cursor.unwrap();
        forged.replace_range(0..1, if forged.starts_with('A') { "B" } else { "A" });
        let page = Wanted { cursor: Some(forged), ..all };
        let e = h.directory.identities(&may, IdentityFilter::default(), &page).await;
        assert!(matches!(e, Err(Error::Field { field: "cursor", .. })), "{e:?}");
    })
    .await;
}

/// The pages of a list, one after the other.
async fn all_pages(h: &House, filter: &IdentityFilter, order: &str) -> Vec<String> {
    let may = h.may(ReadIdentity {});
    let mut page = Wanted { order: order.parse().unwrap(), cursor: None, limit: Some(2) };
    let mut seen = Vec::new();
    loop {
        let found = h.directory.identities(&may, filter.clone(), &page).await.unwrap();
        assert!(found.items.len() <= 2);
        seen.extend(found.items.iter().map(|i| i.name.to_string()));
        let Some(next) = found.next else { return seen };
        page.cursor = Some(next);
    }
}

#[tokio::test]
async fn every_order_shows_everything_once_also_where_keys_are_equal() {
    each_house(|h| async move {
        for (name, display) in
            [("ada", "Same"), ("bob", "same"), ("cy", "Älter"), ("dan", "SAME"), ("eve", "Aa")]
        {
            let made = h.person(name).await;
            let may = h.may(WriteIdentity { identity: made.id });
            let change = IdentityChange {
                display_name: Some(display.to_owned()),
                ..IdentityChange::default()
            };
            h.directory.update_identity(&may, None, change).await.unwrap();
        }
        let filter = IdentityFilter::default();
        assert_eq!(all_pages(&h, &filter, "name").await, ["ada", "bob", "cy", "dan", "eve"]);
        assert_eq!(all_pages(&h, &filter, "-name").await, ["eve", "dan", "cy", "bob", "ada"]);
        for order in ["display_name", "created_at", "updated_at"] {
            let up = all_pages(&h, &filter, order).await;
            let mut down = all_pages(&h, &filter, &format!("-{order}")).await;
            down.reverse();
            assert_eq!(up, down, "{order}");
            let mut all = up;
            all.sort();
            assert_eq!(all, ["ada", "bob", "cy", "dan", "eve"], "{order}");
        }
        assert!("id".parse::<Order<IdentitySort>>().is_err());
    })
    .await;
}

#[tokio::test]
async fn identities_are_found_by_group_and_role() {
    each_house(|h| async move {
        let (ada, bob) = (h.person("ada").await, h.person("bob").await);
        let new = NewGroup { name: "staff".to_owned(), description: String::new() };
        let group = h.directory.create_group(&h.may(CreateGroup {}), new).await.unwrap().id;
        let new = NewRole { name: "approver".to_owned(), description: String::new() };
        let role = h.directory.create_role(&h.may(CreateRole {}), new).await.unwrap().id;
        let may = h.may(WriteGroup { group });
        h.directory.add_member(&may, Member::Identity(ada.id)).await.unwrap();
        let may = h.may(WriteRole { role });
        h.directory.assign_role(&may, Holder::Identity(bob.id), None).await.unwrap();
        let of = |group, role| IdentityFilter { group, role, ..IdentityFilter::default() };
        assert_eq!(all_pages(&h, &of(Some(group), None), "name").await, ["ada"]);
        assert_eq!(all_pages(&h, &of(None, Some(role)), "name").await, ["bob"]);
        assert!(all_pages(&h, &of(Some(group), Some(role)), "name").await.is_empty());
    })
    .await;
}

/// abuse case 13: a lock-out evaded by another spelling of the same name.
#[tokio::test]
async fn hundred_spellings_mean_one_identity() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let mut spellings: Vec<String> = Vec::new();
        for base in ["ada", "ada@example.org"] {
            for mask in 0..8_u32 {
                let mixed: String = base
                    .chars()
                    .enumerate()
                    .map(|(i, ch)| if mask & (1 << i) == 0 { ch } else { ch.to_ascii_uppercase() })
                    .collect();
                let wide: String = mixed
                    .chars()
                    .map(|ch| {
                        char::from_u32(u32::from(ch) + 0xfee0).filter(|_| ch != '.').unwrap_or(ch)
                    })
                    .collect();
                for form in [mixed, wide] {
                    for (before, after) in
                        [("", ""), (" ", ""), ("", "\t"), ("\u{3000}", "\n"), ("\u{a0}", " ")]
                    {
                        spellings.push(format!("{before}{form}{after}"));
                    }
                }
            }
        }
        assert!(spellings.len() >= 100);
        for typed in spellings {
            let found = h.directory.resolve_name(&typed).await.unwrap();
            assert_eq!(found, Some(ada.id), "{typed:?}");
        }
    })
    .await;
}

/// abuse case 25: names too long to be one cost nothing and are nobody.
#[tokio::test]
async fn ten_kilobyte_name_is_nobody() {
    each_house(|h| async move {
        h.person("ada").await;
        for typed in
            ["a".repeat(10_000), "\u{fdfa}".repeat(3_000), format!("ada{}", " ".repeat(9_999))]
        {
            assert_eq!(h.directory.resolve_name(&typed).await.unwrap(), None);
        }
    })
    .await;
}

#[tokio::test]
async fn disabling_says_why_and_happens_once() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let may = h.may(DisableIdentity { identity: ada.id });
        let off = h.directory.disable_identity(&may, "left").await.unwrap();
        assert!(!off.active(h.env.now()));
        h.directory.disable_identity(&may, "left").await.unwrap();
        let n = "SELECT COUNT(*) AS n FROM event WHERE activity = 'person.disabled'";
        assert_eq!(h.count(n).await, 1);
        assert!(h.directory.enable_identity(&may).await.unwrap().active(h.env.now()));
    })
    .await;
}

#[tokio::test]
async fn owner_of_a_workload_must_exist_and_cannot_vanish() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let new = |owner: Entity| NewWorkload {
            name: "ci".to_owned(),
            display_name: None,
            owner,
            starts_at: None,
            ends_at: None,
            attributes: Attributes::new(),
        };
        let may = h.may(CreateIdentity {});
        let nobody = Entity::new("Person", IdentityId::new(&h.env.env()));
        let e = h.directory.create_workload(&may, new(nobody)).await.unwrap_err();
        assert_eq!(e.to_string(), "owner: there is no such person or group");
        let ci = h.directory.create_workload(&may, new(Entity::new("Person", ada.id))).await;
        let ci = ci.unwrap();
        let e = h.directory.delete_identity(&h.may(WriteIdentity { identity: ada.id }), None).await;
        assert_eq!(e.unwrap_err().to_string(), "owns ci; give them another owner first");
        h.directory.delete_identity(&h.may(WriteIdentity { identity: ci.id }), None).await.unwrap();
        h.directory
            .delete_identity(&h.may(WriteIdentity { identity: ada.id }), None)
            .await
            .unwrap();
        assert_eq!(h.count("SELECT COUNT(*) AS n FROM identity").await, 0);
    })
    .await;
}

#[tokio::test]
async fn target_settings_are_checked_by_their_protocol() {
    each_house(|h| async move {
        let new = |kind: &str, settings: serde_json::Value| NewTarget {
            name: "web-1".to_owned(),
            kind: kind.to_owned(),
            description: String::new(),
            settings,
            labels: Labels::from([("env".to_owned(), "prod".to_owned())]),
        };
        let may = h.may(CreateTarget {});
        let e = h.directory.create_target(&may, new("ssh", serde_json::json!({}))).await;
        assert_eq!(e.unwrap_err().to_string(), "settings: host is missing");
        let e = h.directory.create_target(&may, new("telnet", serde_json::json!({}))).await;
        assert!(matches!(e, Err(Error::Field { field: "settings", .. })), "{e:?}");
        let ok = new("ssh", serde_json::json!({"host": "10.0.0.1"}));
        let web = h.directory.create_target(&may, ok).await.unwrap();
        let change = TargetChange { settings: Some(serde_json::json!({})), ..Default::default() };
        let may = h.may(WriteTarget { target: web.id });
        let e = h.directory.update_target(&may, None, change).await;
        assert_eq!(e.unwrap_err().to_string(), "settings: host is missing");
    })
    .await;
}

#[tokio::test]
async fn permission_for_one_target_is_none_for_anothers_accounts() {
    each_house(|h| async move {
        let mut ids = Vec::new();
        for name in ["web-1", "web-2"] {
            let new = NewTarget {
                name: name.to_owned(),
                kind: "ssh".to_owned(),
                description: String::new(),
                settings: serde_json::json!({"host": name}),
                labels: Labels::new(),
            };
            ids.push(h.directory.create_target(&h.may(CreateTarget {}), new).await.unwrap().id);
        }
        let one = h.may(WriteTarget { target: ids[0] });
        let two = h.may(WriteTarget { target: ids[1] });
        let new = |name: &str| NewAccount { name: name.to_owned(), labels: Labels::new() };
        let root = h.directory.create_account(&one, new("root")).await.unwrap();
        h.directory.create_account(&two, new("root")).await.unwrap();
        let e = h.directory.create_account(&one, new("root")).await.unwrap_err();
        assert_eq!(e.to_string(), r#"name: "root" is taken; choose another"#);
        let e = h.directory.delete_account(&two, root.id, None).await;
        assert!(matches!(e, Err(Error::NotFound("account"))), "{e:?}");
        for bad in ["", "-oProxyCommand=x", "ro ot", "root@web-2", "a/b", "r;id"] {
            assert!(h.directory.create_account(&one, new(bad)).await.is_err(), "{bad:?}");
        }
        let found = h.directory.find_account("web-1", "root").await.unwrap();
        assert_eq!(found.map(|a| a.id), Some(root.id));
    })
    .await;
}

#[tokio::test]
async fn an_account_is_changed_and_keeps_what_opens_it() {
    each_house(|h| async move {
        let new = NewTarget {
            name: "web-1".to_owned(),
            kind: "ssh".to_owned(),
            description: String::new(),
            settings: serde_json::json!({"host": "web-1"}),
            labels: Labels::new(),
        };
        let target = h.directory.create_target(&h.may(CreateTarget {}), new).await.unwrap().id;
        let may = h.may(WriteTarget { target });
        let add = |name: &str| NewAccount { name: name.to_owned(), labels: Labels::new() };
        let root = h.directory.create_account(&may, add("root")).await.unwrap();
        h.directory.create_account(&may, add("deploy")).await.unwrap();
        let change = |name: Option<&str>, env: Option<&str>| AccountChange {
            name: name.map(str::to_owned),
            labels: env.map(|v| Labels::from([("env".to_owned(), v.to_owned())])),
        };
        let update = |seen, change| h.directory.update_account(&may, root.id, Some(seen), change);
        let done = update(1, change(Some("admin"), Some("prod"))).await.unwrap();
        assert_eq!((done.name.as_str(), &done.labels["env"]), ("admin", &"prod".to_owned()));
        assert_eq!((done.version, done.secret), (2, root.secret));
        let labels_alone = update(2, change(None, Some("test"))).await.unwrap();
        assert_eq!(labels_alone.name, "admin");
        let e = update(2, change(None, None)).await.unwrap_err();
        assert!(matches!(e, Error::Conflict(_)), "{e:?}");
        let e = update(3, change(Some("deploy"), None)).await.unwrap_err();
        assert!(matches!(e, Error::Taken { field: "name", .. }), "{e:?}");
        let e = update(3, change(Some("a b"), None)).await.unwrap_err();
        assert!(matches!(e, Error::Field { field: "name", .. }), "{e:?}");
    })
    .await;
}

/// A secret of the vault that is given to an account of one's own target would be
/// sent there: an account's credential is only ever set.
#[test]
fn no_secret_of_the_vault_can_be_given_to_an_account() {
    let secret = "01a2165844c478d9a9e32debce4c4416";
    let new = serde_json::json!({ "name": "root", "secret": secret });
    assert!(serde_json::from_value::<NewAccount>(new).is_err());
    let change = serde_json::json!({ "secret": secret });
    assert!(serde_json::from_value::<AccountChange>(change).is_err());
}

/// Remembers who left.
#[derive(Default)]
struct Left(std::sync::Mutex<Vec<(IdentityId, String)>>);

impl Leaving for Left {
    fn left(
        &self,
        _: &doorward_store::Conn<'_>,
        who: IdentityId,
        because: &str,
    ) -> doorward_store::Result<()> {
        self.0.lock().unwrap().push((who, because.to_owned()));
        Ok(())
    }
}

#[tokio::test]
async fn what_somebody_holds_is_ended_when_they_stop_counting_and_only_then() {
    each_house(|h| async move {
        let left = Arc::new(Left::default());
        h.directory.on_leaving(left.clone());
        let ada = h.person("ada").await.id;
        let write = h.may(WriteIdentity { identity: ada });
        let change = |f: &dyn Fn(&mut IdentityChange)| {
            let mut change = IdentityChange::default();
            f(&mut change);
            change
        };
        let now = h.env.now();
        let later = now + Duration::from_secs(60);
        let name = change(&|c| c.display_name = Some("Ada K".to_owned()));
        h.directory.update_identity(&write, None, name).await.unwrap();
        let ends = change(&|c| c.ends_at = Some(Some(later)));
        h.directory.update_identity(&write, None, ends).await.unwrap();
        assert_eq!(left.0.lock().unwrap().len(), 0);
        let over = change(&|c| c.ends_at = Some(Some(now)));
        h.directory.update_identity(&write, None, over).await.unwrap();
        let again = change(&|c| c.ends_at = Some(None));
        h.directory.update_identity(&write, None, again).await.unwrap();
        let may = h.may(DisableIdentity { identity: ada });
        h.directory.disable_identity(&may, "").await.unwrap();
        h.directory.disable_identity(&may, "").await.unwrap();
        h.directory.enable_identity(&may).await.unwrap();
        h.directory.delete_identity(&write, None).await.unwrap();
        let told: Vec<String> = left.0.lock().unwrap().iter().map(|(_, b)| b.clone()).collect();
        assert_eq!(
            told,
            [
                "the account is outside its dates",
                "the account was disabled",
                "the account no longer exists"
            ]
        );
        let sql = "SELECT COUNT(*) AS n FROM change WHERE kind = 'left'";
        assert_eq!(h.count(sql).await, 3);
    })
    .await;
}

#[tokio::test]
async fn people_are_linked_by_name_and_kept_by_id() {
    each_house(|h| async move {
        let ada = h.person("ada").await;
        let admin = h.person("ada-admin").await;
        let write = h.may(WriteIdentity { identity: admin.id });
        let link = |text: &str| IdentityChange {
            attributes: Some([("linked_to".to_owned(), text.into())].into()),
            ..IdentityChange::default()
        };
        let kept = h.directory.update_identity(&write, None, link("ADA, ada")).await.unwrap();
        assert_eq!(kept.attributes["linked_to"], ada.id.to_string());
        let same = kept.attributes["linked_to"].as_str().unwrap().to_owned();
        assert!(h.directory.update_identity(&write, None, link(&same)).await.is_ok());
        for (text, problem) in [
            ("nobody", "attributes: linked_to: there is no person called \"nobody\""),
            ("ada-admin", "attributes: linked_to: nobody is linked to themselves"),
        ] {
            let refused = h.directory.update_identity(&write, None, link(text)).await;
            assert_eq!(refused.unwrap_err().to_string(), problem);
        }
    })
    .await;
}
