"""The site's tests: a file per flow under `accounts`, per gateway module under `cognito`, pages under `browser`."""
