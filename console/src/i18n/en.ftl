# The frame
skip = Skip to the content
menu-open = Open the menu
menu-close = Close the menu
faces = Portal or console
face-portal = Portal
face-console = Console
account-menu = Account and appearance
theme-system = As the system has it
theme-light = Light
theme-dark = Dark
plain-pages = Pages without scripts
sign-out = Sign out
connection-connecting = Connecting…
connection-live = Live
connection-broken = Reconnecting…
over-title = Your session is over.
over-text = Sign in again beside this page; nothing here is lost.
sign-in-again = Sign in again
step-up = Confirm that it is you
back-title = Done. You can close this window
back-text = The page that you came from goes on by itself.
to-home = To the portal
missing-title = There is nothing here
missing-text = The page does not exist, or you may not know that it does.
detail-missing = There is no { $name } here
detail-missing-next = It may have been deleted or renamed, or you may not know of it.
detail-gone = { $name } is gone
detail-gone-text = Somebody deleted or renamed it while you were here. What you see is how it was.
waiting-for-you = waiting for you
palette = Search or go to…
palette-hint = A page, a person, a target…
palette-found = What was found
palette-places = Pages
palette-deeds = Do
palette-language = Language: { $name }
palette-also-theme = theme appearance mode colours colors
palette-also-german = German
palette-also-english = English
palette-also-sign-out = log out, logout, leave
palette-none = Nothing was found. Try other letters.

# Places
nav-home = Home
nav-request = Request access
nav-my-access = My access
nav-approvals = Approvals
nav-my-sessions = My sessions
nav-you = You
nav-security = Sign-in and devices
nav-activity = Activity
nav-overview = Overview
nav-directory = Directory
nav-people = People
nav-workloads = Workloads
nav-groups = Groups
nav-roles = Roles
nav-access = Access
nav-targets = Targets
nav-applications = Applications
nav-secrets = Secrets
nav-policies = Policies
nav-oversight = Oversight
nav-requests = Requests and grants
nav-sessions = Privileged sessions
nav-audit = Audit
nav-map = Access map
nav-why = Why may…?
nav-house = House
nav-settings = Settings
nav-nodes = Nodes

# Everywhere
loading = Loading…
close = Close
cancel = Cancel
dismiss = Dismiss
copy = Copy
copied = Copied
optional = (optional)
field-missing = This is needed.
field-number = A number is needed here.
field-email = This is no e-mail address.
field-url = This is no address; it begins with https://.
field-least = At least { $least }.
field-most = At most { $most }.
field-wrong = This does not fit here.
field-left =
    { $n ->
        [0] No character is left
        [one] One character is left
       *[other] { $n } characters are left
    }
choose = Choose…
add = Add
added = { $name } was added
edit = Edit
save = Save
saved = Saved
discard = Discard changes
details = Details
more-settings = More settings
more = Show more
yes = Yes
no = No
until = ends
enabled = Enabled
disabled = Disabled
enable = Enable
disable = Disable
delete = Delete
delete-title = Delete { $name }?
delete-undo = This cannot be undone. The record of what happened stays.
deleted = { $name } was deleted
remove = Remove
removed = { $name } was removed
reason = Reason
reason-recorded = It is kept in the audit log.
type-to-confirm = Type { $name } to confirm
danger-zone = Danger zone
try-again = Try again
picker-none = Nothing was found
unit-day =
    { $n ->
        [one] 1 day
       *[other] { $n } days
    }
unit-hour =
    { $n ->
        [one] 1 hour
       *[other] { $n } hours
    }
unit-minute =
    { $n ->
        [one] 1 minute
       *[other] { $n } minutes
    }
unit-second =
    { $n ->
        [one] 1 second
       *[other] { $n } seconds
    }
break-glass = Break-glass

# Lists
list-search = Search…
list-any = any
list-clear = Clear
list-filters =
    { $n ->
        [0] Filters
       *[other] Filters ({ $n })
    }
list-more-filters = More filters
list-changed = Changed: read anew
list-search-reason = Search by who, what or why…
list-columns = Columns
list-export = Export
list-exporting = { $n } exported…
list-exported =
    { $n ->
        [one] 1 row was exported
       *[other] { $n } rows were exported
    }
list-export-failed = The export was stopped. Try again.
list-count =
    { $n ->
        [one] 1 row
       *[other] { $n } rows
    }
list-count-more = { $n } and more
list-looking = Looking on; { $n } found so far.
list-rests = There is more to look through; { $n } found so far.
list-looked =
    { $n ->
        [one] Everything was looked through; 1 was found.
       *[other] Everything was looked through; { $n } were found.
    }
list-look-on = Look on
list-none-found = Nothing was found
list-none-found-next = Change the search or the filters.

# Columns
column-name = Name
column-title = Title
column-kind = Kind
column-state = State
column-email = E-mail
column-relation = Relation
column-owner = Owner
column-ends = Ends
column-created = Created
column-changed = Changed
column-description = Description
column-about = What
column-requester = Who asks
column-holder = Who
column-reason = Reason
column-duration = For
column-approvals = Approvals
column-asked = Asked
column-decided = Decided
column-left = Time left
column-do = Action
column-account = Account
column-who = Who
column-started = Started
column-length = Length
column-address = Address
column-protocol = Protocol
column-coverage = Inspected
column-bytes = Bytes
column-when = When
column-activity = Activity
column-said = What exactly
column-on = On
column-outcome = Outcome
column-leaf = Leaf
column-host = Host
column-labels = Labels
column-url = Address
column-version = Version
column-statements = Statements
column-text = Text

# Refusals
problem-unknown = Something went wrong
problem-offline = Doorward cannot be reached
problem-offline-next = Check your connection; what you typed is kept.
problem-outdated = Doorward has changed since you loaded it
problem-outdated-next = Try again: the page is loaded anew; what you typed is kept.
problem-unauthenticated = Your session is over
problem-unauthenticated-next = Sign in again beside this page; nothing here is lost.
problem-not-permitted = Not permitted
problem-step-up = This wants a fresh proof that it is you
problem-step-up-any = Policy asks for a proof that is newer than yours. Confirm with a second factor; it goes on by itself.
problem-step-up-passkey = Policy asks for your passkey here. Confirm with it; it goes on by itself.
problem-not-permitted-until = Policy permits this only if you { $list }.
problem-not-permitted-ever = Policy does not permit this to you. Ask an administrator if you need it.
problem-policies = By: { $names }
problem-cross-site = The request came from another site
problem-cross-site-next = Open Doorward by its own address.
problem-csrf-token = This page is older than your sign-in
problem-csrf-token-next = Nothing was done. Load the page again.
problem-not-found = There is nothing here
problem-not-found-next = It is gone, or you may not know of it.
problem-invalid = Something is not right
problem-invalid-next = Mend it and send it again.
problem-conflict = Somebody else was quicker
problem-conflict-next = Look at it again, then decide.
problem-version-mismatch = It was changed in the meantime
changed-elsewhere = Somebody else saved it while you were typing. Copy what you need, then discard your changes to see theirs.
problem-version-mismatch-next = Load the page again; what you typed is kept.
problem-taken = The name is taken
problem-taken-next = Choose another one.
problem-in-use = Something still needs it
problem-in-use-next = Take it out of use first.
problem-key-reused = The request was sent before with other content
problem-key-reused-next = Change something and send it again.
problem-in-progress = The same request is still being worked on
problem-in-progress-next = Wait a moment.
problem-over = This is over
problem-over-next = Load the page again to see how it stands.
problem-too-many = Too many attempts
problem-too-many-next = Wait a little and try again.
problem-too-large = That is too large
problem-too-large-next = At most 1 MiB is accepted.
problem-sealed = Doorward is sealed
problem-sealed-next = It has to be unsealed by those who hold its key.
problem-wrong-share = This does not open the seal
problem-wrong-share-next = Check what you entered.
problem-target-failed = The target did not do it
problem-target-failed-next = Check that it can be reached and that its credential is right.
problem-elsewhere = Another node has it
problem-elsewhere-next = Try again; you may come to the right one.
problem-unavailable = Doorward cannot do this at the moment
problem-unavailable-next = Try again in a moment.
problem-storage-full = The disk is full
problem-storage-full-next = Tell the operators.
problem-internal = Something went wrong at the server
problem-internal-next = Try again; the operators find the cause in the log.
requirement-step-up = confirm with a second factor
requirement-passkey = confirm with a passkey
requirement-reason = give a reason
requirement-approvals =
    { $count ->
        [one] have it approved by another person
       *[other] have it approved by { $count } other people
    }
