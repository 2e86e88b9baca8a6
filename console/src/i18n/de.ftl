# The frame
skip = Zum Inhalt springen
menu-open = Menü öffnen
menu-close = Menü schließen
faces = Portal oder Konsole
face-portal = Portal
face-console = Konsole
account-menu = Konto und Aussehen
theme-system = Wie das System
theme-light = Hell
theme-dark = Dunkel
plain-pages = Seiten ohne Skripte
sign-out = Abmelden
connection-connecting = Verbinde…
connection-live = Live
connection-broken = Verbinde erneut…
over-title = Ihre Sitzung ist zu Ende.
over-text = Melden Sie sich neben dieser Seite neu an; hier geht nichts verloren.
sign-in-again = Neu anmelden
step-up = Bestätigen, dass Sie es sind
back-title = Fertig. Sie können dieses Fenster schließen
back-text = Die Seite, von der Sie kamen, macht von selbst weiter.
to-home = Zum Portal
missing-title = Hier ist nichts
missing-text = Die Seite gibt es nicht, oder Sie dürfen nicht wissen, dass es sie gibt.
detail-missing = Hier gibt es kein { $name }
detail-missing-next = Es wurde vielleicht gelöscht oder umbenannt, oder Sie dürfen nichts davon wissen.
detail-gone = { $name } gibt es nicht mehr
detail-gone-text = Jemand hat es gelöscht oder umbenannt, während Sie hier waren. Sie sehen, wie es war.
waiting-for-you = warten auf Sie
palette = Suchen…
palette-hint = Eine Seite, eine Person, ein Ziel…
palette-found = Gefunden
palette-places = Seiten
palette-deeds = Tun
palette-language = Sprache: { $name }
palette-also-theme = Design Aussehen Modus Farben Thema
palette-also-german = Deutsch
palette-also-english = Englisch
palette-also-sign-out = ausloggen, Logout, verlassen
palette-none = Nichts gefunden. Versuchen Sie andere Buchstaben.

# Places
nav-home = Start
nav-request = Zugriff anfragen
nav-my-access = Mein Zugriff
nav-approvals = Genehmigungen
nav-my-sessions = Meine Sitzungen
nav-you = Sie
nav-security = Anmeldung und Geräte
nav-activity = Aktivität
nav-overview = Überblick
nav-directory = Verzeichnis
nav-people = Personen
nav-workloads = Workloads
nav-groups = Gruppen
nav-roles = Rollen
nav-access = Zugriff
nav-targets = Ziele
nav-applications = Anwendungen
nav-secrets = Geheimnisse
nav-policies = Richtlinien
nav-oversight = Aufsicht
nav-requests = Anfragen und Freigaben
nav-sessions = Privilegierte Sitzungen
nav-audit = Audit
nav-map = Zugriffskarte
nav-why = Warum darf…?
nav-house = Haus
nav-settings = Einstellungen
nav-nodes = Knoten

# Everywhere
loading = Lädt…
close = Schließen
cancel = Abbrechen
dismiss = Ausblenden
copy = Kopieren
copied = Kopiert
optional = (freiwillig)
field-missing = Hier fehlt etwas.
field-number = Hier gehört eine Zahl hin.
field-email = Das ist keine E-Mail-Adresse.
field-url = Das ist keine Adresse; sie beginnt mit https://.
field-least = Mindestens { $least }.
field-most = Höchstens { $most }.
field-wrong = Das passt hier nicht.
field-left =
    { $n ->
        [0] Kein Zeichen mehr frei
        [one] Noch ein Zeichen frei
       *[other] Noch { $n } Zeichen frei
    }
choose = Auswählen…
add = Hinzufügen
added = { $name } wurde hinzugefügt
edit = Bearbeiten
save = Speichern
saved = Gespeichert
discard = Änderungen verwerfen
details = Einzelheiten
more-settings = Weitere Einstellungen
more = Mehr anzeigen
yes = Ja
no = Nein
until = endet
enabled = Aktiv
disabled = Deaktiviert
enable = Aktivieren
disable = Deaktivieren
delete = Löschen
delete-title = { $name } löschen?
delete-undo = Das kann nicht rückgängig gemacht werden. Die Aufzeichnung dessen, was geschah, bleibt.
deleted = { $name } wurde gelöscht
remove = Entfernen
removed = { $name } wurde entfernt
reason = Grund
reason-recorded = Er steht danach im Auditlog.
type-to-confirm = Zur Bestätigung { $name } eintippen
danger-zone = Gefahrenbereich
try-again = Noch einmal versuchen
picker-none = Nichts gefunden
unit-day =
    { $n ->
        [one] 1 Tag
       *[other] { $n } Tage
    }
unit-hour =
    { $n ->
        [one] 1 Stunde
       *[other] { $n } Stunden
    }
unit-minute =
    { $n ->
        [one] 1 Minute
       *[other] { $n } Minuten
    }
unit-second =
    { $n ->
        [one] 1 Sekunde
       *[other] { $n } Sekunden
    }
break-glass = Notfallzugriff

# Lists
list-search = Suchen…
list-any = alle
list-clear = Zurücksetzen
list-filters =
    { $n ->
        [0] Filter
       *[other] Filter ({ $n })
    }
list-more-filters = Weitere Filter
list-changed = Geändert: neu lesen
list-search-reason = Nach Person, Ziel oder Grund suchen…
list-columns = Spalten
list-export = Exportieren
list-exporting = { $n } exportiert…
list-exported =
    { $n ->
        [one] 1 Zeile wurde exportiert
       *[other] { $n } Zeilen wurden exportiert
    }
list-export-failed = Der Export wurde abgebrochen. Versuchen Sie es noch einmal.
list-count =
    { $n ->
        [one] 1 Zeile
       *[other] { $n } Zeilen
    }
list-count-more = { $n } und mehr
list-looking = Es wird weiter gesucht; bisher { $n } gefunden.
list-rests = Es gibt noch mehr zu durchsuchen; bisher { $n } gefunden.
list-looked =
    { $n ->
        [one] Alles wurde durchgesehen; 1 wurde gefunden.
       *[other] Alles wurde durchgesehen; { $n } wurden gefunden.
    }
list-look-on = Weitersuchen
list-none-found = Nichts gefunden
list-none-found-next = Ändern Sie die Suche oder die Filter.

# Columns
column-name = Name
column-title = Titel
column-kind = Art
column-state = Zustand
column-email = E-Mail
column-relation = Verhältnis
column-owner = Verantwortlich
column-ends = Endet
column-created = Angelegt
column-changed = Geändert
column-description = Beschreibung
column-about = Worauf
column-requester = Wer fragt
column-holder = Wer
column-reason = Grund
column-duration = Dauer
column-approvals = Genehmigungen
column-asked = Angefragt
column-decided = Entschieden
column-left = Restzeit
column-do = Aktion
column-account = Konto
column-who = Wer
column-started = Begonnen
column-length = Länge
column-address = Adresse
column-protocol = Protokoll
column-coverage = Einsehbar
column-bytes = Bytes
column-when = Wann
column-activity = Aktivität
column-said = Was genau
column-on = Woran
column-outcome = Ergebnis
column-leaf = Blatt
column-host = Host
column-labels = Etiketten
column-url = Adresse
column-version = Version
column-statements = Anweisungen
column-text = Text

# Refusals
problem-unknown = Etwas ging schief
problem-offline = Doorward ist nicht erreichbar
problem-offline-next = Prüfen Sie Ihre Verbindung; was Sie getippt haben, bleibt.
problem-outdated = Doorward ist seit dem Laden ein anderes geworden
problem-outdated-next = Versuchen Sie es noch einmal: Die Seite wird neu geladen; was Sie getippt haben, bleibt.
problem-unauthenticated = Ihre Sitzung ist zu Ende
problem-unauthenticated-next = Melden Sie sich neben dieser Seite neu an; hier geht nichts verloren.
problem-not-permitted = Nicht erlaubt
problem-step-up = Dafür müssen Sie sich noch einmal ausweisen
problem-step-up-any = Die Richtlinie verlangt einen neueren Nachweis als Ihren. Bestätigen Sie mit einem zweiten Faktor; dann geht es von selbst weiter.
problem-step-up-passkey = Die Richtlinie verlangt hier Ihren Passkey. Bestätigen Sie damit; dann geht es von selbst weiter.
problem-not-permitted-until = Die Richtlinie erlaubt das nur, wenn Sie { $list }.
problem-not-permitted-ever = Die Richtlinie erlaubt Ihnen das nicht. Wenden Sie sich an die Administration, wenn Sie es brauchen.
problem-policies = Nach: { $names }
problem-cross-site = Die Anfrage kam von einer anderen Seite
problem-cross-site-next = Öffnen Sie Doorward über seine eigene Adresse.
problem-csrf-token = Diese Seite ist älter als Ihre Anmeldung
problem-csrf-token-next = Es wurde nichts getan. Laden Sie die Seite neu.
problem-not-found = Hier ist nichts
problem-not-found-next = Es ist weg, oder Sie dürfen davon nicht wissen.
problem-invalid = Etwas stimmt nicht
problem-invalid-next = Verbessern Sie es und senden Sie es noch einmal.
problem-conflict = Jemand anderes war schneller
problem-conflict-next = Sehen Sie es sich noch einmal an und entscheiden Sie dann.
problem-version-mismatch = Es wurde inzwischen geändert
changed-elsewhere = Jemand anders hat es gespeichert, während Sie schrieben. Kopieren Sie, was Sie brauchen, und verwerfen Sie Ihre Änderungen, um den neuen Stand zu sehen.
problem-version-mismatch-next = Laden Sie die Seite neu; was Sie getippt haben, bleibt.
problem-taken = Der Name ist vergeben
problem-taken-next = Wählen Sie einen anderen.
problem-in-use = Etwas braucht es noch
problem-in-use-next = Nehmen Sie es zuerst außer Gebrauch.
problem-key-reused = Die Anfrage wurde schon mit anderem Inhalt gesendet
problem-key-reused-next = Ändern Sie etwas und senden Sie sie noch einmal.
problem-in-progress = Dieselbe Anfrage wird noch bearbeitet
problem-in-progress-next = Warten Sie einen Augenblick.
problem-over = Das ist vorbei
problem-over-next = Laden Sie die Seite neu, um den Stand zu sehen.
problem-too-many = Zu viele Versuche
problem-too-many-next = Warten Sie ein wenig und versuchen Sie es noch einmal.
problem-too-large = Das ist zu groß
problem-too-large-next = Höchstens 1 MiB wird angenommen.
problem-sealed = Doorward ist versiegelt
problem-sealed-next = Wer den Schlüssel hat, muss es entsiegeln.
problem-wrong-share = Das öffnet das Siegel nicht
problem-wrong-share-next = Prüfen Sie Ihre Eingabe.
problem-target-failed = Das Ziel hat es nicht getan
problem-target-failed-next = Prüfen Sie, ob es erreichbar ist und die Zugangsdaten stimmen.
problem-elsewhere = Ein anderer Knoten hat es
problem-elsewhere-next = Versuchen Sie es noch einmal; vielleicht kommen Sie zum richtigen.
problem-unavailable = Doorward kann das gerade nicht
problem-unavailable-next = Versuchen Sie es gleich noch einmal.
problem-storage-full = Die Platte ist voll
problem-storage-full-next = Sagen Sie dem Betrieb Bescheid.
problem-internal = Beim Server ging etwas schief
problem-internal-next = Versuchen Sie es noch einmal; der Betrieb findet die Ursache im Log.
requirement-step-up = mit einem zweiten Faktor bestätigen
requirement-passkey = mit einem Passkey bestätigen
requirement-reason = einen Grund angeben
requirement-approvals =
    { $count ->
        [one] es von einer anderen Person genehmigen lassen
       *[other] es von { $count } anderen Personen genehmigen lassen
    }
