package dev.portcullis.management.redfish;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Accounts.Entered;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.management.account.Sessions.Session;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/// Who asks.
///
/// @param session if it is by a session
/// @param entered with which account and password
record Caller(Account account, Optional<Session> session, Entered entered) {
  private static final String BASIC = "Basic ";

  boolean may(Privilege privilege) {
    return account.may(privilege);
  }

  /// The same as they are now; nothing if they would not be let in any more.
  Optional<Caller> now(Accounts accounts, Sessions sessions) throws AccountException {
    if (session.isEmpty()) {
      return accounts.stillIn(entered).map(one -> new Caller(one, session, entered));
    }
    Optional<Session> known = sessions.find(session.get().id());
    return known.isEmpty() ? Optional.empty() : by(known.get(), accounts);
  }

  /// As it is now: whoever lost an account or a role has lost it in their sessions, too, and
  /// another password ends them, whoever gave it.
  private static Optional<Caller> by(Session session, Accounts accounts) throws AccountException {
    return accounts
        .stillIn(session.entered())
        .map(account -> new Caller(account, Optional.of(session), session.entered()));
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
      return session.isEmpty() ? Optional.empty() : by(session.get(), accounts);
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
              .enter(both.substring(0, colon), both.substring(colon + 1))
              .map(one -> new Caller(one.account(), Optional.empty(), one));
    } catch (IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }
}