requirement-duration = ask for at most { $duration }
requirement-device = use a managed device

# Home
home-title = Home
home-lead = What you can open, reach and ask for.
home-search = Find an application or a target
home-approvals =
    { $count ->
        [one] 1 request waits for your decision
       *[other] { $count } requests wait for your decision
    }
home-approvals-open = Decide
home-grants = Yours for a while
home-applications = Applications
home-no-applications = No applications yet
home-no-applications-next = An administrator can register them and let a policy open them to you.
home-no-applications-found = No application has that in its name
home-targets = Targets
home-no-targets = No targets yet
home-no-targets-next = When a policy lets you reach a host or a database, it stands here with the command for it.
home-no-targets-found = No target has that in its name
home-more-targets = Show more accounts
home-more-applications = Show more applications
request-more = Show more
home-all-targets = Show all { $n }
how-now = Now
how-step-up = After confirming
how-managed-device = On a managed device
how-request = On request
needs = You have to { $list }.
how-elsewhere = Open it at its own address
command-for = Command for { $name }
request-access = Request access
time-left = { $time } left
time-over = over
return = Give back
return-title = Give back { $name }?
return-what = Sessions that you have open under it end at once.
return-undo = You can ask for it again.
return-done = { $name } was given back

# Requests
request-title = Request access
request-catalogue = Everything that can be asked for
request-search = Search what can be asked for
request-catalogue-count =
    { $count ->
        [one] One thing can be asked for
       *[other] { $count } things can be asked for
    }
request-lead = For a time and a reason. You see beforehand what policy will ask.
request-reason = Why?
request-reason-hint = Approvers and auditors read this. A ticket number helps.
request-duration = For how long?
request-asks = You will have to
request-send = Send the request
request-filed = The request was sent
request-granted = It is yours now
request-nothing = There is nothing to ask for
request-nothing-next = All that you may reach is open to you already.
request-label = Request of { $who } for { $what }
request-wish = { $what } for { $duration }
request-expires = Lapses
request-waits = Waiting for a decision
request-waits-text = Those who may decide were told. This page changes by itself.
request-state-pending = Pending
request-state-approved = Approved
request-state-denied = Denied
request-state-withdrawn = Withdrawn
request-state-expired = Lapsed
my-access-title = My access
my-access-lead = What you hold, and what you asked for.
my-grants = Grants in force
my-grants-none = Nothing is granted to you at the moment.
my-requests-none = You have not asked for anything yet
my-requests-none-next = Ask for a target or an application; it is yours for the time that was approved.
one-request-title = Request
one-request-grant = Yours for a while
one-request-grant-of = With { $who } for a while
one-request-over = The access is over
grant-ended-returned = It was given back { $at }.
grant-ended-expired = Its time was over { $at }.
grant-ended-revoked = It was revoked { $at }: { $reason }
grant-ended-no-longer-permitted = It ended { $at }, because policy no longer permits it: { $because }
withdraw = Take back
withdraw-title = Take the request back?
withdraw-what = Nobody has to decide about { $name } any more.
withdraw-undo = You can ask again.
withdraw-done = The request was taken back
asked = asked
approvals-title = Approvals
approvals-lead = Requests that wait for your word.
approvals-none = Nothing waits for you
approvals-none-next = New requests appear here by themselves; you are told by mail too.
approvals-of = { $have } of { $need }
approved-by = { $name } approved
denied-by = { $name } denied
approve = Approve
deny = Deny
decide-comment = A word to them
decided-gone = It was decided in the meantime, or taken back.
deny-title = Deny the request of { $who } for { $what }?
deny-what = { $who } does not get it and is told at once. The request is over, whoever else has approved it.
deny-undo = It cannot be undone. They can ask again.
deny-readers = { $who } reads it, and it is kept in the audit log.
decided-approved = { $name } has access now
decided-denied = The request of { $name } was denied
decided-more =
    { $count ->
        [one] Noted; one more approval is needed
       *[other] Noted; { $count } more approvals are needed
    }
last-time = Last there
last-time-open = What they did
last-time-commands = What they ran then
risk-low = Low risk
risk-medium = Medium risk
risk-high = High risk
risk-why = Why
risk-nothing = Nothing speaks for a second look.
risk-first-time = They have never had a session on { $name }.
risk-first-time-application = They have not opened { $name } in the last 90 days.
risk-unusual-hour = None of their { $n } sign-ins in 90 days was at this time of the day.
risk-new-network = Asked from { $address }, a network that is new with them.
risk-unmanaged-device = Asked from a device that nobody manages.
risk-unknown-device = Asked from an unknown device.
risk-critical-account = The account is critical ({ $by }).
risk-longer = Longer than they ever had it (so far { $before } at most).
risk-broke-glass =
    { $n ->
        [one] They broke the glass once in 30 days.
       *[other] They broke the glass { $n } times in 30 days.
    }
risk-weak-proof = Signed in without a phishing-resistant factor ({ $factors }).
risk-failed-sign-ins = Signing in as them failed { $n } times in 7 days.
risk-changed = Their authenticators were changed ({ $at }).
requests-lead = Who asked for what, and what was granted.
requests-none = Nobody has asked for anything yet
requests-none-next = A policy that demands an approval makes access something to ask for.
tab-requests = Requests
tab-grants = Grants
grants-none = Nothing was granted yet
grants-none-next = Approved requests become grants with an end.
few-no-grants = No grant is in force.
few-no-access = Nothing is reached.
grant-live = In force
grant-over = Over
revoke = Revoke
revoke-title = Revoke { $name }?
revoke-what = { $who } loses it within a second; sessions under it end.
revoke-undo = It cannot be undone; they can ask again.
revoked = It was revoked
review = Review
review-title = Review the break-glass access to { $name }?
review-what = { $who } took it at once, for: { $reason }
review-undo = What you write is kept in the record.
reviewed = The review was kept