requirement-duration = höchstens { $duration } anfragen
requirement-device = ein verwaltetes Gerät benutzen

# Home
home-title = Start
home-lead = Was Sie öffnen, erreichen und anfragen können.
home-search = Anwendung oder Ziel finden
home-approvals =
    { $count ->
        [one] 1 Anfrage wartet auf Ihre Entscheidung
       *[other] { $count } Anfragen warten auf Ihre Entscheidung
    }
home-approvals-open = Entscheiden
home-grants = Ihnen auf Zeit gewährt
home-applications = Anwendungen
home-no-applications = Noch keine Anwendungen
home-no-applications-next = Die Administration kann sie eintragen und per Richtlinie für Sie öffnen.
home-no-applications-found = Keine Anwendung heißt so
home-targets = Ziele
home-no-targets = Noch keine Ziele
home-no-targets-next = Wenn eine Richtlinie Sie einen Host oder eine Datenbank erreichen lässt, steht sie hier mit dem passenden Befehl.
home-no-targets-found = Kein Ziel heißt so
home-more-targets = Mehr Konten zeigen
home-more-applications = Mehr Anwendungen zeigen
request-more = Mehr zeigen
home-all-targets = Alle { $n } anzeigen
how-now = Sofort
how-step-up = Nach Bestätigung
how-managed-device = Auf einem verwalteten Gerät
how-request = Auf Anfrage
needs = Sie müssen { $list }.
how-elsewhere = Über die eigene Adresse öffnen
command-for = Befehl für { $name }
request-access = Zugriff anfragen
time-left = noch { $time }
time-over = vorbei
return = Zurückgeben
return-title = { $name } zurückgeben?
return-what = Offene Sitzungen darunter enden sofort.
return-undo = Sie können es erneut anfragen.
return-done = { $name } wurde zurückgegeben

# Requests
request-title = Zugriff anfragen
request-catalogue = Alles, was sich anfragen lässt
request-search = Suchen, was sich anfragen lässt
request-catalogue-count =
    { $count ->
        [one] Eines lässt sich anfragen
       *[other] { $count } lassen sich anfragen
    }
request-lead = Für eine Zeit und aus einem Grund. Sie sehen vorher, was die Richtlinie verlangt.
request-reason = Wofür?
request-reason-hint = Wer genehmigt und prüft, liest das. Eine Ticketnummer hilft.
request-duration = Für wie lange?
request-asks = Sie müssen
request-send = Anfrage senden
request-filed = Die Anfrage wurde gesendet
request-granted = Sie haben den Zugriff jetzt
request-nothing = Es gibt nichts anzufragen
request-nothing-next = Alles, was Sie erreichen dürfen, steht Ihnen schon offen.
request-label = Anfrage von { $who } für { $what }
request-wish = { $what } für { $duration }
request-expires = Verfällt
request-waits = Wartet auf eine Entscheidung
request-waits-text = Wer entscheiden darf, weiß Bescheid. Diese Seite ändert sich von selbst.
request-state-pending = Offen
request-state-approved = Genehmigt
request-state-denied = Abgelehnt
request-state-withdrawn = Zurückgezogen
request-state-expired = Verfallen
my-access-title = Mein Zugriff
my-access-lead = Was Sie haben, und was Sie angefragt haben.
my-grants = Laufende Freigaben
my-grants-none = Ihnen ist gerade nichts freigegeben.
my-requests-none = Sie haben noch nichts angefragt
my-requests-none-next = Fragen Sie ein Ziel oder eine Anwendung an; Sie bekommen es für die genehmigte Zeit.
one-request-title = Anfrage
one-request-grant = Ihnen auf Zeit gewährt
one-request-grant-of = Für eine Weile bei { $who }
one-request-over = Der Zugang ist beendet
grant-ended-returned = Zurückgegeben { $at }.
grant-ended-expired = Abgelaufen { $at }.
grant-ended-revoked = Entzogen { $at }: { $reason }
grant-ended-no-longer-permitted = Beendet { $at }, weil die Richtlinie ihn nicht mehr erlaubt: { $because }
withdraw = Zurückziehen
withdraw-title = Anfrage zurückziehen?
withdraw-what = Niemand muss mehr über { $name } entscheiden.
withdraw-undo = Sie können erneut anfragen.
withdraw-done = Die Anfrage wurde zurückgezogen
asked = angefragt
approvals-title = Genehmigungen
approvals-lead = Anfragen, die auf Ihr Wort warten.
approvals-none = Nichts wartet auf Sie
approvals-none-next = Neue Anfragen erscheinen hier von selbst; Sie bekommen auch eine Mail.
approvals-of = { $have } von { $need }
approved-by = { $name } hat genehmigt
denied-by = { $name } hat abgelehnt
approve = Genehmigen
deny = Ablehnen
decide-comment = Ein Wort dazu
decided-gone = Inzwischen wurde darüber entschieden, oder die Anfrage wurde zurückgezogen.
deny-title = Die Anfrage von { $who } für { $what } ablehnen?
deny-what = { $who } bekommt den Zugang nicht und erfährt das sofort. Die Anfrage ist damit erledigt, auch wenn andere schon zugestimmt haben.
deny-undo = Das lässt sich nicht rückgängig machen. Es kann neu angefragt werden.
deny-readers = { $who } liest das, und es steht danach im Auditlog.
decided-approved = { $name } hat jetzt Zugriff
decided-denied = Die Anfrage von { $name } wurde abgelehnt
decided-more =
    { $count ->
        [one] Vermerkt; eine Genehmigung fehlt noch
       *[other] Vermerkt; { $count } Genehmigungen fehlen noch
    }
last-time = Zuletzt dort
last-time-open = Was dabei geschah
last-time-commands = Was sie damals ausführten
risk-low = Geringes Risiko
risk-medium = Mittleres Risiko
risk-high = Hohes Risiko
risk-why = Warum
risk-nothing = Nichts spricht für einen zweiten Blick.
risk-first-time = Die Person hatte noch nie eine Sitzung auf { $name }.
risk-first-time-application = Die Person hat { $name } in den letzten 90 Tagen nicht geöffnet.
risk-unusual-hour = Keine ihrer { $n } Anmeldungen in 90 Tagen war zu dieser Tageszeit.
risk-new-network = Angefragt von { $address }, einem für diese Person neuen Netz.
risk-unmanaged-device = Angefragt von einem Gerät, das niemand verwaltet.
risk-unknown-device = Angefragt von einem unbekannten Gerät.
risk-critical-account = Das Konto ist kritisch ({ $by }).
risk-longer = Länger als je zuvor (bisher höchstens { $before }).
risk-broke-glass =
    { $n ->
        [one] Ein Notfallzugriff in 30 Tagen.
       *[other] { $n } Notfallzugriffe in 30 Tagen.
    }
risk-weak-proof = Angemeldet ohne Phishing-resistenten Faktor ({ $factors }).
risk-failed-sign-ins = { $n } gescheiterte Anmeldungen unter diesem Namen in 7 Tagen.
risk-changed = Die Anmeldemittel wurden geändert ({ $at }).
requests-lead = Wer was angefragt hat, und was freigegeben wurde.
requests-none = Noch hat niemand etwas angefragt
requests-none-next = Eine Richtlinie, die eine Genehmigung verlangt, macht Zugriff zu etwas, das man anfragt.
tab-requests = Anfragen
tab-grants = Freigaben
grants-none = Noch wurde nichts freigegeben
grants-none-next = Genehmigte Anfragen werden zu Freigaben mit Ende.
few-no-grants = Keine Freigabe ist in Kraft.
few-no-access = Nichts wird erreicht.
grant-live = In Kraft
grant-over = Vorbei
revoke = Entziehen
revoke-title = { $name } entziehen?
revoke-what = { $who } verliert den Zugriff binnen einer Sekunde; Sitzungen darunter enden.
revoke-undo = Das lässt sich nicht rückgängig machen; eine neue Anfrage ist möglich.
revoked = Es wurde entzogen
review = Nachprüfen
review-title = Notfallzugriff auf { $name } nachprüfen?
review-what = { $who } nahm ihn sofort, wegen: { $reason }
review-undo = Was Sie schreiben, bleibt in der Aufzeichnung.
reviewed = Die Nachprüfung wurde festgehalten

