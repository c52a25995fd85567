# The frame of every page, identity pages, administration.
