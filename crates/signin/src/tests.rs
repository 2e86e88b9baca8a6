mod confirming;
mod enrolling;
mod guessing;
mod house;
mod passkeys;
mod passwords;
mod sessions;
mod signing_in;
