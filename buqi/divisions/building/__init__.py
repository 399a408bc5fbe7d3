"""Makes the shipped table from registry packages. Used offline by ``buqi divisions build``; nothing else imports it."""