# Sessions and the room
my-sessions-title = Meine Sitzungen
my-sessions-lead = Ihre privilegierten Sitzungen. Jede wird aufgezeichnet.
my-sessions-none = Sie haben noch keine privilegierte Sitzung geöffnet
my-sessions-none-next = Kopieren Sie auf der Startseite den Befehl eines Ziels in Ihr Terminal.
sessions-lead = Wer gerade auf welchem Konto ist, und die Aufzeichnungen dessen, was war.
sessions-none = Noch keine privilegierte Sitzung
sessions-none-next = Sobald sich jemand über das Gateway verbindet, erscheint es hier.
session-live = Live
session-opening = Öffnet
session-ended = Beendet
session-cli = Kommandozeile
room-title = Privilegierte Sitzung
room-lead = von { $who }
room-lasted = Dauer { $time }
room-lasts = Dauer { $time }
room-request = Anfrage
room-record = Im Audit
room-terminal = Terminal
room-screen = Bildschirm der Sitzung
sight-smaller = Kleinere Schrift
sight-larger = Größere Schrift
sight-big = Ganzes Fenster nutzen
sight-small = Ganzes Fenster verlassen
room-live = Live; Ihr Zusehen wird aufgezeichnet
room-over = Vorbei
room-unseen = Der Bildschirm wird Ihnen nicht gezeigt
room-unseen-text = Die Richtlinie lässt Sie dieser Sitzung nicht zusehen.
room-unseen-commands = Was darin getippt wird, sehen die, die zusehen oder die Aufzeichnung abspielen dürfen.
room-ended = Die Sitzung ist beendet
room-replay = Ansehen
ended-expired = beendet, weil die Zeit um war
ended-returned = beendet, weil der Zugang zurückgegeben wurde
ended-revoked = beendet, weil der Zugang entzogen wurde: { $reason }
ended-terminated = abgebrochen: { $reason }
ended-no-longer-permitted = beendet, weil die Richtlinie es nicht mehr erlaubt: { $because }
room-beside = Neben dem Bildschirm
room-tab-commands = Verlauf
room-tab-files = Dateien
room-tab-search = Suche
room-tab-people = Personen
room-owner = deren Sitzung es ist
room-watching = sieht gerade zu
room-watched = sah zu
room-played = spielte die Aufzeichnung ab
room-nobody-else = Sonst war niemand dabei.
room-no-commands = Noch wurde kein Befehl gesehen.
room-no-files = Keine Datei wurde bewegt.
room-uncertain = Vom Bildschirm abgelesen; vielleicht nicht genau
room-search = In der Aufzeichnung suchen
room-search-hint = Findet, was auf dem Bildschirm stand.
room-found =
    { $n ->
        [0] Nichts gefunden
        [one] Einmal gefunden
       *[other] { $n }-mal gefunden
    }
terminate = Beenden
terminate-title = Sitzung auf { $name } beenden?
terminate-what = { $who } verliert die Verbindung zu { $name } sofort. Was dort im Vordergrund läuft, kann abgebrochen werden.
terminate-undo = Das lässt sich nicht rückgängig machen. Solange die Richtlinie es erlaubt, ist eine neue Verbindung möglich; deaktivieren Sie die Person oder entziehen Sie die Freigabe, um das zu verhindern.
terminate-done = Sie haben die Sitzung abgebrochen
session-frozen = Eingefroren
freeze = Einfrieren
freeze-title = Sitzung auf { $name } einfrieren?
freeze-what = { $who } erreicht auf { $name } nichts mehr und sieht nichts davon. Getipptes wird weder gesendet noch aufgehoben. Was dort läuft, läuft weiter; was es ausgibt, wartet. Ihr Grund erscheint dort im Terminal.
freeze-undo = Das lässt sich rückgängig machen: aufgetaut geht die Sitzung dort weiter, wo sie stand. Sie kann auch von hier beendet werden. Die Zeit der Freigabe läuft währenddessen weiter.
freeze-done = Die Sitzung ist eingefroren
thaw = Auftauen
thaw-done = Die Sitzung geht weiter
frozen-title = Eingefroren: nichts kommt durch
frozen-by = Von { $who },
frozen-text = Getipptes wird nicht gesendet; was das Ziel ausgibt, wartet. Die Sitzung kann aufgetaut oder beendet werden.
frozen-said = { $who } hat diese Sitzung eingefroren: { $reason }
message-label = An { $who } schreiben
message-placeholder = Was tun Sie da gerade?
message-hint = Eine Zeile, für Terminal und Audit.
message-send = Senden
message-sent = { $who } hat Ihre Nachricht
message-left = { $n ->
    [one] Noch ein Zeichen
   *[other] Noch { $n } Zeichen
  }
order-frozen = { $who } hat eingefroren.
order-thawed = { $who } hat aufgetaut.
order-message = { $who } schrieb:
room-key-freeze = f friert ein
room-key-thaw = f taut auf
room-key-write = m schreibt
overview-frozen = { $n ->
    [one] eine davon eingefroren
   *[other] { $n } davon eingefroren
  }
replay-title = Von dieser Sitzung gibt es eine Aufzeichnung
replay-unseen = Die Richtlinie lässt Sie sie nicht abspielen.
replay-text = Dass Sie sie ansehen, wird vor dem ersten Bild festgehalten.
replay-play = Aufzeichnung abspielen
replay-loading = { $size } geladen…
replay-pause = Anhalten
replay-resume = Abspielen
replay-seek = Zeitpunkt
replay-speed = Tempo
replay-skip = Leerlauf überspringen
replay-share = Link zu diesem Moment kopieren
replay-download = Asciicast herunterladen
replay-shared = Der Link zu { $time } wurde kopiert
replay-interrupted = Die Aufzeichnung bricht ab
replay-interrupted-text = Der Knoten ging während der Aufzeichnung verloren. Was hier ist, ist wie es war.
watch = Zusehen

# You
security-title = Anmeldung und Geräte
security-lead = Womit Sie sich ausweisen, und wo Sie angemeldet sind.
security-authenticators = Authentifikatoren
security-sessions = Wo Sie angemeldet sind
security-session = Diese Sitzung
security-none = Sie haben keinen Authentifikator
security-none-next = Fügen Sie einen Passkey hinzu, um sich ohne Passwort anzumelden.
factor-password = Passwort
factor-totp = Authenticator-App
factor-passkey = Passkey
factor-recovery = Wiederherstellungscodes
factor-ssh-key = SSH-Schlüssel
recovery-left =
    { $count ->
        [one] 1 Code ist übrig
       *[other] { $count } Codes sind übrig
    }
factors = Ausgewiesen mit
add-authenticator = Weiteren hinzufügen
add-ssh-key = SSH-Schlüssel hinzufügen
ssh-key-label = Name
ssh-key-label-example = Laptop
ssh-key-public = Öffentlicher Schlüssel
ssh-key-hint = Die Zeile in der .pub-Datei. Am besten ein Schlüssel auf einem Sicherheitsschlüssel (sk-…).
ssh-key-added = Der Schlüssel wurde hinzugefügt
last-used = zuletzt benutzt
never-used = nie benutzt
added-at = hinzugefügt
last-seen = zuletzt gesehen
address-unknown = Adresse unbekannt
this-one = Diese hier
remove-authenticator-title = { $name } entfernen?
remove-authenticator-what = Sie können sich damit nicht mehr anmelden. Achten Sie darauf, dass ein anderer bleibt.
remove-authenticator-undo = Das lässt sich nicht rückgängig machen; Sie können ihn neu einrichten.
end-session = Beenden
end-session-title = Diese Sitzung beenden?
end-session-what = { $agent } wird sofort abgemeldet, mit allem, was dort offen ist.
end-session-undo = Sie können sich dort neu anmelden.
end-session-done = Die Sitzung wurde beendet
assurance = Sicherheitsstufe
assurance-level = Stufe { $level }
phishing-resistant = Phishing-resistent
session-until = Endet
activity-title = Aktivität
activity-lead = Was die Aufzeichnung von Ihnen enthält. Melden Sie der Administration alles, was nicht Sie waren.
activity-none = Noch ist nichts aufgezeichnet
activity-none-next = Was Sie tun, erscheint hier.
outcome-success = Erledigt
outcome-failure = Abgelehnt

# Break-glass
glass-offer = Ein Notfall?
glass-offer-text = Sie dürfen diesen Zugriff sofort nehmen. Alle Beteiligten werden alarmiert, und er wird danach geprüft.
glass-break = Glas einschlagen
glass-title = { $name } sofort nehmen?
glass-what = Sie bekommen für eine Stunde Zugriff, ohne auf jemanden zu warten. Genehmigende und Prüfende werden jetzt alarmiert.
glass-undo = Sie können ihn früher zurückgeben. Dass Sie ihn genommen haben, bleibt in der Aufzeichnung und muss geprüft werden.
glass-done = Sie haben jetzt Zugriff auf { $name }

