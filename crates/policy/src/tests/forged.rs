//! Whoever can write the database, and has none of the house's keys, decides nothing
//! by it.

use doorward_store::Value;
use doorward_store::testing::sign_rows;

use super::*;

const ANYTHING: &str = "permit(principal, action, resource);";

impl House {
    async fn signed(db: Db, env: TestEnv) -> Self {
        let house = house(db, env).await;
        sign_rows(&house.db).await;
        house.engine.load(&house.db).await.unwrap();
        house
    }

    /// What a writer of the database does, and has the house read again.
    async fn sql(&self, sql: &'static str, values: &[Value]) {
        let values = values.to_vec();
        assert!(self.db.write(move |c| c.execute(sql, &values)).await.unwrap() > 0, "{sql}");
        self.engine.load(&self.db).await.unwrap();
    }

    fn may(&self, engine: &Engine, name: &str) -> bool {
        let proof = proof("passkey", self.env.now()).unwrap();
        let question = Question {
            actor: Actor::identity(self.engine.world().identity_named(name).unwrap(), vec![proof]),
            action: Action::WritePolicy,
            resource: Resource::house(),
            context: Context::default(),
        };
        matches!(engine.decide(&question), Verdict::Permit { .. })
    }

    async fn forged(&self) -> i64 {
        self.db.tell_forged().await.unwrap();
        let sql = "SELECT COUNT(*) AS n FROM event WHERE activity = 'row.forged'";
        self.db.read(move |c| c.value::<i64>(sql, args![])).await.unwrap().unwrap()
    }

    /// What a node that starts now would do.
    async fn restarted(&self) -> std::sync::Arc<Engine> {
        let fresh = Engine::new(self.env.env());
        fresh.load(&self.db).await.unwrap();
        fresh
    }
}

#[tokio::test]
async fn nobody_becomes_administrator_by_writing_the_database() {
    each_database(|db, env| async move {
        let house = House::signed(db, env).await;
        let eve = house.engine.world().identity_named("eve").unwrap();
        assert!(house.may(&house.engine, "ada") && !house.may(&house.engine, "eve"));
        // The role for himself, for his group, and by the name of a role that he has.
        let role = "(SELECT id FROM role WHERE name = 'administrator')";
        let give = format!("INSERT INTO role_holder (role, holder_kind, holder, version) VALUES ({role}, 'identity', $1, 1)");
        house.sql(Box::leak(give.into_boxed_str()), args![eve]).await;
        assert!(!house.may(&house.engine, "eve"));
        let steal = format!("UPDATE role_holder SET holder = $1 WHERE role = {role} AND holder <> $1");
        house.sql("DELETE FROM role_holder WHERE holder = $1", args![eve]).await;
        house.sql(Box::leak(steal.into_boxed_str()), args![eve]).await;
        assert!(!house.may(&house.engine, "eve"), "ada's row, now his");
        house.sql("UPDATE role SET name = 'x' WHERE name = 'administrator'", args![]).await;
        house.sql("UPDATE role SET name = 'administrator' WHERE name = 'approver'", args![]).await;
        assert!(!house.may(&house.engine, "abe"), "his role, under another name");
        assert!(house.forged().await >= 3);
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_into_a_group_by_writing_the_database() {
    each_database(|db, env| async move {
        let house = House::signed(db, env).await;
        let vera = house.engine.world().identity_named("vera").unwrap();
        let groups = || house.engine.world().memberships(vera, house.env.now()).0.len();
        assert_eq!(groups(), 1);
        house
            .sql(
                "INSERT INTO team_identity (team, identity, version) SELECT id, $1, 1 FROM team WHERE name = 'on-call'",
                args![vera],
            )
            .await;
        house
            .sql(
                "INSERT INTO team_team (team, member, version)
                 SELECT g.id, m.id, 1 FROM team g, team m WHERE g.name = 'staff' AND m.name = 'vendors'",
                args![],
            )
            .await;
        house.sql("UPDATE team SET name = 'y' WHERE name = 'engineers'", args![]).await;
        house.sql("UPDATE team SET name = 'engineers' WHERE name = 'vendors'", args![]).await;
        assert_eq!(groups(), 0, "and his own group is not his under another name");
        assert_eq!(house.forged().await, 4);
    })
    .await;
}

/// A node that has the policies keeps them; one that starts then denies everything.
#[tokio::test]
async fn policy_that_was_written_into_the_database_permits_nothing() {
    each_database(|db, env| async move {
        let house = House::signed(db, env).await;
        house
            .sql(
                "INSERT INTO policy (id, name, description, text, enabled, created_at, updated_at, version)
                 VALUES ($1, 'his', '', $2, TRUE, 0, 0, 1)",
                args![PolicyId::new(&house.env.env()), ANYTHING],
            )
            .await;
        let restarted = house.restarted().await;
        for engine in [&house.engine, &restarted] {
            assert!(house.may(engine, "ada") && !house.may(engine, "eve"));
        }
        house.sql("UPDATE policy SET text = $1 WHERE name = 'everyone'", args![ANYTHING]).await;
        assert!(house.may(&house.engine, "ada") && !house.may(&house.engine, "eve"));
        let restarted = house.restarted().await;
        assert!(!house.may(&restarted, "ada") && !house.may(&restarted, "eve"));
        assert!(house.forged().await >= 2);
    })
    .await;
}

/// What is missing may have forbidden.
#[tokio::test]
async fn forbidding_policy_cannot_be_taken_away() {
    each_database(|db, env| async move {
        let house = house(db, env).await;
        let e = house.env.env();
        let now = e.now();
        let forbids = rows::Policy {
            id: PolicyId::new(&e),
            name: Name::parse("not-eve").unwrap(),
            description: String::new(),
            text: r#"permit(principal, action, resource) when { context.aal >= 0 };
                     forbid(principal in Doorward::Group::"engineers", action, resource);"#
                .to_owned(),
            enabled: true,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        house.db.write(move |c| rows::insert(c, &forbids)).await.unwrap();
        sign_rows(&house.db).await;
        house.engine.load(&house.db).await.unwrap();
        assert!(house.may(&house.engine, "vera") && !house.may(&house.engine, "eve"));
        for sql in [
            "UPDATE policy SET enabled = FALSE WHERE name = 'not-eve'",
            "DELETE FROM policy WHERE name = 'not-eve'",
            "DELETE FROM row_set",
        ] {
            house.sql(sql, args![]).await;
            assert!(house.may(&house.engine, "vera") && !house.may(&house.engine, "eve"), "{sql}");
            let restarted = house.restarted().await;
            assert!(!house.may(&restarted, "vera") && !house.may(&restarted, "eve"), "{sql}");
        }
        assert!(!policies::install_starter(&house.db).await.unwrap(), "that is no first start");
    })
    .await;
}
