package dev.portcullis.management.redfish;

import dev.portcullis.management.account.AccountException;
import java.util.List;
import java.util.Optional;

/// All that can be read, by its address.
///
/// @param systems partitions
/// @param machine what they share
/// @param lvmm what runs them
/// @param services who may see them
/// @param tasks what is being done to them
/// @param events who is told of what happens to them
/// @param log what has happened to them
/// @param software what runs
record Tree(
    Systems systems,
    Machine machine,
    Lvmm lvmm,
    Services services,
    Tasks tasks,
    EventService events,
    EventLog log,
    Software software) {

  /// @param at path below `/redfish/v1`
  Optional<Resource> find(List<String> at, Query query) throws AccountException {
    if (at.isEmpty()) {
      return Optional.of(Services.root());
    }
    List<String> below = at.subList(1, at.size());
    return switch (at.getFirst()) {
      case "Systems" -> systems.find(below, query);
      case "Chassis" -> machine.find(below);
      case "Managers" -> lvmm.find(below, query);
      case "SessionService" -> services.session(below);
      case "AccountService" -> services.account(below);
      case "UpdateService" -> software.find(below);
      case "Registries" -> Registry.find(below);
      case "EventService" -> events.find(below);
      case "TaskService" -> tasks.find(below);
      default -> Optional.empty();
    };
  }
}
