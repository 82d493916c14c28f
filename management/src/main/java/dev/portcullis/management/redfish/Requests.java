package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Accounts.Entered;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.management.account.Sessions.Begun;
import dev.portcullis.management.account.Sessions.Session;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// Decides what a request is answered with: whether there is such a thing, whether that can be done
/// to it, and whether whoever asks may.
final class Requests {
  private static final Map<String, String> WHO =
      Map.of("WWW-Authenticate", "Basic realm=\"Portcullis\"");

  private final RunningPlatform platform;
  private final Accounts accounts;
  private final Sessions sessions;
  private final Tree tree;
  private final Protection protection;
  private final AccountRequests accountRequests;
  private final EventRequests eventRequests;
  private final UpdateAction updates;

  Requests(
      RunningPlatform platform,
      Accounts accounts,
      Sessions sessions,
      Tree tree,
      Protection protection,
      Recovery recovery) {
    this.protection = protection;
    this.platform = platform;
    this.accounts = accounts;
    this.sessions = sessions;
    this.tree = tree;
    this.accountRequests = new AccountRequests(accounts, sessions);
    this.updates = new UpdateAction(tree.systems(), recovery, tree.tasks());
    this.eventRequests = new EventRequests(tree.events());
  }

  Reply answer(Request request) throws AccountException, InterruptedException {
    String version = request.header("OData-Version");
    if (version != null && !version.equals("4.0")) {
      return Reply.refusal(412, "GeneralError", "OData-Version is 4.0.");
    }
    Optional<Reply> open = open(request);
    if (open.isPresent()) {
      return open.get();
    }
    Optional<Caller> caller =
        Caller.of(
            request.header("X-Auth-Token"), request.header("Authorization"), accounts, sessions);
    if (caller.isEmpty()) {
      return Reply.refusal(401, "NoValidSession", "Log in first.", WHO);
    }
    Optional<List<String>> at = Addresses.below(request.path());
    if (at.isEmpty()) {
      return Reply.missing(request.path());
    }
    return answer(request, caller.get(), at.get());
  }

