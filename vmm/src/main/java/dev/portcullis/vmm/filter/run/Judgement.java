package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;
import dev.portcullis.vmm.filter.rule.RejectWith;
import dev.portcullis.vmm.filter.track.Connections;
import dev.portcullis.vmm.filter.track.State;
import dev.portcullis.vmm.filter.track.Tracked;
import java.util.Optional;

/// One frame before the rules.
final class Judgement implements Inspection {
  private final Program program;
  private final Connections connections;
  private final Packet packet;
  private final String in;
  private final int vlanId;

  private Hook hook;
  private String out = "";
  private Tracked tracked;
  private RejectWith rejectedWith;

  Judgement(Program program, Connections connections, Packet packet, String in, int vlanId) {
    this.program = program;
    this.connections = connections;
    this.packet = packet;
    this.in = in;
    this.vlanId = vlanId;
  }

  @Override
  public Decision judge(Hook at, String leavingBy) {
    hook = at;
    out = leavingBy;
    rejectedWith = null;
    try {
      return decide();
    } catch (RuntimeException e) {
      // What we cannot judge does not pass.
      return Decision.FAILED;
    }
  }

  private Decision decide() {
    for (CompiledChain chain : program.chainsAt(hook)) {
      if (!chain.accepts(this)) {
        return rejectedWith == null ? Decision.DROP : Decision.REJECT;
      }
    }
    boolean last = hook == Hook.POSTROUTING || hook == Hook.INPUT;
    boolean passes = !last || !program.tracks() || connections.passed(tracked(), in);
    return passes ? Decision.ACCEPT : Decision.TOO_MANY_CONNECTIONS;
  }

  @Override
  public Optional<byte[]> answer() {
    return rejectedWith == null ? Optional.empty() : Answers.to(packet, rejectedWith);
  }

  void rejectWith(RejectWith with) {
    rejectedWith = with;
  }

  Packet packet() {
    return packet;
  }

  Hook hook() {
    return hook;
  }

  String in() {
    return in;
  }

  String out() {
    return out;
  }

  int vlanId() {
    return vlanId;
  }

  State connectionState() {
    return tracked().state();
  }

  private Tracked tracked() {
    if (tracked == null) {
      tracked = connections.lookup(packet, vlanId);
    }
    return tracked;
  }
}
