# Live pages, offline work.
live-stale = Out of date: nothing new since %time%, connecting again
live-auth = Your sign-in or your rights have changed. Keep what you typed, then load the page again
live-alarm-1 = Most urgent: news in %title%
live-alarm-2 = Urgent: news in %title%
outbox-title = To be sent
outbox-empty = Everything is sent
outbox-waiting = %count% to be sent, the oldest filled in at %time%
outbox-wrong = To be mended
outbox-send = Send now
outbox-kept = Kept on this device; sent by itself when there is a network
outbox-mend = Open and mend
outbox-drop = Delete
outbox-sign-out = %count% are not sent yet. Signing out deletes them from this device. Sign out?
outbox-foreign = Another account has unsent work on this device; only that account can send it
offline-title = No network
offline-text = This page is not kept on the device. Try again with a network; what you filled in is still waiting to be sent.
offline-again = Try again
