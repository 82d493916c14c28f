package dev.portcullis.management.redfish;

import static dev.portcullis.management.redfish.Resource.link;
import static dev.portcullis.management.redfish.Resource.map;

import dev.portcullis.management.account.Account;
import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Privilege;
import dev.portcullis.management.account.Role;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.management.account.Sessions.Session;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The service itself: its root, who is logged in, who may be.
final class Services {
  static final String ROOT = "/redfish/v1";
  static final String SESSIONS = ROOT + "/SessionService/Sessions";
  static final String UPDATE = ROOT + "/UpdateService";
  private static final String ACCOUNT_SERVICE = ROOT + "/AccountService";
  static final String ACCOUNTS = ACCOUNT_SERVICE + "/Accounts";

  private final Accounts accounts;
  private final Sessions sessions;

  Services(Accounts accounts, Sessions sessions) {
    this.accounts = accounts;
    this.sessions = sessions;
  }

  static Resource root() {
    return Resource.of(ROOT, "#ServiceRoot.v1_16_0.ServiceRoot", "Portcullis")
        .with("Id", "RootService")
        .with("RedfishVersion", "1.18.0")
        .with("Vendor", "Portcullis")
        .with("Product", "Portcullis")
        .below("Systems")
        .below("Chassis")
        .below("Managers")
        .below("SessionService")
        .below("AccountService")
        .below("UpdateService")
        .below("EventService")
        .below("Registries")
        .with("Tasks", link(Tasks.PATH))
        .with("Links", map("Sessions", link(SESSIONS)))
        .with(
            "ProtocolFeaturesSupported",
            map(
                "ExpandQuery",
                    map("ExpandAll", false, "Levels", false, "Links", false, "NoLinks", false),
                "FilterQuery", false,
                "SelectQuery", false,
                "OnlyMemberQuery", false,
                "ExcerptQuery", false));
  }

  static Resource update() {
    return Resource.of(UPDATE, "#UpdateService.v1_14_0.UpdateService", "Rebuilding")
        .below("SoftwareInventory")
        .with("ServiceEnabled", true)
        .with("Status", Resource.OK)
        .with(
            "Actions",
            map(
                "#UpdateService.SimpleUpdate",
                map(
                    "target",
                    UPDATE + "/Actions/UpdateService.SimpleUpdate",
                    "ImageURI@Redfish.AllowableValues",
                    List.of(UpdateAction.KEEP, UpdateAction.REPLACE))));
  }

  /// @param at path below `SessionService`
  Optional<Resource> session(List<String> at) {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.of(ROOT + "/SessionService", "#SessionService.v1_1_9.SessionService", "Sessions")
              .with("ServiceEnabled", true)
              .with("SessionTimeout", sessions.timeout().toSeconds())
              .with("Status", Resource.OK)
              .below("Sessions"));
    }
    if (!at.getFirst().equals("Sessions") || at.size() > 2) {
      return Optional.empty();
    }
    if (at.size() == 1) {
      return Optional.of(
          Resource.collection(
              SESSIONS, "Session", "Sessions", sessions.all().stream().map(Session::id).toList()));
    }
    return sessions.find(at.get(1)).map(Services::session);
  }

  static Resource session(Session session) {
    return Resource.of(SESSIONS + "/" + session.id(), "#Session.v1_7_2.Session", "Session")
        .with("UserName", session.account().name())
        .with("CreatedTime", session.created().toString())
        .with("Roles", List.of(session.account().role().word()));
  }

  /// @param at path below `AccountService`
  Optional<Resource> account(List<String> at) throws AccountException {
    if (at.isEmpty()) {
      return Optional.of(
          Resource.of(ACCOUNT_SERVICE, "#AccountService.v1_15_1.AccountService", "Accounts")
              .with("ServiceEnabled", true)
              .with("MinPasswordLength", Accounts.LEAST_PASSWORD)
              .with("MaxPasswordLength", Accounts.MOST_PASSWORD)
              .with("AccountLockoutThreshold", Accounts.LOCKOUT_THRESHOLD)
              .with("AccountLockoutDuration", Accounts.LOCKOUT.toSeconds())
              .with("Status", Resource.OK)
              .below("Accounts")
              .below("Roles"));
    }
    String path = ACCOUNT_SERVICE + "/" + at.getFirst();
    return switch (at.getFirst()) {
      case "Accounts" -> accounts(path, at.subList(1, at.size()));
      case "Roles" -> roles(path, at.subList(1, at.size()));
      default -> Optional.empty();
    };
  }

  private Optional<Resource> accounts(String path, List<String> below) throws AccountException {
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              path,
              "ManagerAccount",
              "Accounts",
              accounts.all().stream().map(Account::name).toList()));
    }
    return below.size() > 1
        ? Optional.empty()
        : accounts.find(below.getFirst()).map(one -> account(one, accounts));
  }

  /// @param accounts that it is one of
  static Resource account(Account one, Accounts accounts) {
    return Resource.of(
            ACCOUNTS + "/" + one.name(), "#ManagerAccount.v1_12_1.ManagerAccount", "Account")
        .with("UserName", one.name())
        .with("RoleId", one.role().word())
        .with("Password", null)
        .with("AccountTypes", List.of("Redfish"))
        .with("Enabled", true)
        .with("Locked", accounts.isLocked(one.name()))
        .with("Links", map("Role", link(ACCOUNT_SERVICE + "/Roles/" + one.role().word())));
  }

  private static Optional<Resource> roles(String path, List<String> below) {
    if (below.isEmpty()) {
      return Optional.of(
          Resource.collection(
              path, "Role", "Roles", Arrays.stream(Role.values()).map(Role::word).toList()));
    }
    return Arrays.stream(Role.values())
        .filter(role -> below.equals(List.of(role.word())))
        .findFirst()
        .map(role ->
            Resource.of(path + "/" + role.word(), "#Role.v1_3_2.Role", role.word())
                .with("RoleId", role.word())
                .with("IsPredefined", true)
                .with(
                    "AssignedPrivileges",
                    role.privileges().stream().map(Privilege::word).sorted().toList()));
  }
}
