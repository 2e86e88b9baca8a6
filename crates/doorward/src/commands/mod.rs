//! Every subcommand, a module each.

mod access;
mod audit;
mod backup;
mod clock;
mod config;
mod devices;
mod directory;
mod doctor;
mod effective;
mod login;
mod policy;
mod rows;
mod serve;
mod sessions;
mod vault;
mod webhooks;

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::client::{Client, ServerArgs};
use crate::output::Format;

/// Doorward: identity and privileged access, one decision, one record, one switch.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    server: ServerArgs,
    /// Answer in JSON.
    #[arg(long, global = true)]
    json: bool,
    /// The configuration file of a server on this machine.
    #[arg(long, env = "DOORWARD_CONFIG", global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run Doorward.
    Serve,
    /// Run a small organisation on this machine, to try everything.
    Demo(serve::DemoArgs),
    /// Sign in from this terminal, confirmed in a browser.
    Login(login::LoginArgs),
    /// Sign out here.
    Logout,
    /// Who I am, and how the server is.
    Status,
    /// People and workloads.
    #[command(subcommand, visible_alias = "identities")]
    People(directory::PeopleCommand),
    /// What people sign in with: list, mark as managed, forget.
    #[command(subcommand)]
    Devices(devices::DevicesCommand),
    /// Groups and their members.
    #[command(subcommand)]
    Groups(directory::GroupsCommand),
    /// Roles and who holds them.
    #[command(subcommand)]
    Roles(directory::RolesCommand),
    /// Targets and the accounts on them.
    #[command(subcommand)]
    Targets(directory::TargetsCommand),
    /// Applications that people sign in to.
    #[command(subcommand)]
    Applications(directory::ApplicationsCommand),
    /// Requests for access.
    #[command(subcommand)]
    Requests(access::RequestsCommand),
    /// Approve a request of somebody else.
    Approve(access::DecideArgs),
    /// Deny a request of somebody else.
    Deny(access::DecideArgs),
    /// Grants that stand.
    #[command(subcommand)]
    Grants(access::GrantsCommand),
    /// Who reaches what, and by which path.
    Access(effective::AccessArgs),
    /// Privileged sessions, live and past.
    Sessions(sessions::SessionsArgs),
    /// Watch a live privileged session.
    Watch(sessions::IdArgs),
    /// Cut a live privileged session.
    Terminate(sessions::TerminateArgs),
    /// Let nothing pass in a live privileged session.
    Freeze(sessions::FreezeArgs),
    /// Let a frozen privileged session go on.
    Thaw(sessions::IdArgs),
    /// Write a line to the person in a live privileged session.
    Message(sessions::MessageArgs),
    /// Replay a recording, or export it as asciicast.
    Play(sessions::PlayArgs),
    /// Webhooks: who is told of what, elsewhere.
    #[command(subcommand)]
    Webhooks(webhooks::WebhooksCommand),
    /// Secrets in the vault.
    #[command(subcommand)]
    Secrets(vault::SecretsCommand),
    /// Policies: list, change, check, test, explain.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// The audit log: search, export, verify.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// The vault's seal.
    #[command(subcommand)]
    Seal(vault::SealCommand),
    /// Unseal the vault: the passphrase, or one share after the other.
    Unseal,
    /// Write the whole database into a file; secrets stay sealed in it.
    Backup(backup::BackupArgs),
    /// Read a backup into a fresh database.
    Restore(backup::BackupArgs),
    /// Check this installation and say what to mend.
    Doctor,
    /// The clock, and what to do when it was wrong.
    #[command(subcommand)]
    Clock(clock::ClockCommand),
    /// Whether the database holds what this house wrote.
    #[command(subcommand)]
    Rows(rows::RowsCommand),
    /// The configuration file.
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// How to trust Doorward's own CA.
    Trust,
    /// The description of the API (OpenAPI 3.1), to generate a client from.
    Openapi,
    /// Completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// What every command that talks to a server has.
pub struct Context {
    pub server: ServerArgs,
    pub format: Format,
    pub config: Option<PathBuf>,
}

impl Context {
    /// The signed-in client.
    pub fn client(&self) -> anyhow::Result<Client> {
        Ok(Client::signed_in(&self.server)?)
    }
}

/// Runs the command.
pub fn run(cli: Cli) -> anyhow::Result<()> {
    let format = if cli.json { Format::Json } else { Format::People };
    let ctx = Context { server: cli.server, format, config: cli.config };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(dispatch(ctx, cli.command))
}

async fn dispatch(ctx: Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve => serve::serve(&ctx).await,
        Command::Demo(args) => serve::demo(args).await,
        Command::Login(args) => login::login(&ctx, args).await,
        Command::Logout => login::logout(&ctx).await,
        Command::Status => login::status(&ctx).await,
        Command::People(c) => directory::people(&ctx, c).await,
        Command::Devices(c) => devices::devices(&ctx, c).await,
        Command::Groups(c) => directory::groups(&ctx, c).await,
        Command::Roles(c) => directory::roles(&ctx, c).await,
        Command::Targets(c) => directory::targets(&ctx, c).await,
        Command::Applications(c) => directory::applications(&ctx, c).await,
        Command::Requests(c) => access::requests(&ctx, c).await,
        Command::Approve(args) => access::decide(&ctx, args, "approve").await,
        Command::Deny(args) => access::decide(&ctx, args, "deny").await,
        Command::Grants(c) => access::grants(&ctx, c).await,
        Command::Access(args) => effective::access(&ctx, args).await,
        Command::Sessions(args) => sessions::list(&ctx, args).await,
        Command::Watch(args) => sessions::watch(&ctx, args).await,
        Command::Terminate(args) => sessions::terminate(&ctx, args).await,
        Command::Freeze(args) => sessions::freeze(&ctx, args).await,
        Command::Thaw(args) => sessions::thaw(&ctx, args).await,
        Command::Message(args) => sessions::message(&ctx, args).await,
        Command::Play(args) => sessions::play(&ctx, args).await,
        Command::Webhooks(c) => webhooks::webhooks(&ctx, c).await,
        Command::Secrets(c) => vault::secrets(&ctx, c).await,
        Command::Policy(c) => policy::policy(&ctx, c).await,
        Command::Audit(c) => audit::audit(&ctx, c).await,
        Command::Seal(c) => vault::seal(&ctx, c).await,
        Command::Unseal => vault::unseal(&ctx).await,
        Command::Backup(args) => backup::backup(&ctx, args).await,
        Command::Restore(args) => backup::restore(&ctx, args).await,
        Command::Doctor => doctor::doctor(&ctx).await,
        Command::Clock(c) => clock::clock(&ctx, c).await,
        Command::Rows(c) => rows::rows(&ctx, c).await,
        Command::Config(c) => config::config(&ctx, c),
        Command::Trust => config::trust(&ctx),
        Command::Openapi => {
            crate::output::object(Format::Json, &doorward_web::Web::openapi());
            Ok(())
        }
        Command::Completions { shell } => {
            let mut command = Cli::command();
            clap_complete::generate(shell, &mut command, "doorward", &mut std::io::stdout());
            Ok(())
        }
    }
}
