package dev.portcullis.kit.reference;

import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.kit.table.Root;

/// Root and context tables of legacy mode; requests without PASID.
///
/// @vtd 3.4.2 Legacy Mode Address Translation
final class LegacyTables {
  private final Walk walk;

  LegacyTables(Walk walk) {
    this.walk = walk;
  }

  Page root(long table) {
    int sourceId = walk.ask.sourceId();
    Entry root = walk.fetch128(table + (long) Root.BYTES * (sourceId >>> 8));
    if (root == null) {
      return Page.fault(0x08);
    }
    if ((root.lo() & 1) == 0) {
      return Page.fault(0x01);
    }
    if ((root.lo() & Root.reservedLo(walk.facts.hostAddressBits())) != 0 || root.hi() != 0) {
      return Page.fault(0x0a);
    }
    return context((root.lo() & -4096L) + (long) Context.BYTES * (sourceId & 0xff));
  }

  private Page context(long hpa) {
    Entry context = walk.fetch128(hpa);
    if (context == null) {
      return Page.fault(0x09);
    }
    walk.meet((context.lo() >>> Context.FPD & 1) != 0);
    if ((context.lo() & 1) == 0) {
      return Page.fault(0x02);
    }
    int type = (int) (context.lo() >>> 2) & 3;
    boolean passes = type == Context.PASS_THROUGH;
    long reservedLo = Context.reservedLo(walk.facts.hostAddressBits());
    if (passes) {
      // The pointer is ignored as a whole, the bits above the host's width included.
      reservedLo &= 0xff0;
    }
    if ((context.lo() & reservedLo) != 0
        || (context.hi() & Context.reservedHi(walk.facts.domainIdBits())) != 0) {
      return Page.fault(0x0b);
    }
    int levels = (int) (context.hi() & 7) + 2;
    if (!walk.facts.hasLevels(levels) || !isSupported(type)) {
      return Page.fault(0x03);
    }
    return typed(type, context.lo() & -4096L, levels);
  }

  private boolean isSupported(int type) {
    return switch (type) {
      case Context.SECOND_STAGE -> true;
      case Context.WITH_DEVICE_TLB -> walk.facts.deviceTlbs();
      case Context.PASS_THROUGH -> walk.facts.passThrough();
      default -> false;
    };
  }

  private Page typed(int type, long table, int levels) {
    Ask ask = walk.ask;
    boolean untranslated = ask.kind() == Ask.Kind.UNTRANSLATED;
    if (!untranslated && type != Context.WITH_DEVICE_TLB) {
      return Page.fault(0x0d);
    }
    if (ask.isTranslated() || type == Context.PASS_THROUGH) {
      if (Walk.beyond(ask.address(), walk.facts.hostAddressBits())) {
        return Page.fault(0x04);
      }
      return Walk.inInterruptRange(ask.address())
          ? Page.fault(0x0e)
          : new Page(0, ask.address(), 1, true, true, false);
    }
    if (ask.isTranslation() && Walk.inInterruptRange(ask.address())) {
      return SpecialCompletion.of(walk);
    }
    return secondStage(table, levels);
  }

  private Page secondStage(long table, int levels) {
    if (Walk.beyond(walk.ask.address(), Math.min(walk.facts.guestAddressBits(), 12 + 9 * levels))) {
      return Page.fault(0x04);
    }
    var stage = new SecondStage(walk, SecondStage.Tables.legacy(table, levels));
    Page page = stage.walk(walk.ask.address());
    if (page.isFault()) {
      return Page.fault(legacyReason(page.reason()));
    }
    int missing = MissingRight.of(walk, page);
    if (missing != 0) {
      return Page.fault(missing == MissingRight.WRITE ? 0x05 : 0x06);
    }
    boolean granted = !walk.ask.isTranslation() || page.read() || page.write();
    return granted && MissingRight.isInInterruptRange(walk, page) ? Page.fault(0x0e) : page;
  }

  /// The same conditions have other numbers here.
  private int legacyReason(int scalable) {
    return switch (scalable) {
      case SecondStage.TOP_UNREADABLE -> 0x03;
      case SecondStage.UNREADABLE -> 0x07;
      case SecondStage.RESERVED -> 0x0c;
      case SecondStage.NOTHING_GRANTED -> walk.ask.writes() ? 0x05 : 0x06;
      default -> throw new AssertionError(scalable);
    };
  }
}