# Sessions and the room
my-sessions-title = My sessions
my-sessions-lead = Your privileged sessions. Each is recorded.
my-sessions-none = You have not opened a privileged session yet
my-sessions-none-next = Copy the command of a target on the home page into your terminal.
sessions-lead = Who is on which account now, and the recordings of what was.
sessions-none = No privileged session yet
sessions-none-next = When somebody connects through the gateway, it appears here at once.
session-live = Live
session-opening = Opening
session-ended = Ended
session-cli = Command line
room-title = Privileged session
room-lead = by { $who }
room-lasted = lasted { $time }
room-lasts = for { $time }
room-request = Request
room-record = In the audit log
room-terminal = Terminal
room-screen = Screen of the session
sight-smaller = Smaller letters
sight-larger = Larger letters
sight-big = Use the whole window
sight-small = Leave the whole window
room-live = Live; your watching is recorded
room-over = Over
room-unseen = The screen is not shown to you
room-unseen-text = Policy does not let you watch this session.
room-unseen-commands = What is typed in it is shown to those who may watch or replay it.
room-ended = The session has ended
room-replay = Replay it
ended-expired = ended because its time was over
ended-returned = ended because the access was given back
ended-revoked = ended because the access was revoked: { $reason }
ended-terminated = terminated: { $reason }
ended-no-longer-permitted = ended because policy no longer permits it: { $because }
room-beside = Beside the screen
room-tab-commands = Timeline
room-tab-files = Files
room-tab-search = Search
room-tab-people = People
room-owner = whose session it is
room-watching = watching now
room-watched = watched
room-played = played the recording
room-nobody-else = Nobody else was in it.
room-no-commands = No command was seen yet.
room-no-files = No file was moved.
room-uncertain = Read off the screen; it may not be exact
room-search = Search inside the recording
room-search-hint = Finds what was on the screen.
room-found =
    { $n ->
        [0] Nothing was found
        [one] Found once
       *[other] Found { $n } times
    }
terminate = Terminate
terminate-title = Terminate the session on { $name }?
terminate-what = { $who } loses the connection to { $name } at once. What runs there in the foreground may be cut off.
terminate-undo = It cannot be undone. They can connect again as long as policy permits it; disable the person or revoke the grant to prevent that.
terminate-done = You terminated the session
session-frozen = Frozen
freeze = Freeze
freeze-title = Freeze the session on { $name }?
freeze-what = { $who } reaches nothing on { $name } any more and sees nothing of it. What they type is not sent and not kept. What runs there goes on; what it says waits. They read your reason in their terminal.
freeze-undo = It can be undone: thaw it, and it goes on where it stopped. It can also be terminated from here. The time of the grant goes on meanwhile.
freeze-done = The session is frozen
thaw = Thaw
thaw-done = The session goes on
frozen-title = Frozen: nothing passes
frozen-by = By { $who },
frozen-text = What is typed is not sent; what the target says waits. It can be thawed or terminated.
frozen-said = { $who } froze this session: { $reason }
message-label = Write to { $who }
message-placeholder = What are you doing there?
message-hint = One line, for their terminal and the record.
message-send = Send
message-sent = { $who } has your message
message-left = { $n ->
    [one] One character is left
   *[other] { $n } characters are left
  }
order-frozen = { $who } froze it.
order-thawed = { $who } thawed it.
order-message = { $who } wrote:
room-key-freeze = f freezes
room-key-thaw = f thaws
room-key-write = m writes
overview-frozen = { $n ->
    [one] one of them frozen
   *[other] { $n } of them frozen
  }
replay-title = A recording of this session is kept
replay-unseen = Policy does not let you replay it.
replay-text = That you watch it is recorded before the first frame.
replay-play = Play the recording
replay-loading = { $size } loaded…
replay-pause = Pause
replay-resume = Play
replay-seek = Moment
replay-speed = Speed
replay-skip = Skip idle time
replay-share = Copy a link to this moment
replay-download = Download asciicast
replay-shared = The link to { $time } was copied
replay-interrupted = The recording is cut short
replay-interrupted-text = The node went away while it was recorded. What is here is as it was.
watch = Watch

# You
security-title = Sign-in and devices
security-lead = How you prove who you are, and where you are signed in.
security-authenticators = Authenticators
security-sessions = Where you are signed in
security-session = This session
security-none = You have no authenticator
security-none-next = Add a passkey to sign in without a password.
factor-password = Password
factor-totp = Authenticator app
factor-passkey = Passkey
factor-recovery = Recovery codes
factor-ssh-key = SSH key
recovery-left =
    { $count ->
        [one] 1 code is left
       *[other] { $count } codes are left
    }
factors = Proven with
add-authenticator = Add another
add-ssh-key = Add an SSH key
ssh-key-label = Name
ssh-key-label-example = laptop
ssh-key-public = Public key
ssh-key-hint = The line in the .pub file. A key on a security key (sk-…) is best.
ssh-key-added = The key was added
last-used = last used
never-used = never used
added-at = added
last-seen = last seen
address-unknown = address unknown
this-one = This one
remove-authenticator-title = Remove { $name }?
remove-authenticator-what = You cannot sign in with it any more. Make sure that another one is left.
remove-authenticator-undo = It cannot be undone; you can enrol it anew.
end-session = End
end-session-title = End this session?
end-session-what = { $agent } is signed out at once, with all that is open there.
end-session-undo = You can sign in there again.
end-session-done = The session was ended
assurance = Assurance
assurance-level = Level { $level }
phishing-resistant = Phishing-resistant
session-until = Ends
activity-title = Activity
activity-lead = What the record has of you. Tell your administrators of anything that was not you.
activity-none = Nothing is recorded yet
activity-none-next = What you do appears here.
outcome-success = Done
outcome-failure = Refused

# Break-glass
glass-offer = Is it an emergency?
glass-offer-text = You may take this access at once. Everybody concerned is alarmed, and it is reviewed afterwards.
glass-break = Break the glass
glass-title = Take { $name } at once?
glass-what = You get access for an hour without waiting for anybody. Approvers and auditors are alarmed now.
glass-undo = You can give it back early. That you took it stays in the record and must be reviewed.
glass-done = You have access to { $name } now