# People and workloads
people-lead = Alle, die Doorward kennt.
people-none = Noch ist niemand hier
people-none-next = Fügen Sie jemanden hinzu und schicken Sie dann den Einmallink zur Einrichtung.
add-person = Person hinzufügen
workloads-lead = Dienste, Skripte, Pipelines, Agenten; für jeden ist jemand verantwortlich.
workloads-none = Noch kein Workload
workloads-none-next = Geben Sie einer Pipeline oder einem Dienst eine eigene Identität statt eines geliehenen Passworts.
add-workload = Workload hinzufügen
relation-employee = Angestellt
relation-contractor = Freiberuflich
relation-partner = Partner
relation-vendor = Dienstleister
identity-active = Aktiv
identity-disabled = Deaktiviert
identity-over = Ausgeschieden
identity-not-yet = Noch nicht
identity-sessions = Angemeldet
identity-no-sessions = Nirgends angemeldet.
field-display-name = Voller Name
field-sign-in-name = Anmeldename
field-sign-in-name-hint = Kleine Buchstaben, Ziffern, Punkte, Striche.
field-workload-name-hint = Etwa ci-deploy.
field-owner = Wer verantwortlich ist
field-starts = Nicht vor
field-ends = Nicht nach
field-ends-hint = Nach diesem Zeitpunkt geht nichts mehr.
membership = Gehört zu
owner-person = Person
show-access = Was sie erreichen
invite-make = Link erstellen
invite = Einmallink
invite-title = Einmallink für { $name } erstellen?
invite-what = Wer ihn zuerst öffnet, richtet einen Authentifikator ein. Er gilt einmal, 24 Stunden lang.
invite-undo = Ein früherer Link gilt nicht mehr.
invite-done = Der Link wurde erstellt
link-title = Der Einmallink
link-text = Er wird nur hier gezeigt. Geben Sie ihn auf einem Weg weiter, dem Sie trauen.
link-until = Gilt bis
copy-link = Link kopieren
next-title = Was als Nächstes kommt
next-alone-title = In keiner Gruppe und ohne Rolle
next-link = Erzeugen Sie einen Einmallink und übergeben Sie ihn: Damit richtet die Person ihre Anmeldung ein.
next-link-others = Lassen Sie jemanden, der es darf, einen Einmallink erzeugen: Damit richtet die Person ihre Anmeldung ein.
next-group = Nehmen Sie die Person in eine Gruppe auf: Die meisten Richtlinien geben Gruppen etwas. Bis dahin erreicht sie, was alle erreichen.
join = In eine Gruppe aufnehmen
join-title = { $who } in eine Gruppe aufnehmen
joined = { $who } ist jetzt in { $group }
reset = Anmeldung zurücksetzen
reset-title = { $name } alle Authentifikatoren nehmen?
reset-what = Mit dem, was da ist, ist keine Anmeldung mehr möglich. Ein Einmallink erlaubt die neue Einrichtung.
reset-undo = Das lässt sich nicht rückgängig machen.
reset-done = Die Authentifikatoren sind weg; geben Sie den Link weiter
disable-title = Alles für { $name } abschalten?
disable-what = Binnen einer Sekunde ist { $name } überall abgemeldet: Browsersitzungen, Tokens, privilegierte Sitzungen und Freigaben enden auf jedem Knoten.
disable-undo = Sie können den Zugang wieder öffnen; was endete, bleibt beendet.
disable-done = { $name } ist überall ausgesperrt
enable-title = { $name } wieder einlassen?
enable-what = Die Anmeldung mit den vorhandenen Authentifikatoren ist wieder möglich.
enable-undo = Sie können alles wieder abschalten.
enable-done = { $name } darf sich wieder anmelden
end-all = Alle beenden
end-all-title = { $name } überall abmelden?
end-all-what =
    { $count ->
        [one] Eine Sitzung endet sofort.
       *[other] { $count } Sitzungen enden sofort.
    }
end-all-undo = Eine neue Anmeldung bleibt möglich; deaktivieren Sie die Person, um das zu verhindern.
end-all-done = Alle Sitzungen wurden beendet
delete-identity-text = Um jemanden auszusperren, deaktivieren Sie die Person. Löschen Sie nur, was ein Irrtum war.
delete-identity-what = { $name } verliert sofort alles, und der Name wird frei.
recent = Zuletzt getan
times = × { $n }
recent-here = Zuletzt hier geschehen
recent-none = Noch nichts aufgezeichnet.

# Groups and roles
groups-lead = Teams und Abteilungen, verschachtelt wie sie sind.
groups-none = Noch keine Gruppe
groups-none-next = Mit Gruppen lesen sich Richtlinien leichter als mit Namen.
add-group = Gruppe hinzufügen
roles-lead = Namen, denen Richtlinien Rechte geben.
roles-none = Noch keine Rolle
roles-none-next = Legen Sie eine an, nennen Sie sie in einer Richtlinie, weisen Sie sie einer Gruppe zu, wenn nötig bis zu einem Datum.
add-role = Rolle hinzufügen
members =
    { $count ->
        [one] 1 Mitglied
       *[other] { $count } Mitglieder
    }
members-none = Noch ist niemand darin.
member-kind = Wer ist es?
member-identity = Person oder Workload
member-group = Gruppe
add-member = Mitglied hinzufügen
add-member-title = Mitglied zu { $group } hinzufügen
member-added = { $who } ist jetzt dabei
take-out = Herausnehmen
take-out-title = { $who } aus { $group } herausnehmen?
take-out-what = Was über diese Gruppe kam, geht binnen einer Sekunde verloren.
take-out-undo = Sie können sie wieder aufnehmen.
taken-out = { $who } wurde herausgenommen
delete-group-what =
    { $count ->
        [0] Niemand ist darin.
        [one] Ein Mitglied verliert, was darüber kam.
       *[other] { $count } Mitglieder verlieren, was darüber kam.
    }
holders =
    { $count ->
        [one] 1 Inhaber
       *[other] { $count } Inhaber
    }
holders-none = Noch hat sie niemand.
assign = Zuweisen
assign-title = { $role } zuweisen
assigned = { $who } hat sie jetzt
field-until = Bis
field-until-hint = Dann wird sie von selbst entzogen.
take-away = Entziehen
take-away-title = { $who } die Rolle { $role } entziehen?
take-away-what = Was über diese Rolle kam, geht binnen einer Sekunde verloren.
take-away-undo = Sie können sie wieder zuweisen.
taken-away = Sie wurde { $who } entzogen
delete-role-what =
    { $count ->
        [0] Niemand hat sie.
        [one] Ein Inhaber verliert sie.
       *[other] { $count } Inhaber verlieren sie.
    }

# Targets
targets-lead = Hosts, Datenbanken und andere Systeme, zu denen privilegierte Sitzungen führen.
targets-none = Noch kein Ziel
targets-none-next = Fügen Sie einen Host mit seinem Schlüssel hinzu, dann ein Konto mit Zugangsdaten; eine Richtlinie sagt, wer es erreicht.
add-target = Ziel hinzufügen
field-target-name-hint = Man schreibt ihn hinter das @.
setting-ssh-host = Host
setting-ssh-host-hint = Ein Name oder eine Adresse, die das Gateway erreicht.
setting-ssh-port = Port
setting-ssh-host-keys = Hostschlüssel
setting-ssh-host-keys-hint = Einer pro Zeile, wie ssh-keyscan sie ausgibt. Nichts anderes wird an dieser Adresse angenommen.
host-keys-ask = Den Host nach seinen Schlüsseln fragen
host-keys-compare = Vergleichen Sie sie mit denen des Hosts
host-keys-compare-text = Wer dazwischen steht, könnte andere zeigen. Auf dem Host: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
host-keys-pin = Sie stimmen überein: festlegen
setting-ssh-host-ca = Host-Zertifizierungsstelle
setting-ssh-host-ca-hint = Der öffentliche Schlüssel, der Hostzertifikate signiert, statt fester Hostschlüssel.
setting-ssh-connect-timeout = Sekunden zum Verbinden
setting-ssh-connect-timeout-hint = 1 bis 60.
setting-ssh-sftp-root = Nur Dateien unter
setting-ssh-sftp-root-hint = Ein absoluter Ordner: Dann gibt es nur Dateiübertragung darunter und keine Shell.
field-description-hint = Wofür es da ist.
field-labels-hint = Richtlinien sehen darauf: env=prod, team=web.
who-reaches = Wer es erreicht
accounts = Konten
accounts-none = Noch kein Konto. Fügen Sie den Login hinzu, den Sitzungen benutzen.
add-account = Konto hinzufügen
add-account-title = Konto auf { $name } hinzufügen
edit-account-title = { $name } ändern
field-login = Login
credential-missing = Keine Zugangsdaten
set-credential = Zugangsdaten setzen
credential-title = Zugangsdaten von { $name }
credential-key = Privater Schlüssel
credential-password = Passwort
credential-password-hint = Der Tresor behält es und kann es wechseln.
credential-key-hint = Der Tresor behält ihn und kann ihn wechseln.
credential-certificate = Zertifikat
credential-certificate-hint = Nichts wird aufbewahrt: Jede Sitzung bekommt ein eigenes Zertifikat für wenige Minuten.
certificate-trust = Den Host der Zertifizierungsstelle vertrauen lassen
certificate-trust-text = Führen Sie das erste auf dem Host aus, fügen Sie das zweite in seine sshd_config ein und laden Sie sshd neu.
certificate-config = Die Zeile für sshd_config
certificate-keys = Die Schlüssel der Zertifizierungsstelle
test-connection = Testen
test-works = Das Ziel nimmt es an
test-fails = Es geht nicht
test-distrusted = Das Ziel nimmt für dieses Konto kein Zertifikat von Doorwards Stelle an. Prüfen Sie, ob TrustedUserCAKeys ihren Schlüssel nennt.
test-refused = Das Ziel nimmt die Zugangsdaten im Tresor nicht an. Setzen Sie sie neu.
credential-hint = Es geht in den Tresor und wird nie wieder gezeigt. Wer sich verbindet, sieht es nicht.
credential-kept = Die Zugangsdaten sind im Tresor
rotate = Erneuern
rotate-title = Zugangsdaten von { $name } erneuern?
rotate-what = Doorward setzt auf dem Ziel neue, probiert sie und vergisst erst dann die alten. Offene Sitzungen laufen weiter.
rotate-undo = Das lässt sich nicht rückgängig machen; weigert sich das Ziel, bleiben die alten.
rotated = Die Zugangsdaten wurden erneuert
target-disable-title = { $name } schließen?
target-disable-what = Niemand kann dort mehr eine Sitzung öffnen; offene enden.
target-enable-title = { $name } wieder öffnen?
target-enable-what = Wem die Richtlinie es erlaubt, der erreicht es wieder.
target-switch-undo = Sie können es jederzeit zurückschalten.
delete-target-what =
    { $count ->
        [0] Es verschwindet.
        [one] Es verschwindet mit seinem Konto und den Zugangsdaten; Sitzungen dort enden.
       *[other] Es verschwindet mit seinen { $count } Konten und deren Zugangsdaten; Sitzungen dort enden.
    }