  /// What anybody may ask.
  private Optional<Reply> open(Request request) throws AccountException, InterruptedException {
    return switch (request.path()) {
      case "/redfish" ->
          Optional.of(reads(request, new Reply(200, Map.of("v1", Services.ROOT + "/"), Map.of())));
      case Services.ROOT -> Optional.of(reads(request, Reply.of(Services.root())));
      case Services.ROOT + "/odata" -> Optional.of(reads(request, Metadata.odata()));
      case Services.ROOT + "/$metadata" -> Optional.of(reads(request, Metadata.document()));
      case Services.SESSIONS, Services.SESSIONS + "/Members" ->
          request.method().equals("POST") ? Optional.of(logIn(request)) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Reply reads(Request request, Reply reply) {
    boolean reads = request.method().equals("GET") || request.method().equals("HEAD");
    return reads ? reply : Reply.notAllowed(request.method(), "GET, HEAD");
  }

  private Reply logIn(Request request) throws AccountException, InterruptedException {
    Optional<JsonNode> body = request.json();
    if (body.isEmpty()) {
      return Reply.malformed("The body is no JSON object.");
    }
    String name = body.get().path("UserName").asString("");
    String password = body.get().path("Password").asString("");
    Optional<Entered> entered = accounts.enter(name, password);
    if (entered.isEmpty()) {
      return Reply.refusal(
          401, "ResourceAtUriUnauthorized", "The user name or the password is wrong.", WHO);
    }
    Optional<Begun> begun = sessions.begin(entered.get());
    if (begun.isEmpty()) {
      return Reply.refusal(503, "SessionLimitExceeded", "There are too many sessions.");
    }
    Resource session = Services.session(begun.get().session());
    return new Reply(
        201,
        session.body(),
        Map.of("X-Auth-Token", begun.get().token(), "Location", session.path()));
  }

  private Reply answer(Request request, Caller caller, List<String> at)
      throws AccountException, InterruptedException {
    if (request.path().equals(Oem.SCHEMA)) {
      return reads(request, Oem.schema());
    }
    Optional<Reply> action = action(request, caller, at);
    if (action.isPresent()) {
      return action.get();
    }
    Optional<Reply> account = account(request, caller, at);
    if (account.isPresent()) {
      return account.get();
    }
    if (tree.lvmm().care().takes(at)) {
      Reply reply = tree.lvmm().care().act(request, caller, at.getLast());
      if (reply.status() != 403 && reply.status() != 405) {
        tell(caller, request, at.getLast(), Subject.PLATFORM, reply);
      }
      return reply;
    }
    if (EventLog.isClear(at)) {
      return clear(request, caller, at);
    }
    if (eventRequests.takes(request, at)) {
      Reply reply = eventRequests.answer(request, caller, at);
      if (reply.status() != 403 && !request.method().equals("GET")) {
        tell(caller, request, request.method(), Subject.PLATFORM, reply);
      }
      return reply;
    }
    Query query;
    try {
      query = Query.of(request.query());
    } catch (IllegalArgumentException e) {
      return Reply.refusal(400, "QueryParameterValueFormatError", e.getMessage());
    }
    Optional<Resource> found = tree.find(at, query);
    if (found.isEmpty()) {
      return Reply.missing(request.path());
    }
    return switch (request.method()) {
      case "GET", "HEAD" -> read(caller, at, found.get());
      case "PATCH" -> patch(request, caller, at, found.get());
      case "DELETE" -> delete(request, caller, at);
      default -> Reply.notAllowed(request.method(), allowed(at));
    };
  }

  /// What is told of it is the first that the log shows then.
  private Reply clear(Request request, Caller caller, List<String> at) throws AccountException {
    List<String> service = at.subList(0, 4);
    if (tree.find(service, Query.of(null)).isEmpty()) {
      return Reply.missing(request.path());
    }
    if (!request.method().equals("POST")) {
      return Reply.notAllowed(request.method(), "POST");
    }
    if (!caller.may(Privilege.CONFIGURE_MANAGER)) {
      return Reply.forbidden(Privilege.CONFIGURE_MANAGER.word());
    }
    String path = request.path();
    tree.log().clear(path.substring(0, path.indexOf("/LogServices") + "/LogServices".length()));
    Reply reply = Reply.noContent();
    tell(caller, request, "ClearLog", Subject.PLATFORM, reply);
    return reply;
  }

  private static String allowed(List<String> at) {
    if (isSystem(at)) {
      return "GET, HEAD, PATCH";
    }
    if (isSession(at)) {
      return "GET, HEAD, DELETE";
    }
    if (isAccounts(at) && at.size() == 3) {
      return "GET, HEAD, PATCH, DELETE";
    }
    return at.equals(List.of("SessionService", "Sessions")) || isAccounts(at)
        ? "GET, HEAD, POST"
        : "GET, HEAD";
  }

  private static boolean isAccounts(List<String> at) {
    return (at.size() == 2 || at.size() == 3)
        && at.subList(0, 2).equals(List.of("AccountService", "Accounts"));
  }

  private static boolean isSystem(List<String> at) {
    return at.size() == 2 && at.getFirst().equals("Systems");
  }

  private static boolean isSession(List<String> at) {
    return at.size() == 3 && at.subList(0, 2).equals(List.of("SessionService", "Sessions"));
  }

  private static Reply read(Caller caller, List<String> at, Resource found) {
    boolean isAccount =
        at.size() >= 2 && at.subList(0, 2).equals(List.of("AccountService", "Accounts"));
    boolean isOwn = at.size() == 3 && at.get(2).equals(caller.account().name());
    Privilege needed = isAccount && !isOwn ? Privilege.CONFIGURE_USERS : Privilege.LOGIN;
    return caller.may(needed) ? Reply.of(found) : Reply.forbidden(needed.word());
  }

  /// What changes accounts.
  private Optional<Reply> account(Request request, Caller caller, List<String> at)
      throws AccountException, InterruptedException {
    Set<String> changes = at.size() == 2 ? Set.of("POST") : Set.of("PATCH", "DELETE");
    if (!isAccounts(at) || !changes.contains(request.method())) {
      return Optional.empty();
    }
    Optional<Resource> found = tree.find(at, Query.of(null));
    Reply reply;
    if (request.method().equals("DELETE")) {
      reply = accountRequests.remove(request, caller, found);
    } else {
      Optional<JsonNode> body = request.json();
      if (body.isEmpty()) {
        return Optional.of(Reply.malformed("The body is no JSON object."));
      }
      reply =
          request.method().equals("POST")
              ? accountRequests.create(caller, body.get())
              : accountRequests.change(request, caller, body.get(), found);
    }
    if (reply.status() != 403) {
      tell(caller, request, request.method(), Subject.PLATFORM, reply);
    }
    return Optional.of(reply);
  }

  /// Whether it is another than the one the request was meant for.
  static boolean isStale(Request request, Resource found) {
    String wanted = request.header("If-Match");
    return wanted != null && !wanted.equals("*") && !wanted.equals(Wire.etag(found.body()));
  }

  static Reply stale() {
    return Reply.refusal(412, "PreconditionFailed", "It is otherwise than before: read it anew.");
  }

  private Reply delete(Request request, Caller caller, List<String> at) {
    if (!isSession(at)) {
      return Reply.notAllowed(request.method(), allowed(at));
    }
    boolean isOwn =
        sessions
            .find(at.get(2))
            .map(Session::account)
            .filter(one -> one.name().equals(caller.account().name()))
            .isPresent();
    Privilege needed = isOwn ? Privilege.CONFIGURE_SELF : Privilege.CONFIGURE_MANAGER;
    if (!caller.may(needed)) {
      return Reply.forbidden(needed.word());
    }
    sessions.end(at.get(2));
    return Reply.noContent();
  }

  private Reply patch(Request request, Caller caller, List<String> at, Resource found)
      throws AccountException {
    if (!isSystem(at)) {
      return Reply.notAllowed(request.method(), allowed(at));
    }
    if (!caller.may(Privilege.CONFIGURE_COMPONENTS)) {
      return Reply.forbidden(Privilege.CONFIGURE_COMPONENTS.word());
    }
    if (isStale(request, found)) {
      return stale();
    }
    Optional<JsonNode> body = request.json();
    if (body.isEmpty()) {
      return Reply.malformed("The body is no JSON object.");
    }
    Optional<Reply> refused = tree.systems().settings().write(at.get(1), body.get());
    Reply reply =
        refused.isPresent()
            ? refused.get()
            : tree.find(at, Query.of(null)).map(Reply::of).orElseGet(Reply::noContent);
    String what = String.join(" and ", new TreeSet<>(body.get().propertyNames()));
    tell(caller, request, "PATCH of " + what, Subject.ofPartition(at.get(1)), reply);
    return reply;
  }

  private Optional<Reply> action(Request request, Caller caller, List<String> at)
      throws InterruptedException {
    boolean isUpdate = at.equals(List.of("UpdateService", "Actions", "UpdateService.SimpleUpdate"));
    Optional<RunningPartition> partition =
        isReset(at) || isProtection(at) ? tree.systems().partition(at.get(1)) : Optional.empty();
    if (!isUpdate && partition.isEmpty()) {
      return Optional.empty();
    }
    if (!request.method().equals("POST")) {
      return Optional.of(Reply.notAllowed(request.method(), "POST"));
    }
    if (!caller.may(Privilege.CONFIGURE_COMPONENTS)) {
      return Optional.of(Reply.forbidden(Privilege.CONFIGURE_COMPONENTS.word()));
    }
    Optional<JsonNode> body = request.json();
    if (body.isEmpty()) {
      return Optional.of(Reply.malformed("The body is no JSON object."));
    }
    Reply reply;
    if (isUpdate) {
      reply = updates.run(body.get());
    } else if (isReset(at)) {
      reply = reset(partition.get(), body.get());
    } else {
      reply = protection.act(at.getLast(), partition.get().name(), body.get());
    }
    String what =
        Protection.PARAMETERS.stream()
            .map(one -> body.get().path(one).asString(""))
            .filter(one -> !one.isEmpty())
            .findFirst()
            .orElse(request.path().substring(request.path().lastIndexOf('/') + 1));
    Subject subject =
        partition.map(one -> Subject.ofPartition(one.name())).orElse(Subject.PLATFORM);
    tell(caller, request, what, subject, reply);
    return Optional.of(reply);
  }

  private static boolean isReset(List<String> at) {
    return at.size() == 4
        && at.getFirst().equals("Systems")
        && at.subList(2, 4).equals(List.of("Actions", "ComputerSystem.Reset"));
  }

  private boolean isProtection(List<String> at) {
    return at.size() == 5
        && at.getFirst().equals("Systems")
        && at.subList(2, 4).equals(List.of("Actions", "Oem"))
        && protection.has(at.getLast(), at.get(1));
  }

  private Reply reset(RunningPartition partition, JsonNode body) throws InterruptedException {
    String word = body.path("ResetType").asString("");
    Optional<ResetType> type = ResetType.of(word);
    if (type.isEmpty()) {
      return Reply.refusal(
          400,
          "ActionParameterValueNotInList",
          "\"" + word + "\" is no ResetType that is known here.");
    }
    try {
      for (PowerAction action : type.get().actions(partition.engine().state())) {
        platform.power(action, partition.name());
      }
      return Reply.noContent();
    } catch (VmmException | EngineException e) {
      return Reply.refusal(409, "GeneralError", e.getMessage());
    }
  }

  /// Whoever acts from afar is told of, and so stands in the audit log.
  private void tell(Caller caller, Request request, String what, Subject subject, Reply reply) {
    Map<String, Object> data = map("account", caller.account().name(), "what", what);
    data.put("target", request.path());
    data.put("status", reply.status());
    platform
        .events()
        .publish(
            EventType.REMOTE_ACTION,
            Severity.NOTICE,
            subject,
            "%s asked for %s of %s: %d"
                .formatted(caller.account().name(), what, request.path(), reply.status()),
            data);
  }
}