# People and workloads
people-lead = Everybody whom Doorward knows.
people-none = Nobody is here yet
people-none-next = Add somebody, then send them the one-time link to enrol.
add-person = Add a person
workloads-lead = Services, scripts, pipelines, agents; each with somebody who answers for it.
workloads-none = No workload yet
workloads-none-next = Give a pipeline or a service an identity of its own instead of somebody's password.
add-workload = Add a workload
relation-employee = Employee
relation-contractor = Contractor
relation-partner = Partner
relation-vendor = Vendor
identity-active = Active
identity-disabled = Disabled
identity-over = Ended
identity-not-yet = Not yet
identity-sessions = Signed in
identity-no-sessions = Not signed in anywhere.
field-display-name = Full name
field-sign-in-name = Sign-in name
field-sign-in-name-hint = Small letters, digits, dots, dashes.
field-workload-name-hint = Such as ci-deploy.
field-owner = Who answers for it
field-starts = Not before
field-ends = Not after
field-ends-hint = After this moment nothing works any more for them.
membership = Belongs to
owner-person = Person
show-access = What they reach
invite-make = Make the link
invite = One-time link
invite-title = Make a one-time link for { $name }?
invite-what = Whoever opens it first enrols an authenticator. It works once, for 24 hours.
invite-undo = An earlier link stops working.
invite-done = The link was made
link-title = The one-time link
link-text = It is shown only here. Hand it over by a way that you trust.
link-until = Works until
copy-link = Copy the link
next-title = What comes next
next-alone-title = In no group, and without a role
next-link = Make a one-time link and hand it over: with it they enrol how they sign in.
next-link-others = Have somebody who may make a one-time link for them: with it they enrol how they sign in.
next-group = Put them into a group: most policies give to groups. Until then they reach what everybody does.
join = Add to a group
join-title = Add { $who } to a group
joined = { $who } is in { $group } now
reset = Reset sign-in
reset-title = Take all authenticators from { $name }?
reset-what = They can no longer sign in with what they have. A one-time link lets them enrol anew.
reset-undo = It cannot be undone.
reset-done = The authenticators are gone; hand over the link
disable-title = Turn everything off for { $name }?
disable-what = Within a second { $name } is signed out everywhere: browser sessions, tokens, privileged sessions and grants end on every node.
disable-undo = You can let them in again; what ended stays ended.
disable-done = { $name } is shut out everywhere
enable-title = Let { $name } in again?
enable-what = They can sign in again with the authenticators that they have.
enable-undo = You can turn everything off again.
enable-done = { $name } may sign in again
end-all = End all
end-all-title = Sign { $name } out everywhere?
end-all-what =
    { $count ->
        [one] One session ends at once.
       *[other] { $count } sessions end at once.
    }
end-all-undo = They can sign in again; disable them to prevent that.
end-all-done = All sessions were ended
delete-identity-text = To shut somebody out, disable them. Delete only what was a mistake.
delete-identity-what = { $name } loses everything at once, and the name becomes free.
recent = What they did last
times = × { $n }
recent-here = What happened here last
recent-none = Nothing is recorded yet.

# Groups and roles
groups-lead = Teams and departments, nested as they are.
groups-none = No group yet
groups-none-next = Policies are easier to read with groups than with names.
add-group = Add a group
roles-lead = Names that policies give permissions to.
roles-none = No role yet
roles-none-next = Make one, name it in a policy, assign it to a group, if need be until a date.
add-role = Add a role
members =
    { $count ->
        [one] 1 member
       *[other] { $count } members
    }
members-none = Nobody is in it yet.
member-kind = Who is it?
member-identity = Person or workload
member-group = Group
add-member = Add a member
add-member-title = Add a member to { $group }
member-added = { $who } is in it now
take-out = Take out
take-out-title = Take { $who } out of { $group }?
take-out-what = What they have by this group they lose within a second.
take-out-undo = You can put them back in.
taken-out = { $who } was taken out
delete-group-what =
    { $count ->
        [0] Nobody is in it.
        [one] One member loses what came by it.
       *[other] { $count } members lose what came by it.
    }
holders =
    { $count ->
        [one] 1 holder
       *[other] { $count } holders
    }
holders-none = Nobody holds it yet.
assign = Assign
assign-title = Assign { $role }
assigned = { $who } holds it now
field-until = Until
field-until-hint = It is taken away by itself then.
take-away = Take away
take-away-title = Take { $role } away from { $who }?
take-away-what = What they have by this role they lose within a second.
take-away-undo = You can assign it again.
taken-away = It was taken from { $who }
delete-role-what =
    { $count ->
        [0] Nobody holds it.
        [one] One holder loses it.
       *[other] { $count } holders lose it.
    }

# Targets
targets-lead = Hosts, databases and other systems that privileged sessions go to.
targets-none = No target yet
targets-none-next = Add a host with its key, then an account and its credential; a policy says who reaches it.
add-target = Add a target
field-target-name-hint = People write it after the @.
setting-ssh-host = Host
setting-ssh-host-hint = A name or an address that the gateway can reach.
setting-ssh-port = Port
setting-ssh-host-keys = Host keys
setting-ssh-host-keys-hint = One on each line, as ssh-keyscan prints them. Nothing else is accepted at this address.
host-keys-ask = Ask the host for its keys
host-keys-compare = Compare them with the host’s own
host-keys-compare-text = Whoever stands in between could show others. On the host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
host-keys-pin = They are the same: pin them
setting-ssh-host-ca = Host authority
setting-ssh-host-ca-hint = The public key that signs host certificates, instead of pinned keys.
setting-ssh-connect-timeout = Seconds to connect
setting-ssh-connect-timeout-hint = 1 to 60.
setting-ssh-sftp-root = Only files below
setting-ssh-sftp-root-hint = An absolute folder: then there is file transfer below it, and no shell.
field-description-hint = What it is for.
field-labels-hint = Policies look at these: env=prod, team=web.
who-reaches = Who reaches it
accounts = Accounts
accounts-none = No account yet. Add the login that sessions use.
add-account = Add an account
add-account-title = Add an account on { $name }
edit-account-title = Change { $name }
field-login = Login
credential-missing = No credential
set-credential = Set credential
credential-title = Credential of { $name }
credential-key = Private key
credential-password = Password
credential-password-hint = The vault keeps it and can rotate it.
credential-key-hint = The vault keeps it and can rotate it.
credential-certificate = Certificate
credential-certificate-hint = Nothing is kept: each session gets a certificate of its own, good for minutes.
certificate-trust = Have the host trust the authority
certificate-trust-text = Run the first on the host, add the second to its sshd_config, and reload sshd.
certificate-config = The line for sshd_config
certificate-keys = The keys of the authority
test-connection = Test
test-works = The target takes it
test-fails = It does not work
test-distrusted = The target does not take a certificate of Doorward's authority for this account. See whether TrustedUserCAKeys names its key.
test-refused = The target does not accept the credential that the vault holds. Set it anew.
credential-hint = It goes into the vault and is never shown again. Nobody who connects sees it.
credential-kept = The credential is in the vault
rotate = Rotate
rotate-title = Rotate the credential of { $name }?
rotate-what = Doorward sets a new one on the target, tries it, and only then forgets the old one. Open sessions go on.
rotate-undo = It cannot be undone; if the target refuses, the old one stays.
rotated = The credential was rotated
target-disable-title = Close { $name }?
target-disable-what = Nobody can open a session there any more; open ones end.
target-enable-title = Open { $name } again?
target-enable-what = Those whom policy permits can reach it again.
target-switch-undo = You can switch it back at any time.
delete-target-what =
    { $count ->
        [0] It goes.
        [one] It goes with its account and credential; sessions there end.
       *[other] It goes with its { $count } accounts and their credentials; sessions there end.
    }