delete-account-what = Das Konto und seine Zugangsdaten verschwinden; Sitzungen darauf enden. Der Login auf dem Ziel selbst bleibt.

# Applications
applications-lead = Worin sich Menschen und Workloads anmelden.
applications-none = Noch keine Anwendung
applications-none-next = Tragen Sie eine ein; Sie bekommen, was in ihre Einstellungen gehört.
add-application = Anwendung eintragen
application-kind = Was ist es?
application-web = Webanwendung
application-web-hint = Hat einen Server, der ein Geheimnis hütet.
application-native = App oder Kommandozeile
application-native-hint = Läuft bei den Leuten; hütet kein Geheimnis.
application-workload = Workload
application-workload-hint = Meldet sich selbst an, ohne Menschen.
application-made = { $name } ist eingetragen
application-open = Öffnen
application-disable-title = { $name } schließen?
application-disable-what = Niemand kann sich dort mehr anmelden; ihre Tokens enden.
application-enable-title = { $name } wieder öffnen?
application-enable-what = Wem die Richtlinie es erlaubt, der kann sich wieder anmelden.
delete-application-what = Niemand kann sich dort mehr anmelden, und ihre Tokens enden sofort.
field-title-hint = Was man im Portal liest.
field-application-name-hint = Wie Richtlinien sie nennen.
field-redirect-uris = Rücksprungadressen
field-redirect-uris-hint = Eine pro Zeile; Buchstabe für Buchstabe verglichen.
field-launch-url = Startadresse
field-launch-url-hint = Wohin das Portal führt.
field-logout-uris = Adressen nach dem Abmelden
field-backchannel = Back-Channel-Abmeldung
field-scopes = Scopes
field-ask-consent = Menschen um Einwilligung bitten
field-ask-consent-hint = Für eigene Anwendungen nicht nötig.
connect = Verbinden
connect-issuer = Issuer
connect-discovery = Discovery-Adresse
connect-endpoints = Jeder Endpunkt für sich
connect-authorization = Autorisierungsendpunkt
connect-token = Token-Endpunkt
connect-userinfo = Userinfo-Endpunkt
connect-end-session = Abmeldeendpunkt
connect-jwks = Öffentliche Schlüssel
connect-who = Wer darf sie öffnen?
connect-client-id = Client-ID
connect-secret = Client-Secret
connect-secret-once = Kopieren Sie das Secret jetzt
connect-secret-once-text = Es wird nur als Hash aufbewahrt und nicht noch einmal gezeigt.
connect-test = Anmeldung testen
connect-test-hint = Zeigt, was die Anwendung von Ihnen bekäme oder was nicht stimmt. An sie wird nichts gesendet.
sign-in-test-title = Anmeldung testen: { $name }
sign-in-test-lead = Was die Anwendung bekäme, wenn Sie sich jetzt anmeldeten. An sie wird nichts gesendet, und nichts Brauchbares entsteht.
sign-in-test-request = Eine andere Anfrage
sign-in-test-address = Wohin die Anwendung Leute schickt
sign-in-test-address-hint = Die ganze Adresse mit ihren Parametern. Leer: eine Anfrage, wie sie sein soll, für alle Scopes.
sign-in-test-again = Testen
sign-in-test-works = Es geht
sign-in-test-consent = Es geht, sobald Sie dem zustimmen, worum sie bittet
sign-in-test-step_up = Sie müssten sich erst noch einmal ausweisen
sign-in-test-denied = Die Regeln lassen Sie nicht ein
sign-in-test-error = Die Anfrage stimmt nicht
sign-in-test-registered = Registrierte Rücksprungadressen
sign-in-test-none-registered = Keine ist registriert.
sign-in-test-left-out = Erbeten und nicht gegeben
sign-in-test-redirect = Die Antwort ginge an
sign-in-test-id-token = ID-Token
sign-in-test-userinfo = Userinfo
mend-endpoint = Schicken Sie Leute an den Autorisierungs-Endpunkt dieses Hauses.
mend-client_id = Senden Sie die Client-ID, die bei der Anwendung steht.
mend-switch_on = Schalten Sie die Anwendung ein.
mend-redirect_uri = Senden Sie eine registrierte Rücksprungadresse, Buchstabe für Buchstabe, oder registrieren Sie diese.
mend-pkce = Verwenden Sie PKCE: Senden Sie eine code_challenge mit der Methode S256.
mend-response = Verlangen Sie response_type=code, beantwortet in der Query oder mit form_post.
mend-workload = Sie meldet sich als sie selbst an: mit eigenen Anmeldedaten, am Token-Endpunkt.
mend-request_object = Senden Sie keine Request-Objekte oder Registrierungen, sondern einfache Parameter.
mend-acr = Verlangen Sie einen acr, den es gibt: urn:doorward:aal1, urn:doorward:aal2 oder phr.
mend-prompt = Senden Sie prompt=none nicht, wo die Person etwas tun muss, und nur allein.
mend-request = Berichtigen Sie den Parameter, der hier genannt ist.
mend-later = An der Anwendung liegt es nicht. Versuchen Sie es später noch einmal.
told-person = die Person sähe es auf einer Seite
told-application = die Anwendung bekäme es an ihre Rücksprungadresse
new-secret = Neues Secret
new-secret-title = { $name } ein neues Secret geben?
new-secret-what = Das alte gilt sofort nicht mehr.
new-secret-undo = Das lässt sich nicht rückgängig machen. Tragen Sie das neue gleich in die Anwendung ein.
new-secret-done = Es gibt ein neues Secret

# Secrets
secrets-lead = Werte im Tresor. Wer einen liest, wird vor dem Zeigen aufgezeichnet.
secrets-none = Noch kein Geheimnis
secrets-none-next = Legen Sie einen Wert hier ab statt in einer Datei oder einem Chat.
add-secret = Geheimnis hinzufügen
secret-opaque = Token oder anderes
secret-password = Passwort
secret-ssh-key = SSH-Schlüssel
field-value = Wert
field-value-hint = Er wird sofort versiegelt. Was Sie hier tippen, behält der Browser nicht.
secret-value = Wert
secret-read = Wert zeigen
secret-read-text = Dass Sie ihn lesen, wird vorher aufgezeichnet. Nach einer Minute wird er wieder verborgen.
secret-hide = Verbergen
copy-value = Wert kopieren
versions = Versionen
version-number = Version { $n }
version-live = In Gebrauch
version-pending = Offen
version-retired = Abgelöst
version-destroyed = Vernichtet
new-version = Neue Version
new-version-title = Neue Version von { $name }
delete-secret-what = Alle Versionen werden vernichtet. Was den Wert braucht, geht nicht mehr.

