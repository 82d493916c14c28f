package dev.portcullis.vmm.software;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.Decision;
import dev.portcullis.vmm.filter.Hook;
import dev.portcullis.vmm.filter.Inspection;
import dev.portcullis.vmm.filter.Inspector;
import java.util.Optional;

/// Lets everything pass: for a platform whose file names no rules.
enum OpenInspector implements Inspector, Inspection {
  INSTANCE;

  @Override
  public Inspection inspect(Packet packet, String in, int vlanId) {
    return this;
  }

  @Override
  public Decision judge(Hook hook, String out) {
    return Decision.ACCEPT;
  }

  @Override
  public Optional<byte[]> answer() {
    return Optional.empty();
  }
}