delete-account-what = The account and its credential go; sessions on it end. The login on the target itself stays.

# Applications
applications-lead = What people and workloads sign in to.
applications-none = No application yet
applications-none-next = Register one; you get what to put into its settings.
add-application = Register an application
application-kind = What is it?
application-web = Web application
application-web-hint = Has a server that keeps a secret.
application-native = App or command line
application-native-hint = Runs with people; keeps no secret.
application-workload = Workload
application-workload-hint = Signs in by itself, without people.
application-made = { $name } is registered
application-open = Open it
application-disable-title = Close { $name }?
application-disable-what = Nobody can sign in there any more; its tokens end.
application-enable-title = Open { $name } again?
application-enable-what = Those whom policy permits can sign in again.
delete-application-what = Nobody can sign in there any more, and its tokens end at once.
field-title-hint = What people read in the portal.
field-application-name-hint = What policies call it.
field-redirect-uris = Redirect addresses
field-redirect-uris-hint = One on each line; compared letter by letter.
field-launch-url = Start address
field-launch-url-hint = Where the portal leads.
field-logout-uris = Addresses after signing out
field-backchannel = Back-channel sign-out
field-scopes = Scopes
field-ask-consent = Ask people for consent
field-ask-consent-hint = Not needed for your own applications.
connect = Connect it
connect-issuer = Issuer
connect-discovery = Discovery address
connect-endpoints = Each endpoint by itself
connect-authorization = Authorization endpoint
connect-token = Token endpoint
connect-userinfo = Userinfo endpoint
connect-end-session = Sign-out endpoint
connect-jwks = Public keys
connect-who = Who may open it?
connect-client-id = Client ID
connect-secret = Client secret
connect-secret-once = Copy the secret now
connect-secret-once-text = It is kept only as a hash and is not shown again.
connect-test = Test sign-in
connect-test-hint = Shows what the application would get of you, or what is wrong. Nothing is sent to it.
sign-in-test-title = Test sign-in: { $name }
sign-in-test-lead = What the application would get if you signed in now. Nothing is sent to it, and nothing that could be used is made.
sign-in-test-request = Another request
sign-in-test-address = What the application sends people to
sign-in-test-address-hint = The whole address with its parameters. Left empty, a request as it should be, for all scopes.
sign-in-test-again = Test
sign-in-test-works = It works
sign-in-test-consent = It works, once you have said yes to what it asks for
sign-in-test-step_up = You would be asked for another proof first
sign-in-test-denied = Policy does not let you in
sign-in-test-error = The request is wrong
sign-in-test-registered = Registered redirect addresses
sign-in-test-none-registered = None is registered.
sign-in-test-left-out = Asked for, and not given
sign-in-test-redirect = The answer would go to
sign-in-test-id-token = ID token
sign-in-test-userinfo = Userinfo
mend-endpoint = Send people to this house's own authorization endpoint.
mend-client_id = Send the client ID that is shown with the application.
mend-switch_on = Switch the application on.
mend-redirect_uri = Send a redirect address that is registered, letter for letter, or register this one.
mend-pkce = Use PKCE: send a code_challenge with the method S256.
mend-response = Ask for response_type=code, answered in the query or by form_post.
mend-workload = It signs in as itself: with its own credentials, at the token endpoint.
mend-request_object = Do not send request objects or registrations; send plain parameters.
mend-acr = Ask for an acr that there is: urn:doorward:aal1, urn:doorward:aal2 or phr.
mend-prompt = Do not send prompt=none where the person has something to do; and send it alone.
mend-request = Mend the parameter that is named here.
mend-later = The application is not at fault. Try again later.
told-person = the person would see it on a page
told-application = the application would get it at its redirect address
new-secret = New secret
new-secret-title = Give { $name } a new secret?
new-secret-what = The old one stops working at once.
new-secret-undo = It cannot be undone. Put the new one into the application's settings straight away.
new-secret-done = There is a new secret

# Secrets
secrets-lead = Values in the vault. Reading one is recorded before it is shown.
secrets-none = No secret yet
secrets-none-next = Put a value here instead of into a file or a chat.
add-secret = Add a secret
secret-opaque = Token or other
secret-password = Password
secret-ssh-key = SSH key
field-value = Value
field-value-hint = It is sealed at once. What you type here is not kept by the browser.
secret-value = Value
secret-read = Show the value
secret-read-text = That you read it is recorded first. It is hidden again after a minute.
secret-hide = Hide it
copy-value = Copy the value
versions = Versions
version-number = Version { $n }
version-live = In use
version-pending = Pending
version-retired = Retired
version-destroyed = Destroyed
new-version = New version
new-version-title = New version of { $name }
delete-secret-what = All its versions are destroyed. What needs the value stops working.