# Policies
policies-lead = Nur diese hier erlauben etwas.
policies-none = Keine Richtlinie ist in Kraft
policies-none-next = Ohne Richtlinie darf niemand etwas.
add-policy = Richtlinie hinzufügen
in-force = In Kraft
not-in-force = Nicht in Kraft
policy-text = Text
policy-how = Wie möchten Sie sie schreiben?
policy-by-form = Durch Auswählen
policy-by-form-hint = Sie sehen, welcher Text daraus wird.
policy-by-text = In Cedar
policy-by-text-hint = Mit Ergänzung und Prüfung.
policy-description-hint = Wozu sie da ist, für alle, die sie später lesen.
policy-line = Zeile { $line }, Spalte { $column }:
policy-valid = Sie passt zum Schema
policy-save = Speichern und in Kraft setzen
policy-saved = Die Richtlinie ist auf jedem Knoten in Kraft
policy-disable = Außer Kraft setzen
policy-disable-title = { $name } außer Kraft setzen?
policy-enable = In Kraft setzen
policy-enable-title = { $name } in Kraft setzen?
policy-switch-undo = Sie können zurückschalten; was endete, bleibt beendet.
policy-says-none = Ihr Text hat keine Aussage: Durch sie ist nichts erlaubt und nichts verboten.
policy-says-permit = Erlaubt
policy-says-forbid = Verbietet
policy-says-who = Wem
policy-says-on = Woran
policy-says-when = Nur, soweit ihr Text es sagt
policy-says-everything = Alles
policy-force-save = Neuen Text in Kraft setzen
policy-force-save-title = Den neuen Text von { $name } in Kraft setzen?
policy-force-undo = Sie können den alten Text wieder einsetzen; was endete, bleibt beendet.
policy-force-new-undo = Sie können sie wieder außer Kraft setzen; was endete, bleibt beendet.
policy-force-what = Sie gilt sofort auf jedem Knoten. Alles, was offen ist, wird neu entschieden: Was nicht mehr erlaubt ist, endet binnen einer Sekunde.
policy-gone-what = Was nur diese Richtlinie erlaubt, endet binnen einer Sekunde auf jedem Knoten, auch in offenen Sitzungen. Was sie verbietet, ist nicht mehr verboten. Das sagt sie:
policy-cost-loses = Sie verlieren womöglich das Recht, Richtlinien zu ändern
policy-cost-loses-text = Soweit es sich sagen lässt, kommt Ihr eigenes Recht, Richtlinien zu ändern, aus dieser Richtlinie. Fällt es weg, können Sie das nicht zurücknehmen: Das muss dann jemand anderes tun, der Richtlinien ändern darf.
policy-cost-forbids = Das verbietet Ihnen womöglich, Richtlinien zu ändern
policy-cost-forbids-text = Es verbietet etwas, zu dem auch das Recht gehört, Richtlinien zu ändern. Trifft es auf Sie zu, können Sie das nicht zurücknehmen: Das muss dann jemand anderes tun, der Richtlinien ändern darf.
delete-policy-what = Was sie erlaubt, endet binnen einer Sekunde auf jedem Knoten, auch in offenen Sitzungen. Was sie verbietet, ist nicht mehr verboten.
delete-policy-undo = Das lässt sich nicht rückgängig machen. Behalten Sie eine Kopie des Textes, oder setzen Sie sie nur außer Kraft.
builder-effect = Was tut sie?
builder-permit = Erlauben
builder-forbid = Verbieten
builder-who = Wem?
builder-group = Gruppe
builder-role = Rolle
builder-anyone = Allen
builder-action = Was?
builder-action-hint = Eine oder mehrere; alle, wenn keine gewählt ist.
builder-action-add = Aktion hinzufügen…
builder-action-remove = { $name } entfernen
builder-action-any = Jede Aktion
deeds-everyday = Alltag
deeds-sessions = Privilegierte Sitzungen
deeds-requests = Anfragen und Freigaben
deeds-vault = Tresor
deeds-directory = Verzeichnis
deeds-access = Ziele und Anwendungen
deeds-house = Haus
builder-what = Woran?
builder-missing-who-group = Wählen Sie die Gruppe, um die es geht.
builder-missing-who-role = Wählen Sie die Rolle, um die es geht.
builder-missing-what = Sagen Sie, welches gemeint ist.
builder-missing-times = Nötig sind beide Tageszeiten oder keine.
builder-label = Alles mit dem Etikett
builder-target = Ein Ziel
builder-account = Ein Konto
builder-application = Eine Anwendung
builder-anything = Allem
builder-name = Welches?
builder-conditions = Nur wenn
builder-second-factor = zwei Faktoren benutzt wurden
builder-passkey = ein Passkey benutzt wurde
builder-reason = ein Grund angegeben ist
builder-device = ein verwaltetes Gerät benutzt wird
builder-secret = Ein Geheimnis
builder-from = Nur ab (UTC)
builder-until = Bis (UTC)
builder-networks = Nur aus diesen Netzen
builder-networks-hint = Durch Kommas getrennt; leer für überall.
builder-approvals = Genehmigungen
builder-hours = Stunden, höchstens
builder-fresh = Minuten seit dem letzten Nachweis, höchstens
builder-zero = 0 heißt: keine Grenze.
deed-sign-in = Anmelden
deed-application-open = Eine Anwendung öffnen
deed-session-open = Eine privilegierte Sitzung öffnen
deed-session-forward-port = Einen Port weiterleiten
deed-session-break-glass = Das Glas einschlagen
deed-request-decide = Über Anfragen entscheiden
deed-request-read = Anfragen anderer sehen
deed-grant-read = Freigaben sehen
deed-grant-revoke = Freigaben entziehen
deed-session-read = Privilegierte Sitzungen sehen
deed-session-watch = Eine laufende Sitzung ansehen
deed-session-end = Eine Sitzung beenden
deed-session-freeze = Eine Sitzung einfrieren
deed-session-message = In eine Sitzung schreiben
deed-recording-play = Aufzeichnungen abspielen
deed-secret-list = Sehen, welche Geheimnisse es gibt
deed-secret-read = Den Wert eines Geheimnisses lesen
deed-secret-write = Geheimnisse hinzufügen, ändern und löschen
deed-credential-rotate = Zugangsdaten prüfen und erneuern
deed-identity-read = Personen und Workloads sehen
deed-identity-write = Personen und Workloads hinzufügen, ändern und löschen
deed-identity-disable = Personen und Workloads deaktivieren und aktivieren
deed-identity-authenticators = Anmeldungen zurücksetzen, Sitzungen anderer beenden
deed-device-read = Geräte sehen
deed-device-manage = Geräte verwalten
deed-group-read = Gruppen sehen
deed-group-write = Gruppen und ihre Mitglieder ändern
deed-role-read = Rollen sehen, und wer sie hat
deed-role-write = Rollen ändern und zuweisen
deed-application-read = Sehen, wie Anwendungen registriert sind
deed-application-write = Anwendungen registrieren und ändern
deed-target-read = Ziele und Konten sehen
deed-target-write = Ziele und Konten ändern
deed-policy-read = Richtlinien sehen
deed-policy-write = Richtlinien ändern
deed-access-read = Sehen, wer was erreicht
deed-audit-read = Das Auditlog lesen
deed-seal-manage = Versiegeln, entsiegeln, Schlüssel erneuern
deed-backup-take = Sicherungen anlegen und einspielen
deed-settings-write = Einstellungen und Webhooks ändern
deed-status-read = Den Zustand des Hauses sehen
deed-own-manage = Das Eigene verwalten
why-title = Warum darf jemand?
why-lead = Fragen Sie die Richtlinien, wie sie jetzt gelten: wer was darf, durch welche, oder was fehlt.
why-with-password = Passwort
why-with-totp = Einmalcode
why-with-passkey = Passkey
why-with-reason = Begründung
why-with-device = Verwaltetem Gerät
why-with-glass = Eingeschlagenem Glas
why-hours = Stunden, höchstens
why-hours-hint = 0 lässt es offen.
why-who = Wer
why-action = Tut was
why-on = Woran
why-with = Mit
why-ask = Die Richtlinien fragen
why-yes = Erlaubt
why-no = Nicht erlaubt, und nichts würde das ändern
why-not-yet = Noch nicht erlaubt. Nötig wäre:
why-policies = Durch: { $names }
tests-title = Erwartungen
tests-table = Tabelle
tests-hint = TOML; jede Zeile sagt, wer, was, und wie die Antwort lauten soll: permit, deny oder die Bedingungen.
tests-example-mine = Mit zwei Faktoren darf ich mich anmelden
tests-example-prod = Wie ein neues Haus es für Produktion verlangt, sobald ein Ziel das Etikett env=prod hat:
tests-run = Ausführen
tests-hold = Alle Erwartungen treffen zu
tests-fail = Einige Erwartungen treffen nicht zu
tests-holds = trifft zu
tests-fails = trifft nicht zu
tests-row = Zeile { $n }
tests-found = erwartet { $expected }, gefunden { $found }

# Audit
audit-lead = Was geschah, der Reihe nach, unter einem signierten Kopf.
audit-class = Art
audit-changes = Kann ändern
audit-changes-access = Wer was erreicht
audit-class-authentication = Anmeldung
audit-class-authorize-session = Entscheidung
audit-class-account-change = Identität
audit-class-user-access-management = Anfragen und Freigaben
audit-class-group-management = Gruppen
audit-class-entity-management = Richtlinien, Ziele, Einstellungen
audit-class-ssh-activity = SSH-Sitzung
audit-class-process-activity = Befehl
audit-class-file-system-activity = Datei
audit-class-api-activity = Token, Geheimnis, Aufzeichnung
audit-class-application-lifecycle = Haus
audit-class-detection-finding = Erkennung
audit-signed =
    { $n ->
        [one] 1 Eintrag signiert
       *[other] { $n } Einträge signiert
    }
audit-follow = Mitlesen
audit-export = Export (OCSF)
audit-none = Noch ist nichts aufgezeichnet
audit-none-next = Was im Haus geschieht, erscheint hier.
audit-one = Eintrag
audit-policies = Nach Richtlinien
audit-not-yet = noch nicht
audit-session = Privilegierte Sitzung öffnen
audit-session-filter = Sitzung
audit-details = Einzelheiten
audit-no-details = Mehr ist nicht aufgezeichnet.
room-owner-of = Wessen Sitzung
said-unknown = ein Name, den niemand hat
said-nobody = noch niemand
said-changed = geändert: { $fields }
said-raw = Wie es aufgezeichnet ist
said-command = Befehl
said-certain = Genau gelesen
said-name = Name
said-kind = Art
said-fields = Geändert
said-member = Mitglied
said-holder = Wer
said-identity = Wessen
said-requester = Wer anfragte
said-confirmed-by = Bestätigt von
said-by = Von
said-ends-at = Endet
said-target = Ziel
said-reason = Grund
said-comment = Bemerkung
said-text = Text
said-because = Weil
said-why = Warum
said-bytes = Größe
said-bytes-in = Empfangen
said-bytes-out = Gesendet
said-seconds = Dauer
said-login = Konto
said-protocol = Protokoll
said-grant = Freigabe
said-recording = Aufzeichnung
said-number = Teil
said-state = Zustand
said-operation = Vorgang
said-path = Datei
said-other-path = Nach
said-outcome = Ergebnis
said-host = Rechner
said-port = Port
said-factor = Faktor
said-known = Bekannt
said-address = Adresse
said-client = Client
said-application = Anwendung
said-scopes = Scopes
said-purpose = Zweck
said-device = Gerät
said-session = Sitzung
said-confirmation = Bestätigung
said-version = Version
said-url = Adresse
said-channel = Kanal
said-destination = An
said-about = Worum es geht
said-needed = Nötige Genehmigungen
said-approvals = Genehmigungen
said-enabled = In Kraft
said-settings = Einstellungen
said-label = Genannt
said-node = Knoten
said-rows = Zeilen
said-table = Tabelle
said-row = Zeile
said-from = Von
said-to = Nach
said-given = Gegebene Anteile
said-authenticators-removed = Entfernte Authentifikatoren
said-authenticator = Authentifikator
said-principal = Login
said-key-id = Zertifikat
said-serial = Seriennummer
said-valid-before = Gültig bis
said-source-address = Nur von
said-authority = Aussteller
said-family = Token-Familie
said-grant-type = Weg
said-key = Schlüssel
said-kid = Schlüssel
said-activates-at = Ab
file-read = Lesen
file-write = Schreiben
file-read-and-write = Lesen und schreiben
file-open = Öffnen
file-list = Auflisten
file-remove = Löschen
file-mkdir = Ordner anlegen
file-rmdir = Ordner löschen
file-rename = Umbenennen
file-symlink = Verknüpfung anlegen
file-hardlink = Harte Verknüpfung anlegen
file-setstat = Attribute ändern
file-copy = Kopieren
file-outcome-permission-denied = Zugriff verweigert
file-outcome-no-such-file = keine solche Datei
file-outcome-incomplete = unvollständig
file-outcome-failed = fehlgeschlagen
file-outcome-failure = fehlgeschlagen
file-outcome-end-of-file = Ende der Datei
file-outcome-not-supported = nicht unterstützt
audit-proof = Beweis
audit-proof-text = Ein Merkle-Pfad zeigt, dass dieser Eintrag unverändert im signierten Log steht.
audit-prove = Beweis holen
audit-proven = Im Log als Blatt { $leaf }
audit-path = Der Pfad und der signierte Kopf
filter-since = Seit
filter-member = Mit dem Mitglied
filter-holder = Getragen von
filter-target = Ziel
filter-reviewed = Geprüft
filter-in-force-at = In Kraft am
filter-until = Bis

