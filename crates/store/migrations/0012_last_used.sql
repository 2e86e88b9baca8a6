-- When somebody was last on an account, for whoever asks of many at once.
CREATE INDEX privileged_session_use ON privileged_session (account, identity, started_at);
