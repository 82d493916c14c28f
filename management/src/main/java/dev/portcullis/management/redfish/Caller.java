package dev.portcullis.management.redfish;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.management.account.Sessions.Session;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// Who asks.
///
/// @param session if it is by a session
record Caller(Account account, Optional<Session> session) {
  private static final String BASIC = "Basic ";

  boolean may(Privilege privilege) {
    return account.may(privilege);
  }

  /// Whose request it is.
  ///
  /// @param token header `X-Auth-Token`, `null` without
  /// @param authorization header `Authorization`, `null` without
  static Optional<Caller> of(
      String token, String authorization, Accounts accounts, Sessions sessions)
      throws AccountException, InterruptedException {
    if (token != null) {
      Optional<Session> session = sessions.use(token);
      if (session.isEmpty()) {
        return Optional.empty();
      }
      // As it is now: whoever lost an account or a role has lost it in their sessions, too.
      return accounts
          .find(session.get().account().name())
          .map(account -> new Caller(account, session));
    }
    if (authorization == null || !authorization.startsWith(BASIC)) {
      return Optional.empty();
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      String both = new String(bytes, StandardCharsets.UTF_8);
      int colon = both.indexOf(':');
      return colon < 0
          ? Optional.empty()
          : accounts
              .logIn(both.substring(0, colon), both.substring(colon + 1))
              .map(account -> new Caller(account, Optional.empty()));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }
}
