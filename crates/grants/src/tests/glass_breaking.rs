use doorward_store::testing::each_database;

use super::*;

#[tokio::test]
async fn broken_glass_is_at_once_loud_and_reviewed_by_somebody_else() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let (eve, account) = (house.actor("eve"), house.account("top-1"));
        let asked = house.grants.ask_break_glass(&eve, account, "fire", HOUR);
        let allowed = asked.unwrap();
        let silent = house.grants.break_glass(&allowed, " ", HOUR).await;
        assert!(matches!(silent, Err(GlassError::NoReason)));
        let longer = house.grants.break_glass(&allowed, "fire", HOUR * 2).await;
        assert!(matches!(longer, Err(GlassError::OtherFacts)));
        let grant = house.grants.break_glass(&allowed, "fire", HOUR).await.unwrap();
        assert!(grant.break_glass && house.may_open("top-1").await);
        let seen = house.activities().await;
        assert!(
            seen.contains(&"grant.break-glass".to_owned())
                && seen.contains(&"break-glass.used".to_owned())
        );
        // Those who can end it are told.
        let told = house
            .db
            .read(|c| {
                c.all_with("SELECT destination, body FROM outbox", &[], |r| {
                    Ok((
                        r.get::<String>("destination")?,
                        r.get::<Json<serde_json::Value>>("body")?.0,
                    ))
                })
            })
            .await
            .unwrap();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].0, "ada@corp.example");
        assert!(
            told[0].1["subject"].as_str().unwrap().contains("BREAK-GLASS: eve took deploy@top-1")
        );

        assert_eq!(house.grants.unreviewed(10).await.unwrap().len(), 1);
        let act = RevokeGrant { grant: grant.id, holder: grant.holder, about: grant.about.clone() };
        // One may end one's own; one may not review it.
        let own = house.grants.review(&house.ask("eve", act.clone()).unwrap(), "all well").await;
        assert!(matches!(own, Err(GlassError::Own)));
        let ada = house.ask("ada", act).unwrap();
        assert!(matches!(house.grants.review(&ada, "").await, Err(GlassError::NoReason)));
        house.grants.review(&ada, "looked at the recording: fine").await.unwrap();
        assert!(house.grants.unreviewed(10).await.unwrap().is_empty());
        assert!(matches!(house.grants.review(&ada, "again").await, Err(GlassError::NotFound)));
        house.env.advance(HOUR);
        assert!(!house.may_open("top-1").await);
    })
    .await;
}

#[tokio::test]
async fn glass_is_broken_only_by_those_whom_policy_lets() {
    each_database(|db, env| async move {
        let house = House::new(db, env).await;
        let account = house.account("web-1");
        for name in ["abe", "zoe", "ada"] {
            assert!(
                house.grants.ask_break_glass(&house.actor(name), account, "fire", HOUR).is_err()
            );
        }
        let eve = house.actor("eve");
        assert!(
            house.grants.ask_break_glass(&eve, account, "fire", HOUR * 2).is_err(),
            "an hour at most"
        );
        assert!(
            house.grants.ask_break_glass(&eve, account, "", HOUR).is_err(),
            "never without a reason"
        );
        // A permission that was asked for without the facts of break-glass is none.
        let bare =
            authorize(house.engine.as_ref(), &eve, BreakGlass { account }, &Context::default());
        assert!(bare.is_err());
    })
    .await;
}
