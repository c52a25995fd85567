# Live pages, offline work.
