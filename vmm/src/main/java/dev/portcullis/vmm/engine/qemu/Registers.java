package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.vmm.engine.Engine.Paging;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What QEMU's `info registers` says of an x86 processor.
final class Registers {
  private static final long PG = 1L << 31;
  private static final long LA57 = 1L << 12;
  private static final long LMA = 1L << 10;
  private static final long PAGE = -4096;

  private Registers() {}

  /// Where its page tables are, if it pages in long mode.
  static Optional<Paging> paging(String registers) {
    OptionalLong cr0 = find("CR0", registers);
    OptionalLong cr3 = find("CR3", registers);
    OptionalLong cr4 = find("CR4", registers);
    OptionalLong efer = find("EFER", registers);
    if (cr0.isEmpty() || cr3.isEmpty() || cr4.isEmpty() || efer.isEmpty()) {
      return Optional.empty();
    }
    boolean isLong = (cr0.getAsLong() & PG) != 0 && (efer.getAsLong() & LMA) != 0;
    int levels = (cr4.getAsLong() & LA57) != 0 ? 5 : 4;
    return isLong
        ? Optional.of(new Paging(cr3.getAsLong() & Long.MAX_VALUE & PAGE, levels))
        : Optional.empty();
  }

  private static OptionalLong find(String name, String registers) {
    Matcher value = Pattern.compile("\\b" + name + "=([0-9a-f]{8,16})\\b").matcher(registers);
    return value.find()
        ? OptionalLong.of(Long.parseUnsignedLong(value.group(1), 16))
        : OptionalLong.empty();
  }
}
