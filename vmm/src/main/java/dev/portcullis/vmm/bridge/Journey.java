package dev.portcullis.vmm.bridge;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;

/// One frame's way from the port it came in by to those that it leaves by.
final class Journey {
  private final Port in;
  private final int vlanId;
  private final Inspection inspection;
  private final Shapes shapes;
  private boolean answered;

  Journey(Port in, Packet packet, int vlanId, Inspection inspection) {
    this.in = in;
    this.vlanId = vlanId;
    this.inspection = inspection;
    this.shapes = new Shapes(packet, vlanId);
  }

  /// Whether it may come in at all.
  boolean enters() {
    return passes(in.role() == Role.OWN ? Hook.OUTPUT : Hook.PREROUTING, "");
  }

  /// Goes to the one port that its station is behind.
  void leaveBy(Port out) {
    if (out == in) {
      in.dropped(DropReason.SAME_PORT);
    } else if (!takes(out)) {
      in.dropped(DropReason.VLAN);
    } else {
      leave(out);
    }
  }

  /// Goes to all ports that take it.
  void leaveByAll(Port[] ports) {
    boolean any = false;
    for (Port out : ports) {
      if (out != in && takes(out)) {
        any = true;
        leave(out);
      }
    }
    if (!any) {
      in.dropped(DropReason.NO_PORT);
    }
  }

  private boolean takes(Port out) {
    return out.vlans().contains(vlanId);
  }

  private void leave(Port out) {
    if (mayLeave(out) && !out.send(shapes.at(out.vlans()))) {
      in.dropped(DropReason.LINK_FAILED);
    }
  }

  private boolean mayLeave(Port out) {
    if (out.role() == Role.OWN) {
      return passes(Hook.INPUT, out.name());
    }
    boolean forwarded = in.role() == Role.OWN || passes(Hook.FORWARD, out.name());
    return forwarded && passes(Hook.POSTROUTING, out.name());
  }

  private boolean passes(Hook hook, String out) {
    Decision decision = inspection.judge(hook, out);
    if (decision == Decision.ACCEPT) {
      return true;
    }
    in.dropped(DropReason.of(decision));
    if (decision == Decision.REJECT && !answered) {
      answered = true;
      inspection.answer().ifPresent(this::sendBack);
    }
    return false;
  }

  /// Sends the sender word of its rejection, in the shape of its own frames.
  private void sendBack(byte[] answer) {
    in.send(new Shapes(Packet.of(answer), vlanId).at(in.vlans()));
  }
}
