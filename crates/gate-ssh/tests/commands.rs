//! What is read off real terminals, and what is kept out of the recording.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use serde_json::{Value, json};
use support::{Gatehouse, text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, ChildStdout};

/// A shell on the target, as somebody sits at it.
struct Shell {
    child: Child,
    keyboard: ChildStdin,
    screen: ChildStdout,
    shown: String,
}

impl Shell {
    /// A plain bash that waits for its first command.
    async fn start(house: &Gatehouse) -> Self {
        let mut ssh = house.ssh();
        ssh.arg("-tt").arg(house.at()).arg("PS1='at$ ' exec bash --norc --noprofile");
        let mut child = ssh.stdin(std::process::Stdio::piped()).spawn().unwrap();
        let keyboard = child.stdin.take().unwrap();
        let screen = child.stdout.take().unwrap();
        let mut shell = Self { child, keyboard, screen, shown: String::new() };
        shell.until("at$ ").await;
        shell
    }

    /// Reads until the screen has shown these words since the last call.
    async fn until(&mut self, words: &str) {
        let mut buffer = [0; 4096];
        while !self.shown.contains(words) {
            let n = self.screen.read(&mut buffer).await.unwrap();
            assert!(n > 0, "no {words:?} in {:?}", self.shown);
            self.shown.push_str(&text(&buffer[..n]));
        }
        let end = self.shown.find(words).unwrap() + words.len();
        self.shown.drain(..end);
    }

    async fn keys(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).await.unwrap();
    }

    /// Types key by key, as people do, then Enter, and waits for these words.
    async fn line(&mut self, line: &str, words: &str) {
        for key in line.chars() {
            self.keys(&key.to_string()).await;
            self.until(&key.to_string()).await;
        }
        self.keys("\r").await;
        self.until(words).await;
    }

    async fn leave(mut self, house: &Gatehouse) {
        self.line("exit", "exit").await;
        self.child.wait().await.unwrap();
        house.ended(1).await;
    }
}

/// The texts of the recording's events of this kind.
async fn events(house: &Gatehouse, kind: &str) -> String {
    let mut all = String::new();
    for line in house.played().await.lines().skip(1) {
        let event: Value = serde_json::from_str(line).unwrap();
        if event[1] == kind {
            all.push_str(event[2].as_str().unwrap());
        }
    }
    all
}

async fn commands(house: &Gatehouse) -> Vec<String> {
    house.texts("SELECT text FROM session_command WHERE NOT certain ORDER BY number").await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_without_echo_is_nowhere_in_the_recording() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut shell = Shell::start(&house).await;
    // Bash turns the echo off only after it has said that it reads.
    shell.line("stty -echo; echo re''ady; read -s secret; stty echo", "ready\r\n").await;
    // Once by keys, as people type, once in one piece, as managers of passwords do.
    for key in "hunter2-by-keys".chars() {
        shell.keys(&key.to_string()).await;
    }
    shell.keys("\r").await;
    shell.until("at$ ").await;
    shell.line("stty -echo; read -sp 'Password: ' secret; stty echo", "Password: ").await;
    shell.keys("hunter2-in-one\r").await;
    shell.until("at$ ").await;
    shell.line("echo ${#secret}-$((40+2))", "14-42").await;
    shell.until("at$ ").await;
    shell.leave(&house).await;
    let typed = events(&house, "i").await;
    assert!(typed.contains("read -s secret;") && typed.contains("***************"), "{typed}");
    let played = house.played().await;
    let bodies = house.texts("SELECT body FROM event").await.join("\n");
    for secret in ["hunter2", "by-keys", "in-one"] {
        assert!(!played.contains(secret), "{played}");
        assert!(!bodies.contains(secret), "{bodies}");
    }
    let wanted = [
        "stty -echo; echo re''ady; read -s secret; stty echo",
        "stty -echo; read -sp 'Password: ' secret; stty echo",
        "echo ${#secret}-$((40+2))",
        "exit",
    ];
    assert_eq!(commands(&house).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn completion_history_and_pasted_lines_are_read_as_they_stand() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut shell = Shell::start(&house).await;
    shell.keys("cat /etc/hostn\t").await;
    shell.until("hostname").await;
    shell.keys("\r").await;
    shell.until("at$ ").await;
    shell.keys("\u{1b}[A").await;
    shell.until("cat /etc/hostname").await;
    shell.keys("\r").await;
    shell.until("at$ ").await;
    shell.keys("echo wrong\u{15}echo right\r").await;
    shell.until("right\r\n").await;
    shell.until("right").await;
    shell.until("at$ ").await;
    shell.keys("echo thrown away\u{3}").await;
    shell.until("at$ ").await;
    // Two lines in one piece, the first of which takes its time.
    shell.keys("sleep 0.3; echo one; echo two\recho three\r").await;
    shell.until("three\r\n").await;
    shell.until("three").await;
    shell.until("at$ ").await;
    shell.leave(&house).await;
    let wanted = [
        "cat /etc/hostname",
        "cat /etc/hostname",
        "echo right",
        "sleep 0.3; echo one; echo two",
        "echo three",
        "exit",
    ];
    assert_eq!(commands(&house).await, wanted);
    let certain = house.texts("SELECT text FROM session_command WHERE certain").await;
    assert_eq!(certain, ["PS1='at$ ' exec bash --norc --noprofile"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_read_off_the_alternate_screen() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut shell = Shell::start(&house).await;
    // What editors and pagers do, with a program that is everywhere.
    shell.line("printf '\\033[?1049h'; cat; printf '\\033[?1049l'", "\u{1b}[?1049h").await;
    shell.line("not a command", "not a command").await;
    shell.line("rm -rf nothing either", "either").await;
    shell.keys("\u{4}").await;
    shell.until("\u{1b}[?1049l").await;
    shell.until("at$ ").await;
    shell.line("echo back", "back").await;
    shell.until("at$ ").await;
    shell.leave(&house).await;
    let wanted = ["printf '\\033[?1049h'; cat; printf '\\033[?1049l'", "echo back", "exit"];
    assert_eq!(commands(&house).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_for_a_password_is_no_command_and_a_wrong_one_neither() {
    let house = Gatehouse::start("test", json!({})).await;
    let mut shell = Shell::start(&house).await;
    // Asks like sudo: without echo, and again when it is wrong.
    shell.line("p() { printf 'Pass%s: ' word; head -1 >/dev/null; echo; }", "at$ ").await;
    shell.line("stty -echo; p; p; stty echo; echo do''ne", "Password: ").await;
    shell.keys("wrong-hunter2\r").await;
    shell.until("Password: ").await;
    shell.keys("right-hunter2\r").await;
    shell.until("done").await;
    shell.until("at$ ").await;
    shell.leave(&house).await;
    assert!(!house.played().await.contains("hunter2"));
    let read = commands(&house).await;
    assert_eq!(read.len(), 3, "{read:?}");
    assert!(read[0].starts_with("p()") && read[1].starts_with("stty") && read[2] == "exit");
}
