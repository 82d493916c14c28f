package dev.portcullis.management.redfish;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Accounts.Change;
import dev.portcullis.management.account.Accounts.Entered;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.account.Role;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.management.account.Sessions.Session;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// Changes who may log in. Administrators do; everybody else gives themselves another password.
final class AccountRequests {
  private static final String PASSWORD = "Password";
  private static final String ROLE = "RoleId";
  private static final String NAME = "UserName";
  private static final String LOCKED = "Locked";
  private static final String ENABLED = "Enabled";

  private final Accounts accounts;
  private final Sessions sessions;

  AccountRequests(Accounts accounts, Sessions sessions) {
    this.accounts = accounts;
    this.sessions = sessions;
  }

  Reply create(Caller caller, JsonNode body) throws AccountException {
    if (!caller.may(Privilege.CONFIGURE_USERS)) {
      return Reply.forbidden(Privilege.CONFIGURE_USERS.word());
    }
    Optional<Reply> odd = odd(body, Set.of(NAME, PASSWORD, ROLE, ENABLED));
    if (odd.isPresent()) {
      return odd.get();
    }
    for (String one : new String[] {NAME, PASSWORD, ROLE}) {
      if (!body.has(one)) {
        return Reply.refusal(400, "CreateFailedMissingReqProperties", one + " is needed.");
      }
    }
    try {
      Account account =
          new Account(body.path(NAME).asString(""), Role.of(body.path(ROLE).asString("")));
      Change change = accounts.add(account, body.path(PASSWORD).asString(""));
      if (change != Change.DONE) {
        return refusal(change);
      }
      Resource made = Services.account(account, accounts);
      return new Reply(201, made.body(), Map.of("Location", made.path()));
    } catch (IllegalArgumentException e) {
      return Reply.refusal(400, "PropertyValueError", e.getMessage());
    }
  }

  /// @param found the account as it is shown; nothing if there is none
  Reply change(Request request, Caller caller, JsonNode body, Optional<Resource> found)
      throws AccountException, InterruptedException {
    boolean isOwn = isOf(caller, found) && names(body).equals(Set.of(PASSWORD));
    Privilege needed = isOwn ? Privilege.CONFIGURE_SELF : Privilege.CONFIGURE_USERS;
    Optional<Reply> refused = refused(request, caller, needed, found);
    if (refused.isPresent()) {
      return refused.get();
    }
    return change(caller, name(found), body);
  }

  private static String name(Optional<Resource> found) {
    return found.map(one -> (String) one.body().get(NAME)).orElse("");
  }

  private static boolean isOf(Caller caller, Optional<Resource> found) {
    return name(found).equals(caller.account().name());
  }

  private static Optional<Reply> refused(
      Request request, Caller caller, Privilege needed, Optional<Resource> found) {
    if (!caller.may(needed)) {
      return Optional.of(Reply.forbidden(needed.word()));
    }
    if (found.isEmpty()) {
      return Optional.of(Reply.missing(request.path()));
    }
    return Requests.isStale(request, found.get())
        ? Optional.of(Requests.stale())
        : Optional.empty();
  }

  private Reply change(Caller caller, String name, JsonNode body)
      throws AccountException, InterruptedException {
    Optional<Reply> odd = odd(body, Set.of(PASSWORD, ROLE, LOCKED, ENABLED));
    if (odd.isPresent()) {
      return odd.get();
    }
    try {
      Optional<Role> role = text(body, ROLE).map(Role::of);
      Optional<String> password = text(body, PASSWORD);
      Change change = accounts.change(name, role, password);
      if (change != Change.DONE) {
        return refusal(change);
      }
      if (password.isPresent() || body.has(LOCKED)) {
        accounts.unlock(name);
      }
      if (password.isPresent()) {
        endSessions(caller, name, password.get());
      }
    } catch (IllegalArgumentException e) {
      return Reply.refusal(400, "PropertyValueError", e.getMessage());
    }
    return accounts
        .find(name)
        .map(one -> Reply.of(Services.account(one, accounts)))
        .orElseGet(Reply::noContent);
  }

  /// All of an account that has another password now, but for the one that gave it.
  private void endSessions(Caller caller, String name, String password)
      throws AccountException, InterruptedException {
    Optional<String> own = caller.session().map(Session::id);
    if (own.isPresent() && caller.account().name().equals(name)) {
      Optional<Entered> anew = accounts.enter(name, password);
      anew.ifPresent(entered -> sessions.goOn(own.get(), entered));
    }
    sessions.endOf(name, own);
  }

  /// @param found the account as it is shown; nothing if there is none
  Reply remove(Request request, Caller caller, Optional<Resource> found) throws AccountException {
    Optional<Reply> refused = refused(request, caller, Privilege.CONFIGURE_USERS, found);
    if (refused.isPresent()) {
      return refused.get();
    }
    String name = name(found);
    Change change = accounts.removeUnlessLast(name);
    if (change != Change.DONE) {
      return refusal(change);
    }
    // Whoever gets the name later must not get these.
    sessions.endOf(name, Optional.empty());
    return Reply.noContent();
  }

  private static Reply refusal(Change change) {
    return switch (change) {
      case IS_THERE -> Reply.refusal(409, "ResourceAlreadyExists", "There is such an account.");
      case TOO_MANY ->
          Reply.refusal(409, "CreateLimitReachedForResource", "There are too many accounts.");
      case LAST_ADMINISTRATOR ->
          Reply.refusal(409, "GeneralError", "It is the last Administrator.");
      default -> Reply.refusal(404, "ResourceNotFound", "There is no such account.");
    };
  }

  private static Optional<String> text(JsonNode body, String property) {
    return body.has(property) ? Optional.of(body.path(property).asString("")) : Optional.empty();
  }

  private static Set<String> names(JsonNode body) {
    return new TreeSet<>(body.propertyNames());
  }

  /// Why `body` is not what can be written.
  private static Optional<Reply> odd(JsonNode body, Set<String> known) {
    for (String one : names(body)) {
      if (!known.contains(one)) {
        return Optional.of(
            Reply.refusal(400, "PropertyNotWritable", one + " cannot be written here."));
      }
      boolean isRight =
          switch (one) {
            case LOCKED -> body.path(one).isBoolean() && !body.path(one).asBoolean();
            case ENABLED -> body.path(one).isBoolean() && body.path(one).asBoolean();
            default -> body.path(one).isString();
          };
      if (!isRight) {
        return Optional.of(Reply.refusal(400, "PropertyValueTypeError", wanted(one)));
      }
    }
    return Optional.empty();
  }

  private static String wanted(String property) {
    return switch (property) {
      case LOCKED -> "Locked can only be set to false.";
      case ENABLED -> "An account is enabled as long as it is there: delete it.";
      default -> property + " is a string.";
    };
  }
}
