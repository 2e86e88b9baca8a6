//! Command lines that say themselves which program runs.

/// A command line without anything that a shell does more with than split it.
#[derive(Clone, Copy)]
pub(crate) struct Plain<'a>(&'a str);

impl<'a> Plain<'a> {
    pub fn of(command: &'a str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._/=,@%+:~- ".contains(&b);
        command.bytes().all(plain).then_some(Self(command))
    }

    /// The words behind the program, if it is this one: by its name alone or where a
    /// system has it, not what somebody has put elsewhere.
    pub fn arguments_of(&self, program: &str) -> Option<impl Iterator<Item = &'a str> + use<'a>> {
        let mut words = self.0.split(' ').filter(|w| !w.is_empty());
        let first = words.next()?;
        let named = first.rsplit('/').next() == Some(program);
        let system = first == program || (first.starts_with("/usr/") && !first.contains("/."));
        (named && system).then_some(words)
    }
}
