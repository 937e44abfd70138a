"""The site's tests: one file per flow under `accounts`, one per gateway module under `cognito`, pages under `browser`."""
