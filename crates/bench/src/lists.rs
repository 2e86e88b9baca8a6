//! Pages at the end of a list of 100,000 people, against those at its beginning.

use std::time::Instant;

use doorward_core::{IdentityId, Name};
use doorward_store::cursor::Cursors;
use doorward_store::identity::{self, Filter, Identity, IdentityKind, IdentitySort, Relation};
use doorward_store::order::{Order, Sort as _, Wanted};
use doorward_store::{Db, Page};

use crate::figure::{Figure, Goal};
use crate::stats::Times;
use doorward_testsuite::Home;

const PEOPLE: usize = 100_000;
const PAGE: i64 = 200;
/// So many of the first pages, and of the last ones.
const PAGES: usize = 50;

async fn furnish(home: &Home) -> anyhow::Result<()> {
    let env = home.house.state.env.clone();
    let now = env.now();
    let write = home.house.state.db.write(move |c| {
        for n in 0..PEOPLE {
            let name = Name::parse(&format!("listed-{n:06}"));
            let person = Identity {
                id: IdentityId::new(&env),
                kind: IdentityKind::Person,
                name: name.map_err(|e| doorward_store::Error::Other(e.to_string()))?,
                // Some share theirs with others.
                display_name: format!("Person {:05}", n * 7_919 % 20_011),
                email: None,
                relation: Some(if n % 2 == 0 { Relation::Vendor } else { Relation::Employee }),
                owner: None,
                enabled: true,
                starts_at: None,
                ends_at: None,
                attributes: Default::default(),
                created_at: now,
                updated_at: now,
                version: 1,
            };
            identity::insert(c, &person)?;
        }
        Ok::<_, doorward_store::Error>(())
    });
    Ok(write.await?)
}

async fn page(
    db: &Db,
    cursors: &Cursors,
    order: Order<IdentitySort>,
    cursor: Option<String>,
) -> anyhow::Result<(f64, Page<Identity>)> {
    let wanted = Wanted { order, cursor, limit: Some(PAGE) };
    let filter = Filter { relation: Some(Relation::Vendor), ..Filter::default() };
    let begun = Instant::now();
    let read = move |c: &doorward_store::Conn<'_>, at: &_| identity::search(c, &filter, at);
    let found = cursors.sorted(db, "identities", &wanted, read).await?;
    Ok((begun.elapsed().as_secs_f64(), found))
}

/// The figures: one for each order.
pub async fn measure() -> anyhow::Result<Vec<Figure>> {
    let home = Home::new().await?;
    furnish(&home).await?;
    let db = home.house.state.db.clone();
    let cursors = Cursors::open(&db, &home.house.state.env).await?;
    let mut figures = Vec::new();
    for by in IdentitySort::ALL.iter().map(|(_, by)| *by) {
        let order = Order::down(by);
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let (took, found) = page(&db, &cursors, order, cursor).await?;
            all.push(took);
            cursor = found.next;
            if cursor.is_none() {
                break;
            }
        }
        // The very last one may be short.
        all.pop();
        let last = all.split_off(all.len().saturating_sub(PAGES));
        // Both read rows that were not read just before.
        let first = all.into_iter().take(PAGES).collect();
        figures.push(Figure::beside(
            format!("a page at the end of 100,000 people, by {}", by.name()),
            Times::new(last).median() * 1e3,
            "ms",
            (Times::new(first).median() * 1e3, "the first pages"),
            Goal::RatioAtMost(1.5),
        ));
    }
    home.house.stop().await;
    Ok(figures)
}
