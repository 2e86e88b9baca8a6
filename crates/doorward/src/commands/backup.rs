//! `doorward backup` and `restore`: the database of this installation, without
//! its server.

use std::io::{BufReader, BufWriter};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
use doorward::house::database;
use doorward_core::{Actor, Class, Entity, Event};
use doorward_runtime::files;
use doorward_store::{Db, backup as dump, event};

use super::Context;
use crate::output::note;

/// `doorward backup FILE`, `doorward restore FILE`
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// The file; a backup makes it with mode 0600 and overwrites nothing.
    file: PathBuf,
}

/// Records that a backup is taken, then takes it.
pub async fn backup(ctx: &Context, args: BackupArgs) -> anyhow::Result<()> {
    let config = super::config::load(ctx)?;
    let env = doorward_runtime::env();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&args.file)
        .with_context(|| args.file.display().to_string())?;
    let db = Db::open(&database(&config)?, &env).await?;
    let taken = Event::new(
        &env,
        Class::ApplicationLifecycle,
        "backup.taken",
        &Actor::system("doorward backup"),
    )
    .on(Entity::new("House", "doorward"));
    db.write(move |c| event::append(c, &taken)).await?;
    let rows = dump::dump(&db, BufWriter::new(&file)).await?;
    file.sync_all()?;
    note(format_args!(
        "{rows} rows are in {}. Recordings and the log's tiles are files below {}: copy them too. \
         The seal's key file, passphrase or shares are not in the backup; keep them elsewhere.",
        args.file.display(),
        config.data_dir.display()
    ));
    Ok(())
}

/// Reads a backup into the fresh database that the configuration names.
pub async fn restore(ctx: &Context, args: BackupArgs) -> anyhow::Result<()> {
    let config = super::config::load(ctx)?;
    let env = doorward_runtime::env();
    let file = std::fs::File::open(&args.file).with_context(|| args.file.display().to_string())?;
    files::private_dir(&config.data_dir)?;
    let db = Db::open(&database(&config)?, &env).await?;
    let rows = dump::restore(&db, BufReader::new(file)).await?;
    let restored = Event::new(
        &env,
        Class::ApplicationLifecycle,
        "backup.restored",
        &Actor::system("doorward restore"),
    )
    .on(Entity::new("House", "doorward"))
    .with("rows", rows);
    db.write(move |c| event::append(c, &restored)).await?;
    note(format_args!(
        "{rows} rows are back. Sessions, tokens and grants came back ended: people sign in and ask again. \
         Put the key file, the recordings and the log in their places, then start doorward serve."
    ));
    Ok(())
}
