"""The mutation pass: takes each check out of the site, one at a time, and tells which no test misses."""
