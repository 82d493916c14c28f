package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;
import dev.portcullis.vmm.filter.Inspector;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Rules of single ports, beside those of the whole bridge: a frame passes if the rules of the port
/// that it came by, those of the port that it leaves by, and the bridge's let it pass.
///
/// ```
///   frame ─▶ rules of its port ─▶ rules of the other port ─▶ rules of the bridge ─▶ port
/// ```
///
/// The rules of a port change all at once, and its connections are forgotten then: what was
/// established under others has to pass as if it were new. Other ports notice nothing. For any
/// thread; judging takes no lock.
public final class Restrictions implements Inspector {
  private final Inspector bridge;
  private final Consumer<LogEntry> log;
  private volatile Map<String, Firewall> ports;

  /// @param bridge judges what the ports' rules let pass
  /// @param closed ports that nothing passes until somebody says what may
  /// @param log told on the thread that judges; must not wait
  public Restrictions(Inspector bridge, Set<String> closed, Consumer<LogEntry> log) {
    this.bridge = bridge;
    this.log = log;
    Map<String, Firewall> first = new HashMap<>();
    closed.forEach(port -> first.put(port, new Firewall(log)));
    this.ports = Map.copyOf(first);
  }

  /// Puts rules in force for what comes and goes by a port, in place of those before.
  ///
  /// @throws RulesetException if they make no sense; those before stay in force
  public void restrict(String port, Ruleset rules) throws RulesetException {
    Firewall firewall = new Firewall(log);
    firewall.load(rules, Established.CUT);
    put(port, Optional.of(firewall));
  }

  /// Lets nothing pass by a port.
  public void close(String port) {
    put(port, Optional.of(new Firewall(log)));
  }

  /// Leaves what comes and goes by a port to the bridge's rules.
  public void lift(String port) {
    put(port, Optional.empty());
  }

  private synchronized void put(String port, Optional<Firewall> firewall) {
    Map<String, Firewall> next = new HashMap<>(ports);
    next.remove(port);
    firewall.ifPresent(one -> next.put(port, one));
    ports = Map.copyOf(next);
  }

  /// The rules of a port, with what they have counted: none if nothing passes, or if it is left to
  /// the bridge's.
  public Optional<Ruleset> ruleset(String port) {
    return Optional.ofNullable(ports.get(port)).flatMap(Firewall::ruleset);
  }

  /// Ports that have rules of their own, or that nothing passes.
  public List<String> restricted() {
    return ports.keySet().stream().sorted().toList();
  }

  @Override
  public Inspection inspect(Packet packet, String in, int vlanId) {
    Map<String, Firewall> now = ports;
    Inspection last = bridge.inspect(packet, in, vlanId);
    return now.isEmpty() ? last : new Restricted(now, packet, in, vlanId, last);
  }

  /// One frame, and the rules that were in force when it arrived.
  private static final class Restricted implements Inspection {
    private final Map<String, Firewall> ports;
    private final Packet packet;
    private final String in;
    private final int vlanId;
    private final Optional<Inspection> ofIn;
    private final Inspection ofBridge;
    private Inspection refuser;

    Restricted(
        Map<String, Firewall> ports, Packet packet, String in, int vlanId, Inspection ofBridge) {
      this.ports = ports;
      this.packet = packet;
      this.in = in;
      this.vlanId = vlanId;
      this.ofIn = Optional.ofNullable(ports.get(in)).map(one -> one.inspect(packet, in, vlanId));
      this.ofBridge = ofBridge;
    }

    /// The bridge's own rules come last: they remember no connection that a port's refuse.
    @Override
    public Decision judge(Hook hook, String out) {
      Firewall leaving = out.isEmpty() || out.equals(in) ? null : ports.get(out);
      Decision decision = ofIn.isPresent() ? ask(ofIn.get(), hook, out) : Decision.ACCEPT;
      if (decision == Decision.ACCEPT && leaving != null) {
        decision = ask(leaving.inspect(packet, in, vlanId), hook, out);
      }
      return decision == Decision.ACCEPT ? ask(ofBridge, hook, out) : decision;
    }

    private Decision ask(Inspection one, Hook hook, String out) {
      refuser = one;
      return one.judge(hook, out);
    }

    @Override
    public Optional<byte[]> answer() {
      return refuser == null ? Optional.empty() : refuser.answer();
    }
  }
}
