//! `doorward serve` and `doorward demo`.

use std::path::PathBuf;

use doorward::demo::{APPLICATION_PORT, Demo, DemoConfig};
use doorward::house::House;
use doorward_runtime::config::LogConfig;
use doorward_runtime::{logging, tls};

use super::Context;
use crate::output::line;

/// `doorward demo`
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Where it keeps everything; delete it to begin anew.
    #[arg(long, default_value = "target/demo")]
    data_dir: PathBuf,
    /// Where HTTPS is answered.
    #[arg(long, default_value_t = 8443)]
    https_port: u16,
    /// Where SSH is answered.
    #[arg(long, default_value_t = 2222)]
    ssh_port: u16,
    /// The folder of the everyday application.
    #[arg(long, default_value = "demo/app")]
    app: PathBuf,
    /// Without the everyday application.
    #[arg(long)]
    no_app: bool,
}

/// Runs a house until it is told to end.
pub async fn serve(ctx: &Context) -> anyhow::Result<()> {
    let config = super::config::load(ctx)?;
    logging::start(&config.log).map_err(anyhow::Error::msg)?;
    let house = House::start(config, doorward_runtime::env()).await?;
    house.shutdown().on_signals()?;
    if let Some(link) = house.first_administrator().await? {
        line(
            "Nobody is known here yet. The first administrator is \"admin\"; this link, good once and for a day, sets up the sign-in:",
        );
        line(format_args!("\n    {}\n", link.url()));
    }
    tracing::info!(
        origin = house.config().http.origin,
        https = %house.https,
        ssh = house.ssh.map(|a| a.to_string()),
        sealed = house.state.vault.is_sealed(),
        "ready"
    );
    house.wait().await;
    Ok(())
}

/// Runs the demo until ctrl-c.
pub async fn demo(args: DemoArgs) -> anyhow::Result<()> {
    let quiet = LogConfig { filter: "warn".to_owned(), ..LogConfig::default() };
    logging::start(&quiet).map_err(anyhow::Error::msg)?;
    let config = DemoConfig {
        data_dir: args.data_dir.clone(),
        https_port: args.https_port,
        ssh_port: args.ssh_port,
        app: (!args.no_app).then_some(args.app).filter(|p| p.join("server.mjs").exists()),
    };
    let with_app = config.app.is_some();
    let demo = Demo::start(config, doorward_runtime::env()).await?;
    demo.house.shutdown().on_signals()?;
    let ca = tls::ca_path(&args.data_dir);
    let ca = ca.canonicalize().unwrap_or(ca);
    let origin = &demo.house.config().http.origin;
    line(format_args!("\nDoorward is ready at {origin}\n"));
    line("People. Each link is good once, for the guided first sign-in:");
    for (name, what, link) in &demo.seeded.people {
        match link {
            Some(link) => line(format_args!("  {name:5} {what:21} {link}")),
            None => line(format_args!("  {name:5} {what:21} (set up before)")),
        }
    }
    if with_app {
        line(format_args!("\nThe everyday application:  http://localhost:{APPLICATION_PORT}"));
    }
    if let Some(pipeline) = &demo.seeded.pipeline {
        line(format_args!(
            "\nThe pipeline, a workload, gets a token for itself:\n\
             \x20 curl --cacert {ca} -d grant_type=client_credentials \\\n\
             \x20   -u {id}:{secret} {origin}/oauth2/token",
            ca = ca.display(),
            id = pipeline.id,
            secret = pipeline.secret,
        ));
    }
    line(format_args!(
        "\nTry, as eve:\n\
         \x20 ssh -p {port} develop@dev-1@localhost     a development host: at once\n\
         \x20 ssh -p {port} deploy@web-1@localhost      production: asks for a reason, and abe approves\n\
         \n\
         Then, as ada:\n\
         \x20 target/debug/doorward --ca {ca} login\n\
         \x20 target/debug/doorward sessions\n\
         \x20 target/debug/doorward watch ID\n\
         \x20 target/debug/doorward people disable eve\n\
         \n\
         The browser does not know this CA yet; this says how it comes to:\n\
         \x20 DOORWARD_DATA_DIR={data} target/debug/doorward trust\n\
         Ctrl-c ends everything; {data} keeps it for the next time.",
        port = args.ssh_port,
        ca = ca.display(),
        data = args.data_dir.display(),
    ));
    demo.house.shutdown().begun().await;
    let Demo { house, .. } = demo;
    house.stop().await;
    Ok(())
}