# Policies
policies-lead = Nothing but these grants anything.
policies-none = No policy is in force
policies-none-next = Without a policy nobody may do anything.
add-policy = Add a policy
in-force = In force
not-in-force = Not in force
policy-text = Text
policy-how = How do you want to write it?
policy-by-form = By choosing
policy-by-form-hint = You see the text that comes of it.
policy-by-text = In Cedar
policy-by-text-hint = With completion and checks.
policy-description-hint = What it is for, for those who read it later.
policy-line = Line { $line }, column { $column }:
policy-valid = It fits the schema
policy-save = Save and put in force
policy-saved = The policy is in force on every node
policy-disable = Put out of force
policy-disable-title = Put { $name } out of force?
policy-enable = Put in force
policy-enable-title = Put { $name } in force?
policy-switch-undo = You can switch it back; what ended stays ended.
policy-says-none = Its text has no statement: nothing is permitted or forbidden by it.
policy-says-permit = Permits
policy-says-forbid = Forbids
policy-says-who = To whom
policy-says-on = On what
policy-says-when = Only as far as its text says
policy-says-everything = Everything
policy-force-save = Put the new text in force
policy-force-save-title = Put the new text of { $name } in force?
policy-force-undo = You can put the old text back; what ended stays ended.
policy-force-new-undo = You can put it out of force again; what ended stays ended.
policy-force-what = It is in force on every node at once. Everything that is open is decided again: what is no longer permitted ends within a second.
policy-gone-what = What only this policy permits ends within a second on every node, in open sessions too. What it forbids is no longer forbidden. This is what it says:
policy-cost-loses = You may lose the right to change policies
policy-cost-loses-text = As far as can be told, your own right to change policies comes from this policy. If it goes, you cannot take this back: somebody else who may change policies has to.
policy-cost-forbids = This may forbid you to change policies
policy-cost-forbids-text = It forbids what the right to change policies is part of. If it applies to you, you cannot take this back: somebody else who may change policies has to.
delete-policy-what = What it permits ends within a second on every node, in open sessions too. What it forbids is no longer forbidden.
delete-policy-undo = It cannot be undone. Keep a copy of its text, or put it out of force instead.
builder-effect = What does it do?
builder-permit = Permit
builder-forbid = Forbid
builder-who = To whom?
builder-group = Group
builder-role = Role
builder-anyone = Everybody
builder-action = What?
builder-action-hint = One or several; all when none is chosen.
builder-action-add = Add an action…
builder-action-remove = Take off { $name }
builder-action-any = Every action
deeds-everyday = Everyday
deeds-sessions = Privileged sessions
deeds-requests = Requests and grants
deeds-vault = Vault
deeds-directory = Directory
deeds-access = Targets and applications
deeds-house = House
builder-what = On what?
builder-missing-who-group = Choose the group that this is about.
builder-missing-who-role = Choose the role that this is about.
builder-missing-what = Say which one it is about.
builder-missing-times = Both times of day are needed, or neither.
builder-label = Whatever has the label
builder-target = One target
builder-account = One account
builder-application = One application
builder-anything = Anything
builder-name = Which one?
builder-conditions = Only if
builder-second-factor = they used two factors
builder-passkey = they used a passkey
builder-reason = they gave a reason
builder-device = they use a managed device
builder-secret = A secret
builder-from = Only from (UTC)
builder-until = Until (UTC)
builder-networks = Only from these networks
builder-networks-hint = Apart by commas; empty for anywhere.
builder-approvals = Approvals
builder-hours = Hours, at most
builder-fresh = Minutes since the last proof, at most
builder-zero = 0 means that there is no limit.
deed-sign-in = Sign in
deed-application-open = Open an application
deed-session-open = Open a privileged session
deed-session-forward-port = Forward a port
deed-session-break-glass = Break the glass
deed-request-decide = Decide requests
deed-request-read = See requests of others
deed-grant-read = See grants
deed-grant-revoke = Revoke grants
deed-session-read = See privileged sessions
deed-session-watch = Watch a live session
deed-session-end = Terminate a session
deed-session-freeze = Freeze a session
deed-session-message = Write to a session
deed-recording-play = Replay recordings
deed-secret-list = See which secrets there are
deed-secret-read = Read the value of a secret
deed-secret-write = Add, change and delete secrets
deed-credential-rotate = Test and rotate credentials
deed-identity-read = See people and workloads
deed-identity-write = Add, change and delete people and workloads
deed-identity-disable = Disable and enable people and workloads
deed-identity-authenticators = Reset sign-ins, end sessions of others
deed-device-read = See devices
deed-device-manage = Manage devices
deed-group-read = See groups
deed-group-write = Change groups and their members
deed-role-read = See roles and who holds them
deed-role-write = Change roles and assign them
deed-application-read = See how applications are registered
deed-application-write = Register and change applications
deed-target-read = See targets and accounts
deed-target-write = Change targets and accounts
deed-policy-read = See policies
deed-policy-write = Change policies
deed-access-read = See who reaches what
deed-audit-read = Read the audit log
deed-seal-manage = Seal, unseal, rotate keys
deed-backup-take = Take and restore backups
deed-settings-write = Change settings and webhooks
deed-status-read = See the state of the house
deed-own-manage = Manage what is one’s own
why-title = Why may somebody?
why-lead = Ask the policies as they stand now: who may do what, by which of them, or what is missing.
why-with-password = Password
why-with-totp = One-time code
why-with-passkey = Passkey
why-with-reason = A reason
why-with-device = A managed device
why-with-glass = Broken glass
why-hours = Hours, at most
why-hours-hint = 0 leaves it open.
why-who = Who
why-action = Does what
why-on = On what
why-with = With
why-ask = Ask the policies
why-yes = Permitted
why-no = Not permitted, and nothing would change that
why-not-yet = Not permitted yet. They would have to
why-policies = By: { $names }
tests-title = Expectations
tests-table = Table
tests-hint = TOML; each row says who, what, and what the answer should be: permit, deny, or the requirements.
tests-example-mine = I may sign in with two factors
tests-example-prod = As production asks for it in a new house, once a target has the label env=prod:
tests-run = Run
tests-hold = All expectations hold
tests-fail = Some expectations do not hold
tests-holds = holds
tests-fails = does not hold
tests-row = Row { $n }
tests-found = expected { $expected }, found { $found }

# Audit
audit-lead = What happened, in order, under a signed head.
audit-class = Kind
audit-changes = Can change
audit-changes-access = Who reaches what
audit-class-authentication = Sign-in
audit-class-authorize-session = Decision
audit-class-account-change = Identity
audit-class-user-access-management = Requests and grants
audit-class-group-management = Groups
audit-class-entity-management = Policies, targets, settings
audit-class-ssh-activity = SSH session
audit-class-process-activity = Command
audit-class-file-system-activity = File
audit-class-api-activity = Token, secret, recording
audit-class-application-lifecycle = House
audit-class-detection-finding = Detection
audit-signed =
    { $n ->
        [one] 1 record signed
       *[other] { $n } records signed
    }
audit-follow = Follow
audit-export = Export (OCSF)
audit-none = Nothing is recorded yet
audit-none-next = Whatever happens in the house appears here.
audit-one = Record
audit-policies = By policies
audit-not-yet = not yet
audit-session = Open the privileged session
audit-session-filter = Session
audit-details = Details
audit-no-details = Nothing more is recorded.
room-owner-of = Whose session
said-unknown = a name that nobody has
said-nobody = nobody yet
said-changed = changed: { $fields }
said-raw = As it is recorded
said-command = Command
said-certain = Read exactly
said-name = Name
said-kind = Kind
said-fields = Changed
said-member = Member
said-holder = Holder
said-identity = Whose
said-requester = Who asked
said-confirmed-by = Confirmed by
said-by = By
said-ends-at = Ends
said-target = Target
said-reason = Reason
said-comment = Comment
said-text = Text
said-because = Because
said-why = Why
said-bytes = Size
said-bytes-in = Received
said-bytes-out = Sent
said-seconds = Length
said-login = Account
said-protocol = Protocol
said-grant = Grant
said-recording = Recording
said-number = Part
said-state = State
said-operation = Operation
said-path = File
said-other-path = To
said-outcome = Outcome
said-host = Host
said-port = Port
said-factor = Factor
said-known = Known
said-address = Address
said-client = Client
said-application = Application
said-scopes = Scopes
said-purpose = Purpose
said-device = Device
said-session = Session
said-confirmation = Confirmation
said-version = Version
said-url = Address
said-channel = Channel
said-destination = To
said-about = About
said-needed = Approvals needed
said-approvals = Approvals
said-enabled = In force
said-settings = Settings
said-label = Called
said-node = Node
said-rows = Rows
said-table = Table
said-row = Row
said-from = From
said-to = To
said-given = Shares given
said-authenticators-removed = Authenticators removed
said-authenticator = Authenticator
said-principal = Login
said-key-id = Certificate
said-serial = Serial number
said-valid-before = Valid until
said-source-address = Only from
said-authority = Authority
said-family = Token family
said-grant-type = Way
said-key = Key
said-kid = Key
said-activates-at = From
file-read = Read
file-write = Write
file-read-and-write = Read and write
file-open = Open
file-list = List
file-remove = Delete
file-mkdir = Make folder
file-rmdir = Delete folder
file-rename = Rename
file-symlink = Make link
file-hardlink = Make hard link
file-setstat = Change attributes
file-copy = Copy
file-outcome-permission-denied = permission denied
file-outcome-no-such-file = no such file
file-outcome-incomplete = incomplete
file-outcome-failed = failed
file-outcome-failure = failed
file-outcome-end-of-file = end of file
file-outcome-not-supported = not supported
audit-proof = Proof
audit-proof-text = A Merkle path shows that this record is in the signed log, unchanged.
audit-prove = Get the proof
audit-proven = In the log as leaf { $leaf }
audit-path = The path and the signed head
filter-since = Since
filter-member = With the member
filter-holder = Held by
filter-target = Target
filter-reviewed = Reviewed
filter-in-force-at = In force at
filter-until = Until

