package dev.portcullis.management.enforcement;

import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.event.EventBus;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Restrictions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Enforces access at the bridge's ports, of which each leads to a partition and has its name.
///
/// ```
///   demand ─▶ kept (disk) ─▶ strictest of all ─▶ rules of the partition's port
/// ```
///
/// A demand is kept before it is in force: after a sudden end the same is in force again, and
/// nothing passes before. What was established has to be allowed by the new rules, and to begin
/// anew; flows of other partitions go on.
public final class BridgeEnforcement implements Enforcement {
  private final Collection<Restrictions> bridges;
  private final RemediationNetwork help;
  private final StateStore state;
  private final Set<Demander> deciders;
  private final EventBus bus;
  private final Map<String, Demands> demands = new HashMap<>();
  private final Map<String, NetworkAccess> inForce = new HashMap<>();

  private final List<String> leftovers = new ArrayList<>();

  private BridgeEnforcement(
      Collection<Restrictions> bridges,
      RemediationNetwork help,
      StateStore state,
      EventBus bus,
      Set<Demander> deciders) {
    this.deciders = Set.copyOf(deciders);
    this.bridges = List.copyOf(bridges);
    this.help = help;
    this.state = state;
    this.bus = bus;
  }

  /// Puts in force what was demanded last. A partition of which a decider has not said anything has
  /// no access, and one whose demands are damaged has none until all deciders have said it anew.
  ///
  /// @param bridges whose ports lead to the partitions, closed until now
  /// @param partitions behind the bridges' ports
  /// @param deciders who decides about each of them
  public static BridgeEnforcement open(
      Collection<Restrictions> bridges,
      RemediationNetwork help,
      StateStore state,
      EventBus bus,
      Collection<String> partitions,
      Set<Demander> deciders) {
    BridgeEnforcement enforcement = new BridgeEnforcement(bridges, help, state, bus, deciders);
    for (String partition : partitions) {
      enforcement.begin(partition);
    }
    return enforcement;
  }

  @Override
  public synchronized void begin(String partition) {
    Demands kept = kept(partition);
    for (Demander who : deciders) {
      if (!kept.all().containsKey(who)) {
        kept = kept.with(who, NetworkAccess.of(AccessLevel.NONE, "not decided yet: " + word(who)));
      }
    }
    demands.put(partition, kept);
    // Its port is new, and closed, whatever was in force at one before.
    inForce.remove(partition);
    apply(partition, kept.effective());
    kept.all()
        .forEach((who, access) -> {
          if (!deciders.contains(who) && access.level() != AccessLevel.UNRESTRICTED) {
            tellLeftover(partition, who, access);
          }
        });
  }

  /// Whoever has taken a section out of the management file may not have meant to let anybody out.
  private void tellLeftover(String partition, Demander who, NetworkAccess access) {
    String text =
        "partition %1$s: nobody decides about %2$s any more; what was demanded last stays in force:"
                .formatted(partition, word(who))
            + " %s (%s). To lift it, have the management file say %s again and release the partition, or remove %s from the state's folder while the platform is off"
                .formatted(
                    word(access.level()), access.reason(), word(who), key(partition) + ".state");
    leftovers.add(text);
    bus.publish(
        EventType.PLATFORM_TROUBLE,
        Severity.WARNING,
        Subject.ofPartition(partition),
        text,
        Map.of("demander", word(who), "level", word(access.level())));
  }

  /// What is in force although nobody decides about it any more, a line each, with what to do.
  public synchronized List<String> leftovers() {
    return List.copyOf(leftovers);
  }

  private Demands kept(String partition) {
    try {
      return state.read(key(partition)).map(Demands::ofText).orElseGet(Demands::none);
    } catch (StateException | IllegalArgumentException e) {
      Demands damaged = Demands.none();
      for (Demander who : Demander.values()) {
        damaged =
            damaged.with(
                who,
                NetworkAccess.of(AccessLevel.NONE, "what was decided is lost: " + e.getMessage()));
      }
      return damaged;
    }
  }

  @Override
  public synchronized void demand(Demander who, String partition, NetworkAccess access)
      throws StateException {
    Demands next = demands.getOrDefault(partition, Demands.none()).with(who, access);
    try {
      state.write(key(partition), next.toText());
    } catch (StateException e) {
      apply(partition, NetworkAccess.of(AccessLevel.NONE, "it cannot be kept: " + e.getMessage()));
      throw e;
    }
    demands.put(partition, next);
    apply(partition, next.effective());
  }

  private void apply(String partition, NetworkAccess access) {
    NetworkAccess before = inForce.get(partition);
    if (access.equals(before)) {
      return;
    }
    NetworkAccess now = put(partition, access);
    inForce.put(partition, now);
    bus.publish(
        EventType.NETWORK_ACCESS,
        now.level() == AccessLevel.UNRESTRICTED ? Severity.NOTICE : Severity.WARNING,
        Subject.ofPartition(partition),
        "partition %s has %s access to the network: %s"
            .formatted(partition, word(now.level()), now.reason()),
        Map.of("level", word(now.level()), "reason", now.reason()));
  }

  private NetworkAccess put(String partition, NetworkAccess access) {
    try {
      for (Restrictions bridge : bridges) {
        put(bridge, partition, access);
      }
      return access;
    } catch (RulesetException e) {
      bridges.forEach(bridge -> bridge.close(partition));
      return NetworkAccess.of(AccessLevel.NONE, "its rules make no sense: " + e.getMessage());
    }
  }

  private void put(Restrictions bridge, String partition, NetworkAccess access)
      throws RulesetException {
    switch (access.level()) {
      case UNRESTRICTED -> bridge.lift(partition);
      case CONDITIONAL -> bridge.restrict(partition, access.rules().orElseThrow());
      case REMEDIATION -> {
        if (help.isEmpty()) {
          bridge.close(partition);
        } else {
          bridge.restrict(partition, help.rulesFor(partition));
        }
      }
      case NONE -> bridge.close(partition);
    }
  }

  @Override
  public synchronized NetworkAccess inForce(String partition) {
    return inForce.getOrDefault(
        partition, NetworkAccess.of(AccessLevel.NONE, "there is no such partition"));
  }

  private static String key(String partition) {
    return "enforcement." + partition;
  }

  private static String word(Enum<?> one) {
    return one.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