# Overview, settings, nodes
overview-lead = Wie es gerade um das Haus steht.
overview-live = Privilegierte Sitzungen jetzt
overview-live-short = Laufende Sitzungen
overview-here = { $n } auf diesem Knoten
overview-waiting = Warten auf Sie
overview-waiting-hint = offene Anfragen
overview-requests = Offene Anfragen
overview-requests-hint = bei allen, die entscheiden dürfen
overview-glass = Notzugriffe zu prüfen
overview-glass-hint = genommen, noch nicht geprüft
overview-glass-none = alle geprüft
overview-grants = Laufende Freigaben
overview-grants-hint =
    { $n ->
        [0] kein Notfallzugriff
        [one] 1 Notfallzugriff
       *[other] { $n } Notfallzugriffe
    }
overview-log = Auditlog
overview-log-all = alles signiert
overview-rows-forged = { $n } gefälschte Zeilen in der Datenbank
overview-log-waiting = { $n } warten auf Signatur
overview-vault = Tresor
overview-outbox = Mail und Webhooks
overview-outbox-failed =
    { $n ->
        [0] keine fehlgeschlagen
        [one] 1 fehlgeschlagen
       *[other] { $n } fehlgeschlagen
    }
overview-sealed = Doorward ist versiegelt
overview-sealed-text = Bis zur Entsiegelung kann nichts entschlüsselt werden.
overview-no-sessions = Niemand ist in einer privilegierten Sitzung.
overview-failed = Fehlgeschlagene Anmeldungen
overview-detections = Letzte Erkennungen
overview-no-detections = Nichts wurde erkannt.
overview-no-failed = Zuletzt schlug keine Anmeldung fehl.
overview-all = Alle
standing-title = Dauerhafte Rechte, nach Tagen
standing-measured = Gemessen
standing-as-of = Neueste Zahlen, gemessen am { $at }; was seither freigegeben wurde oder endete, ist nicht dabei.
standing-none = Noch wurde nichts gemessen; das geschieht etwa einmal in der Stunde.
standing-cut = Es gibt zu viel, um nach allem zu fragen: Die Zahlen sind das Mindeste, was besteht.
standing-now =
    { $people ->
        [one] Eine Person hat
       *[other] { $people } Personen haben
    } ohne Anfrage Zugriff auf { $accounts ->
        [one] ein Konto
       *[other] { $accounts } Konten
    }.
standing-more =
    { $n ->
        [one] Ein Zugang mehr
       *[other] { $n } Zugänge mehr
    } als vor { $days } Tagen.
standing-less =
    { $n ->
        [one] Ein Zugang weniger
       *[other] { $n } Zugänge weniger
    } als vor { $days } Tagen.
standing-day =
    { $day }: { $pairs ->
        [one] ein dauerhafter Zugang
       *[other] { $pairs } dauerhafte Zugänge
    }, { $granted } weitere durch eine Freigabe
standing-gap = { $day }: nicht gemessen
standing-table = Dauerhafte Rechte als Tabelle
standing-date = Tag
standing-accounts = Konten
standing-pairs = Dauerhafte Zugänge
standing-granted = Durch eine Freigabe
standing-unmeasured = nicht gemessen
standing-text = Ein Zugang ist jemand auf einem Konto: dauerhaft, wenn die Regeln dafür keine Anfrage verlangen; durch eine Freigabe, solange eine in Kraft ist. Tage sind in UTC. Die Zahlen von heute führen zu denen, um die es geht; die eines früheren Tages zu dem, was sie geändert hat, und zu den Freigaben jenes Augenblicks.
sealed = Versiegelt
unsealed = Entsiegelt
seal-keyfile = Schlüsseldatei
seal-passphrase = Passphrase
seal-shamir = Anteile
settings-lead = Das Siegel, Webhooks, und was dieses Haus ist.
settings-house = Dieses Haus
settings-version = Version
settings-database = Datenbank
database-sqlite = SQLite
database-postgres = PostgreSQL
settings-origin = Adresse
settings-outbox = { $waiting } warten, { $failed } fehlgeschlagen
settings-file = Ports, Senken und Schlüssel stehen in der Konfigurationsdatei jedes Knotens, damit sie niemand von hier aus ändern kann.
settings-seal = Siegel
settings-seal-method = Wurzelschlüssel unter
settings-shares = Anteile
settings-shares-of = { $need } von { $have }
settings-seal-text = Versiegeln nimmt die Schlüssel aus dem Speicher: Anmeldungen, Geheimnisse und neue Sitzungen stehen bis zur Entsiegelung still.
ssh-ca = SSH-Zertifizierungsstelle
ssh-ca-text = Hosts, deren Konten sich mit Zertifikaten öffnen, müssen diesen Schlüsseln vertrauen (TrustedUserCAKeys). Geben Sie ihnen die Datei nach einer Änderung neu.
ssh-ca-none = Es gibt noch keinen Schlüssel; der erste entsteht, wenn der Tresor entsiegelt wird.
ssh-ca-file = Herunterladen
ssh-ca-fingerprint = Fingerabdruck
ssh-ca-from = Signiert ab
ssh-ca-until = Gelistet bis
ssh-ca-published = Gelistet, signiert später
ssh-ca-active = Signiert
ssh-ca-retired = Signiert nicht mehr, gilt noch
ssh-ca-rotate = Neuer Schlüssel
ssh-ca-rotate-title = Der SSH-Zertifizierungsstelle einen neuen Schlüssel geben?
ssh-ca-rotate-what = Der neue Schlüssel ist ab jetzt gelistet und signiert nach einem Tag. Bis dahin muss jeder Host ihn kennen, sonst lassen sich seine Konten nicht öffnen.
ssh-ca-rotate-undo = Es lässt sich nicht rückgängig machen; Sie können einen weiteren anlegen.
ssh-ca-rotated = Die Zertifizierungsstelle hat einen neuen Schlüssel
ssh-ca-leaked = Ein Schlüssel wurde bekannt
ssh-ca-leaked-title = Wurde ein Schlüssel der SSH-Zertifizierungsstelle bekannt?
ssh-ca-leaked-what = Ein neuer Schlüssel signiert sofort, und die alten sind nicht mehr gelistet. Kein Konto mit Zertifikaten lässt sich öffnen, bis sein Host die neue Datei hat; bis dahin vertrauen die Hosts weiter dem alten Schlüssel.
ssh-ca-leaked-undo = Es lässt sich nicht rückgängig machen.
seal-now = Jetzt versiegeln
seal-title = Doorward jetzt versiegeln?
seal-what = Alle werden angehalten: keine Anmeldung, kein Geheimnis, keine neue Sitzung.
seal-undo = Das lässt sich nur mit der Schlüsseldatei, der Passphrase oder genug Anteilen rückgängig machen.
seal-done = Doorward ist versiegelt
webhooks = Webhooks
webhooks-none = Niemand sonst erfährt davon
webhooks-none-next = Ein Webhook meldet einem anderen System signiert, was hier geschieht.
add-webhook = Webhook hinzufügen
webhook-secret = Secret zum Prüfen der Signatur
webhook-secret-text = Es wird nur jetzt gezeigt.
webhook-disable-title = { $name } anhalten?
webhook-disable-what = Er wird nicht mehr aufgerufen.
webhook-enable-title = { $name } wieder starten?
webhook-enable-what = Er wird ab jetzt wieder aufgerufen.
delete-webhook-what = Er wird nicht mehr aufgerufen, und sein Secret wird vergessen.
field-events = Aktivitäten
field-events-hint = Etwa request.filed oder session.opened; * für alle.
nodes-lead = Die Prozesse, die für dieses Haus antworten.
nodes-there = Läuft
nodes-gone = Weg
nodes-seen = Zuletzt gesehen
nodes-id = Kennung
nodes-none = Noch kein Knoten wurde gestartet
nodes-none-next = Ein Knoten meldet sich, sobald sein Gateway startet.
nodes-this = Dieser Knoten
nodes-answers = Antwortet
nodes-sessions = Privilegierte Sitzungen hier
nodes-log = Auditlog
nodes-log-value = { $leaves } signiert, { $waiting } wartend