# Overview, settings, nodes
overview-lead = How the house stands now.
overview-live = Privileged sessions now
overview-live-short = Live sessions
overview-here = { $n } on this node
overview-waiting = Waiting for you
overview-waiting-hint = requests to decide
overview-requests = Requests waiting
overview-requests-hint = for whoever may decide
overview-glass = Break-glass to review
overview-glass-hint = broken, not reviewed yet
overview-glass-none = all reviewed
overview-grants = Grants in force
overview-grants-hint =
    { $n ->
        [0] no break-glass
        [one] 1 break-glass
       *[other] { $n } break-glass
    }
overview-log = Audit log
overview-log-all = all signed
overview-rows-forged = { $n } rows of the database are forged
overview-log-waiting = { $n } waiting to be signed
overview-vault = Vault
overview-outbox = Mail and webhooks
overview-outbox-failed =
    { $n ->
        [0] none failed
        [one] 1 failed
       *[other] { $n } failed
    }
overview-sealed = Doorward is sealed
overview-sealed-text = Nothing can be decrypted until it is unsealed.
overview-no-sessions = Nobody is on a privileged session.
overview-failed = Failed sign-ins
overview-detections = Recent detections
overview-no-detections = Nothing was detected.
overview-no-failed = No sign-in failed lately.
overview-all = Show all
standing-title = Standing privilege, by day
standing-measured = Measured
standing-as-of = Newest numbers as measured at { $at }; what was granted or ended since is not in them.
standing-none = Nothing was measured yet; that happens about once an hour.
standing-cut = There is too much to ask about everything: the numbers are the least that stands.
standing-now =
    { $people ->
        [one] One person stands
       *[other] { $people } people stand
    } on { $accounts ->
        [one] one account
       *[other] { $accounts } accounts
    } without a request.
standing-more =
    { $n ->
        [one] One way in more
       *[other] { $n } ways in more
    } than { $days } days ago.
standing-less =
    { $n ->
        [one] One way in fewer
       *[other] { $n } ways in fewer
    } than { $days } days ago.
standing-day =
    { $day }: { $pairs ->
        [one] one way in stands
       *[other] { $pairs } ways in stand
    }, { $granted } more by a grant
standing-gap = { $day }: not measured
standing-table = Standing privilege as a table
standing-date = Day
standing-accounts = Accounts
standing-pairs = Standing ways in
standing-granted = By a grant
standing-unmeasured = not measured
standing-text = A way in is somebody on an account: standing when policy needs no request for it, by a grant when one is in force. Days are in UTC. Today’s numbers lead to who it is; those of a day before to what changed them and to the grants of that moment.
sealed = Sealed
unsealed = Unsealed
seal-keyfile = Key file
seal-passphrase = Passphrase
seal-shamir = Shares
settings-lead = The seal, webhooks, and what this house is.
settings-house = This house
settings-version = Version
settings-database = Database
database-sqlite = SQLite
database-postgres = PostgreSQL
settings-origin = Address
settings-outbox = { $waiting } waiting, { $failed } failed
settings-file = Ports, sinks and keys are set in the configuration file of each node, so that nobody can change them from here.
settings-seal = Seal
settings-seal-method = Root key under
settings-shares = Shares
settings-shares-of = { $need } of { $have }
settings-seal-text = Sealing takes the keys out of memory: sign-ins, secrets and new sessions stop until it is unsealed.
ssh-ca = SSH authority
ssh-ca-text = Hosts whose accounts open with certificates must trust these keys (TrustedUserCAKeys). Give them the file again after a change.
ssh-ca-none = There is no key yet; the first is made when the vault is unsealed.
ssh-ca-file = Download
ssh-ca-fingerprint = Fingerprint
ssh-ca-from = Signs from
ssh-ca-until = Listed until
ssh-ca-published = Listed, signs later
ssh-ca-active = Signs
ssh-ca-retired = Signs no more, still trusted
ssh-ca-rotate = New key
ssh-ca-rotate-title = Give the SSH authority a new key?
ssh-ca-rotate-what = The new key is listed now and signs after a day. Until then every host must learn of it, or its accounts cannot be opened.
ssh-ca-rotate-undo = It cannot be undone; you can make another one.
ssh-ca-rotated = The authority has a new key
ssh-ca-leaked = A key leaked
ssh-ca-leaked-title = Has a key of the SSH authority leaked?
ssh-ca-leaked-what = A new key signs at once and the old ones are no longer listed. No account with certificates can be opened until its host has the new file, and hosts keep trusting the old key until then.
ssh-ca-leaked-undo = It cannot be undone.
seal-now = Seal now
seal-title = Seal Doorward now?
seal-what = Everybody is stopped: nobody can sign in, no secret can be read, no session can be opened.
seal-undo = It can be undone only with the key file, the passphrase or enough shares.
seal-done = Doorward is sealed
webhooks = Webhooks
webhooks-none = Nobody else is told
webhooks-none-next = A webhook tells another system of what happens here, signed.
add-webhook = Add a webhook
webhook-secret = Secret for checking its signature
webhook-secret-text = It is shown only now.
webhook-disable-title = Stop { $name }?
webhook-disable-what = It is called no more.
webhook-enable-title = Start { $name } again?
webhook-enable-what = It is called again from now on.
delete-webhook-what = It is called no more, and its secret is forgotten.
field-events = Activities
field-events-hint = Such as request.filed or session.opened; * for all.
nodes-lead = The processes that answer for this house.
nodes-there = Running
nodes-gone = Gone
nodes-seen = Last seen
nodes-id = Id
nodes-none = No node has started yet
nodes-none-next = A node says that it is there when its gateway starts.
nodes-this = This node
nodes-answers = Answering
nodes-sessions = Privileged sessions here
nodes-log = Audit log
nodes-log-value = { $leaves } signed, { $waiting } waiting

# Access map
map-person = Person or workload
map-lead = Who reaches what, by which path, as the policies answer now for whoever signed in with two factors.
map-none-next = Ask what somebody reaches, what a group gives, or who reaches an account.
map-progress = { $n } read so far…
map-about = Asked about
map-person-hint = All that they could reach: what a theft would cost.
map-group-hint = What being in it gives to somebody who has nothing else.
map-what = Account, target or application
map-what-hint = Everybody who could reach it.
map-narrow = Only to this
map-path = Path
map-needs = Needs before
map-used = Last used
map-never = never
map-way-combined = Together
map-show = Show
map-none = Choose whom or what to ask about
map-nobody = No policy lets anybody in here
map-nobody-next = Not at once, and not on request either.
map-cut = Only the first { $n } were asked about; narrow it down.
map-picture = The picture
map-how = How
map-standing = Standing
map-whose = Who
map-of = What
map-ending = On request or by a grant
map-granted = By a grant
map-glass = By breaking the glass only
map-now = Now
map-step-up = After a fresh proof
map-request = On request
map-many = { $name } and { $n } more
map-fold = Draw together again
map-direct = directly
map-way-group = Group
map-way-role = Role

