//! What people type before the `@` of ssh.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    use doorward_gate::Login;
    let Ok(login) = Login::parse(text) else { return };
    if let Some((account, target)) = &login.destination {
        assert!(!account.is_empty() && !target.is_empty());
        assert!(!target.contains(['@', '%']), "{login:?}");
        assert_eq!(Login::parse(&login.to_string()).map(|l| l.destination), Ok(login.destination));
    }
});
