package dev.portcullis.management.account;

/// Accounts, or the service's certificate, cannot be read or written. The message says which.
public final class AccountException extends Exception {
  private static final long serialVersionUID = 1;

  public AccountException(String message) {
    super(message);
  }

  public AccountException(String message, Throwable cause) {
    super(message, cause);
  }
}
