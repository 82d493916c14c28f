/// Who may manage the platform from afar, and what: accounts with hashed passwords, roles,
/// sessions, and the certificate by which clients know the service.
package dev.portcullis.management.account;