# Access map
map-person = Person oder Workload
map-lead = Wer was erreicht und auf welchem Weg, wie die Richtlinien jetzt für jemanden antworten, der sich mit zwei Faktoren angemeldet hat.
map-none-next = Fragen Sie, was jemand erreicht, was eine Gruppe gibt oder wer ein Konto erreicht.
map-progress = { $n } bisher gelesen…
map-about = Gefragt nach
map-person-hint = Alles, was sie erreichen könnten: was ein Diebstahl kosten würde.
map-group-hint = Was die Mitgliedschaft jemandem gibt, der sonst nichts hat.
map-what = Konto, Ziel oder Anwendung
map-what-hint = Alle, die es erreichen könnten.
map-narrow = Nur dies
map-path = Weg
map-needs = Braucht vorher
map-used = Zuletzt benutzt
map-never = nie
map-way-combined = Zusammen
map-show = Anzeigen
map-none = Wählen Sie, wonach gefragt wird
map-nobody = Keine Richtlinie lässt hier jemanden ein
map-nobody-next = Weder sofort noch auf Anfrage.
map-cut = Nur die ersten { $n } wurden abgefragt; grenzen Sie es ein.
map-picture = Das Bild
map-how = Wie
map-standing = Dauerhaft
map-whose = Wer
map-of = Worauf
map-ending = Auf Anfrage oder durch eine Freigabe
map-granted = Durch eine Freigabe
map-glass = Nur durch Notfallzugriff
map-now = Jetzt
map-step-up = Nach neuem Nachweis
map-request = Auf Anfrage
map-many = { $name } und { $n } weitere
map-fold = Wieder zusammenfassen
map-direct = direkt
map-way-group = Gruppe
map-way-role = Rolle

# Devices
nav-devices = Geräte
devices-lead = Die Browser und Kommandozeilen, mit denen sich Menschen anmelden. Richtlinien können ein verwaltetes verlangen.
devices-none = Noch kein Gerät
devices-none-next = Ein Browser oder eine Kommandozeile steht hier ab der ersten Anmeldung.
column-device = Gerät
column-device-owner = Von
column-last-seen = Zuletzt angemeldet
column-acts = Handlungen
device-managed = verwaltet
device-unmanaged = nicht verwaltet
device-first = registriert
device-last = zuletzt angemeldet
device-manage = Als verwaltet
device-manage-title = { $name } von { $owner } für verwaltet erklären?
device-manage-what = Was Richtlinien nur verwalteten Geräten geben, kann dort benutzt werden. Sagen Sie es nur von einem Gerät, um das sich die Organisation kümmert.
device-manage-undo = Es kann zurückgenommen werden; über das, was offen ist, wird dann neu entschieden.
device-manage-done = { $name } ist verwaltet
device-unmanage = Als nicht verwaltet
device-unmanage-title = { $name } von { $owner } nicht mehr für verwaltet erklären?
device-unmanage-what = Was dort durch Richtlinien offen ist, die ein verwaltetes Gerät verlangen, endet sofort.
device-unmanage-undo = Sie können es wieder für verwaltet erklären.
device-unmanage-done = { $name } ist nicht mehr verwaltet
device-forget = Vergessen
device-forget-title = { $name } vergessen?
device-forget-what = Wer dort angemeldet ist, wird sofort abgemeldet, mit allem, was dort offen ist.
device-forget-undo = Man kann sich dort neu anmelden; es ist dann ein neues Gerät und nicht verwaltet.
device-forget-done = { $name } wurde vergessen
security-devices = Geräte
security-no-devices = Es ist kein Gerät bekannt. Ab der nächsten Anmeldung ist es dieses hier.
few-no-devices = Es ist nichts bekannt, womit sie sich anmelden.

# What the record holds, by kind
event-privileged-opened = Privilegierte Sitzung geöffnet
event-privileged-ended = Privilegierte Sitzung beendet
event-account-created = Konto hinzugefügt
event-account-deleted = Konto gelöscht
event-account-updated = Konto geändert
event-application-changed = Anwendung geändert
event-application-deleted = Anwendung gelöscht
event-application-opened = Anwendung geöffnet
event-application-refused = Anwendung nicht geöffnet
event-application-registered = Anwendung registriert
event-application-secret-rotated = Client-Geheimnis erneuert
event-application-tested = Anmeldung an Anwendung getestet
event-audit-exported = Audit exportiert
event-authenticator-enrolled = Authentifikator hinzugefügt
event-authenticator-removed = Authentifikator entfernt
event-backup-restored = Sicherung zurückgespielt
event-backup-taken = Sicherung angelegt
event-break-glass-used = Notfallzugriff genutzt
event-clock-accepted = Uhr so angenommen
event-clock-put-right = Uhr geht wieder richtig
event-clock-set-back = Uhr wurde zurückgestellt
event-confirmation-cancelled = Bestätigung abgebrochen
event-confirmation-confirmed = Code von anderswo bestätigt
event-confirmation-refused = Code von anderswo abgelehnt
event-consent-given = Anwendung zugelassen
event-credential-rotated = Zugangsdaten rotiert
event-credential-rotation-failed = Rotation fehlgeschlagen
event-credential-rotation-started = Rotation begonnen
event-credential-set = Zugangsdaten hinterlegt
event-credential-tested = Zugangsdaten geprüft
event-credential-used = Zugangsdaten vom Gateway benutzt
event-device-forgotten = Gerät vergessen
event-device-managed = Gerät als verwaltet markiert
event-device-registered = Gerät registriert
event-device-unmanaged = Gerät nicht mehr verwaltet
event-grant-break-glass = Zugriff im Notfall
event-grant-created = Freigabe erteilt
event-grant-ended = Freigabe beendet
event-grant-expired = Freigabe abgelaufen
event-grant-returned = Freigabe zurückgegeben
event-grant-reviewed = Notfallzugriff nachgeprüft
event-grant-revoked = Freigabe entzogen
event-group-created = Gruppe hinzugefügt
event-group-deleted = Gruppe gelöscht
event-group-member-added = Mitglied in Gruppe aufgenommen
event-group-member-removed = Mitglied aus Gruppe entfernt
event-group-updated = Gruppe geändert
event-house-started = Doorward gestartet
event-identity-deleted = Identität gelöscht
event-identity-unlocked = Anmeldung entsperrt
event-identity-updated = Identität geändert
event-key-ring-rotated = Schlüsselring rotiert
event-link-created = Einmallink erstellt
event-link-used = Einmallink benutzt
event-notice-failed = Benachrichtigung nicht zugestellt
event-passkey-counter-regressed = Passkey vielleicht kopiert
event-person-created = Person hinzugefügt
event-person-disabled = Person deaktiviert
event-person-enabled = Person aktiviert
event-policy-changed = Richtlinie geändert
event-policy-created = Richtlinie hinzugefügt
event-policy-deleted = Richtlinie gelöscht
event-recording-chunk = Teil einer Aufzeichnung versiegelt
event-recording-closed = Aufzeichnung abgeschlossen
event-recording-played = Aufzeichnung angesehen
event-recovery-code-used = Wiederherstellungscode benutzt
event-request-approved = Anfrage genehmigt
event-request-denied = Anfrage abgelehnt
event-request-expired = Anfrage abgelaufen
event-request-filed = Zugriff angefragt
event-request-withdrawn = Anfrage zurückgezogen
event-role-assigned = Rolle vergeben
event-role-created = Rolle hinzugefügt
event-role-deleted = Rolle gelöscht
event-role-unassigned = Rolle entzogen
event-role-updated = Rolle geändert
event-row-forged = Zeile der Datenbank, die dieses Haus nicht geschrieben hat
event-rows-accepted = Zeilen der Datenbank von Hand anerkannt
event-rows-adopted = Ältere Zeilen der Datenbank unterschrieben
event-secret-changed = Geheimnis geändert
event-secret-created = Geheimnis hinzugefügt
event-secret-deleted = Geheimnis gelöscht
event-secret-read = Geheimnis gelesen
event-secret-version-destroyed = Version eines Geheimnisses vernichtet
event-session-command = Befehl ausgeführt
event-session-end-requested = Privilegierte Sitzung abgebrochen
event-session-ended = Abgemeldet
event-session-failed = Privilegierte Sitzung kam nicht zustande
event-session-file = Dateizugriff
event-session-frozen = Privilegierte Sitzung eingefroren
event-session-interrupted = Privilegierte Sitzung unterbrochen
event-session-message = Nachricht in privilegierte Sitzung
event-session-opened = Angemeldet
event-session-opening = Privilegierte Sitzung begonnen
event-session-port-forward = Port weitergeleitet
event-session-refused = Privilegierte Sitzung verweigert
event-session-strengthened = Mit frischem Nachweis bestätigt
event-session-thawed = Privilegierte Sitzung aufgetaut
event-session-watch-ended = Zusehen bei privilegierter Sitzung beendet
event-session-watched = Privilegierter Sitzung zugesehen
event-sign-in-failed = Anmeldung fehlgeschlagen
event-sign-in-refused = Anmeldung verweigert
event-signing-key-created = Signaturschlüssel erstellt
event-signing-key-rotated = Signaturschlüssel rotiert
event-target-created = Ziel hinzugefügt
event-target-deleted = Ziel gelöscht
event-target-host-key-changed = Hostschlüssel eines Ziels geändert
event-target-looked-at = Hostschlüssel eines Ziels geholt
event-target-updated = Ziel geändert
event-token-family-revoked = Tokens einer Anwendung widerrufen
event-token-issued = Tokens an Anwendung ausgegeben
event-token-revoked = Token widerrufen
event-vault-rekeyed = Siegel mit neuem Schlüssel
event-vault-sealed = Tresor versiegelt
event-vault-share-given = Schlüsselanteil eingegeben
event-vault-unseal-refused = Entsiegeln verweigert
event-vault-unseal-reset = Eingegebene Schlüsselanteile verworfen
event-vault-unsealed = Tresor entsiegelt
event-webhook-changed = Webhook geändert
event-webhook-created = Webhook hinzugefügt
event-webhook-deleted = Webhook gelöscht
event-workload-created = Workload hinzugefügt
event-workload-disabled = Workload deaktiviert
event-workload-enabled = Workload aktiviert
audit-kind = Code

# What it happened to
thing-account = Konto
thing-application = Anwendung
thing-device = Gerät
thing-grant = Freigabe
thing-group = Gruppe
thing-house = Haus
thing-identity = Identität
thing-notice = Nachricht
thing-own = Eigenes
thing-person = Person
thing-policy = Richtlinie
thing-privilegedsession = Privilegierte Sitzung
thing-request = Anfrage
thing-role = Rolle
thing-secret = Geheimnis
thing-target = Ziel
thing-webhook = Webhook
thing-workload = Workload
