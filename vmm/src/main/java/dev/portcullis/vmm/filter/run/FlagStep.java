package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.rule.Part.Flags;

/// Looks at TCP flags.
record FlagStep(Flags flags) implements Step {
  @Override
  public boolean take(Judgement of) {
    int set = of.packet().tcpFlags();
    if (set == Packet.ABSENT) {
      return false;
    }
    int seen = set & flags.mask();
    return switch (flags.test()) {
      case ANY -> seen != 0;
      case EQUAL -> seen == flags.value();
      case NOT_EQUAL -> seen != flags.value();
    };
  }
}