# Devices
nav-devices = Devices
devices-lead = The browsers and command lines that people sign in with. Policies can ask for one that is managed.
devices-none = No device yet
devices-none-next = A browser or command line is here from its first sign-in on.
column-device = Device
column-device-owner = Whose
column-last-seen = Last signed in
column-acts = Actions
device-managed = managed
device-unmanaged = not managed
device-first = registered
device-last = last signed in
device-manage = Mark managed
device-manage-title = Say that { $name } of { $owner } is managed?
device-manage-what = What policy gives to managed devices alone can be used from it. Say so only of a device that the organisation looks after.
device-manage-undo = It can be taken back; what is open is then decided again.
device-manage-done = { $name } is managed
device-unmanage = Mark unmanaged
device-unmanage-title = Say that { $name } of { $owner } is no longer managed?
device-unmanage-what = What is open there by policies that ask for a managed device ends at once.
device-unmanage-undo = You can say again that it is managed.
device-unmanage-done = { $name } is no longer managed
device-forget = Forget
device-forget-title = Forget { $name }?
device-forget-what = Whoever is signed in there is signed out at once, with all that is open there.
device-forget-undo = One can sign in there again; it is then a new device, not managed.
device-forget-done = { $name } was forgotten
security-devices = Devices
security-no-devices = No device is known. From the next sign-in on, this one is.
few-no-devices = Nothing is known that they sign in with.

# What the record holds, by kind
event-privileged-opened = Privileged session opened
event-privileged-ended = Privileged session ended
event-account-created = Account added
event-account-deleted = Account deleted
event-account-updated = Account changed
event-application-changed = Application changed
event-application-deleted = Application deleted
event-application-opened = Application opened
event-application-refused = Application not opened
event-application-registered = Application registered
event-application-secret-rotated = Client secret renewed
event-application-tested = Sign-in to application tested
event-audit-exported = Audit log exported
event-authenticator-enrolled = Authenticator added
event-authenticator-removed = Authenticator removed
event-backup-restored = Backup restored
event-backup-taken = Backup taken
event-break-glass-used = Glass broken
event-clock-accepted = Clock accepted as it is
event-clock-put-right = Clock runs right again
event-clock-set-back = Clock was set back
event-confirmation-cancelled = Confirmation cancelled
event-confirmation-confirmed = Code from elsewhere confirmed
event-confirmation-refused = Code from elsewhere refused
event-consent-given = Application allowed
event-credential-rotated = Credential rotated
event-credential-rotation-failed = Rotation failed
event-credential-rotation-started = Rotation began
event-credential-set = Credential set
event-credential-tested = Credential tested
event-credential-used = Credential used by the gateway
event-device-forgotten = Device forgotten
event-device-managed = Device marked as managed
event-device-registered = Device registered
event-device-unmanaged = Device no longer managed
event-grant-break-glass = Access by break-glass
event-grant-created = Access granted
event-grant-ended = Access ended
event-grant-expired = Access expired
event-grant-returned = Access given back
event-grant-reviewed = Break-glass reviewed
event-grant-revoked = Access revoked
event-group-created = Group added
event-group-deleted = Group deleted
event-group-member-added = Member added to a group
event-group-member-removed = Member removed from a group
event-group-updated = Group changed
event-house-started = Doorward started
event-identity-deleted = Identity deleted
event-identity-unlocked = Sign-in unlocked
event-identity-updated = Identity changed
event-key-ring-rotated = Key ring rotated
event-link-created = One-time link made
event-link-used = One-time link used
event-notice-failed = Notice not delivered
event-passkey-counter-regressed = Passkey may be copied
event-person-created = Person added
event-person-disabled = Person disabled
event-person-enabled = Person enabled
event-policy-changed = Policy changed
event-policy-created = Policy added
event-policy-deleted = Policy deleted
event-recording-chunk = Part of a recording sealed
event-recording-closed = Recording closed
event-recording-played = Recording replayed
event-recovery-code-used = Recovery code used
event-request-approved = Request approved
event-request-denied = Request denied
event-request-expired = Request expired
event-request-filed = Access requested
event-request-withdrawn = Request withdrawn
event-role-assigned = Role given
event-role-created = Role added
event-role-deleted = Role deleted
event-role-unassigned = Role taken away
event-role-updated = Role changed
event-row-forged = Row of the database that this house did not write
event-rows-accepted = Rows of the database accepted by hand
event-rows-adopted = Older rows of the database signed
event-secret-changed = Secret changed
event-secret-created = Secret added
event-secret-deleted = Secret deleted
event-secret-read = Secret read
event-secret-version-destroyed = Version of a secret destroyed
event-session-command = Command run
event-session-end-requested = Privileged session terminated
event-session-ended = Signed out
event-session-failed = Privileged session did not open
event-session-file = File operation
event-session-frozen = Privileged session frozen
event-session-interrupted = Privileged session interrupted
event-session-message = Message to a privileged session
event-session-opened = Signed in
event-session-opening = Privileged session begun
event-session-port-forward = Port forwarded
event-session-refused = Privileged session refused
event-session-strengthened = Confirmed with a fresh proof
event-session-thawed = Privileged session thawed
event-session-watch-ended = Watching a privileged session ended
event-session-watched = Privileged session watched
event-sign-in-failed = Sign-in failed
event-sign-in-refused = Sign-in refused
event-signing-key-created = Signing key made
event-signing-key-rotated = Signing key rotated
event-target-created = Target added
event-target-deleted = Target deleted
event-target-host-key-changed = Host key of a target changed
event-target-looked-at = Host key of a target fetched
event-target-updated = Target changed
event-token-family-revoked = Tokens of an application revoked
event-token-issued = Tokens issued to an application
event-token-revoked = Token revoked
event-vault-rekeyed = Seal rekeyed
event-vault-sealed = Vault sealed
event-vault-share-given = Key share given
event-vault-unseal-refused = Unsealing refused
event-vault-unseal-reset = Key shares given so far dropped
event-vault-unsealed = Vault unsealed
event-webhook-changed = Webhook changed
event-webhook-created = Webhook added
event-webhook-deleted = Webhook deleted
event-workload-created = Workload added
event-workload-disabled = Workload disabled
event-workload-enabled = Workload enabled
audit-kind = Code

# What it happened to
thing-account = Account
thing-application = Application
thing-device = Device
thing-grant = Grant
thing-group = Group
thing-house = House
thing-identity = Identity
thing-notice = Notice
thing-own = Own
thing-person = Person
thing-policy = Policy
thing-privilegedsession = Privileged session
thing-request = Request
thing-role = Role
thing-secret = Secret
thing-target = Target
thing-webhook = Webhook
thing-workload = Workload
