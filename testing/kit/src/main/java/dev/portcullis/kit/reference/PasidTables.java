package dev.portcullis.kit.reference;

import dev.portcullis.kit.register.Facts;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.pci.PasidPrefix;
import java.util.function.IntSupplier;

/// PASID directory and PASID table, and what follows from an entry.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
final class PasidTables {
  private static final int FIRST_VERSION_WITHOUT_EXECUTE = 8;

  private final Walk walk;
  private final Facts facts;
  private final Ask ask;
  private final boolean privileged;
  private final boolean permissionTable;

  /// @param privileged whether the request is a supervisor's
  /// @param permissionTable whether translated requests obey a host permission table (HPTE)
  PasidTables(Walk walk, boolean privileged, boolean permissionTable) {
    this.walk = walk;
    this.permissionTable = permissionTable;
    this.facts = walk.facts;
    this.ask = walk.ask;
    this.privileged = privileged;
  }

  Page directory(long table, int pasid) {
    Long fetched = walk.fetch64(table + 8L * (pasid >>> 6));
    if (fetched == null) {
      return Page.fault(0x50);
    }
    long entry = fetched;
    walk.meet((entry & 2) != 0);
    if ((entry & 1) == 0) {
      return Page.fault(0x51);
    }
    if ((entry & (-1L << facts.hostAddressBits() | 0xffc)) != 0) {
      return Page.fault(0x52);
    }
    return entry((entry & -4096L) + 64L * (pasid & 63));
  }

  private Page entry(long hpa) {
    long[] words = new long[8];
    for (int i = 0; i < 8; i += 2) {
      Entry part = walk.fetch128(hpa + 8L * i);
      if (part == null) {
        return Page.fault(0x58);
      }
      words[i] = part.lo();
      words[i + 1] = part.hi();
    }
    PasidEntry entry = new PasidEntry(words);
    walk.meet(entry.bit(1));
    if (!entry.isPresent()) {
      return Page.fault(0x59);
    }
    if (entry.hasReserved(facts, permissionTable)) {
      return Page.fault(0x5a);
    }
    if (!isSupported(entry)) {
      return Page.fault(0x5b);
    }
    if (ask.isPage()) {
      return new Page(0, ask.address(), 1, true, true, false);
    }
    return ask.isTranslated() ? new HostPermissions(walk, entry).check() : privilege(entry);
  }

  /// 4.7 to 4.10.
  private boolean isSupported(PasidEntry entry) {
    boolean offered =
        switch (entry.type()) {
          case PasidEntry.FIRST_STAGE -> facts.firstStage();
          case PasidEntry.SECOND_STAGE -> facts.secondStage();
          case PasidEntry.NESTED -> facts.nested();
          case PasidEntry.PASS_THROUGH -> facts.passThrough();
          default -> false;
        };
    if (!offered || entry.usesSecondStage() && !facts.hasLevels(entry.levels())) {
      return false;
    }
    if (entry.usesFirstStage() && !hasFirstStageLevels((int) entry.field(131, 130))) {
      return false;
    }
    return entry.type() != PasidEntry.NESTED
        || !Walk.beyond(entry.field(191, 140) << 12, guestBits(entry));
  }

  private boolean hasFirstStageLevels(int mode) {
    return mode == 0 || mode == 1 && facts.firstStageFiveLevels();
  }

  private int guestBits(PasidEntry entry) {
    return Math.min(facts.guestAddressBits(), 12 + 9 * entry.levels());
  }

  /// 4.11 and 4.12.
  private Page privilege(PasidEntry entry) {
    if (PasidPrefix.isExecute(ask.prefix())
        && !facts.executeRequests()
        && facts.majorVersion() < FIRST_VERSION_WITHOUT_EXECUTE) {
      return Page.fault(0x5c);
    }
    if (privileged && !entry.bit(128)) {
      return Page.fault(0x5d);
    }
    if (ask.isTranslation() && !ask.hasPasid() && Walk.inInterruptRange(ask.address())) {
      return SpecialCompletion.of(walk);
    }
    return staged(entry);
  }

  /// By PGTT.
  Page staged(PasidEntry entry) {
    return switch (entry.type()) {
      case PasidEntry.FIRST_STAGE -> firstStage(entry);
      case PasidEntry.SECOND_STAGE -> secondStage(entry);
      case PasidEntry.NESTED -> nested(entry);
      default -> passThrough(entry);
    };
  }

  /// 5.1 and 5.2.
  private Page passThrough(PasidEntry entry) {
    if (Walk.beyond(ask.address(), facts.hostAddressBits())) {
      return Page.fault(0x83);
    }
    return Walk.inInterruptRange(ask.address())
        ? Page.fault(0x87)
        : new Page(0, ask.address(), 1, true, true, entry.bit(88));
  }

  private boolean snooped(PasidEntry entry) {
    return facts.coherentWalks() && entry.bit(87);
  }

  private FirstStage.Tables firstStageTables(PasidEntry entry, SecondStage.Tables nest) {
    return new FirstStage.Tables(
        entry.field(191, 140) << 12,
        4 + (int) entry.field(131, 130),
        !privileged,
        entry.bit(132),
        facts.extendedAccessedFlag() && entry.bit(135),
        snooped(entry),
        nest,
        nest == null ? 64 : guestBits(entry));
  }

  private SecondStage.Tables secondStageTables(PasidEntry entry) {
    return new SecondStage.Tables(
        entry.field(63, 12) << 12,
        entry.levels(),
        SecondStage.Mode.SCALABLE,
        entry.bit(9),
        snooped(entry));
  }

  /// 5b.
  private Page firstStage(PasidEntry entry) {
    FirstStage stage = new FirstStage(walk, firstStageTables(entry, null));
    Page page = stage.walk(ask.address());
    if (page.isFault()) {
      return page;
    }
    int refusal = stage.due(writes(page));
    if (refusal != 0) {
      return Page.fault(refusal);
    }
    return updated(
        outside(new Page(0, page.hpa(), page.level(), true, page.write(), entry.bit(88))),
        () -> stage.update(writes(page)));
  }

  /// The page, once flags are set: last of all, since they tell software that a page was used.
  private static Page updated(Page page, IntSupplier update) {
    if (page.isFault()) {
      return page;
    }
    int refusal = update.getAsInt();
    return refusal != 0 ? Page.fault(refusal) : page;
  }

  /// 5c.
  private Page secondStage(PasidEntry entry) {
    if (Walk.beyond(ask.address(), guestBits(entry))) {
      return Page.fault(0x84);
    }
    SecondStage stage = new SecondStage(walk, secondStageTables(entry));
    Page page = granted(stage.walk(ask.address()));
    if (page.isFault()) {
      return page;
    }
    int refusal = stage.due(writes(page));
    return refusal != 0
        ? Page.fault(refusal)
        : updated(outside(snooped(page, entry)), () -> stage.update(writes(page)));
  }

  /// 5.18 to 5.20.
  private Page granted(Page page) {
    if (page.isFault()) {
      return page;
    }
    if (!page.read() && !page.write()) {
      return Page.fault(SecondStage.NOTHING_GRANTED);
    }
    int missing = MissingRight.of(walk, page);
    return missing != 0 ? Page.fault(missing) : page;
  }

  /// 5d.
  private Page nested(PasidEntry entry) {
    SecondStage.Tables nest = secondStageTables(entry);
    FirstStage first = new FirstStage(walk, firstStageTables(entry, nest));
    Page guest = first.walk(ask.address());
    if (guest.isFault()) {
      return guest;
    }
    int refusal = first.due(writes(guest));
    if (refusal != 0) {
      return Page.fault(refusal);
    }
    SecondStage second = new SecondStage(walk, nest);
    Page host = granted(second.walk(guest.hpa()));
    if (host.isFault()) {
      return host;
    }
    Page page =
        new Page(
            0,
            host.hpa(),
            Math.min(guest.level(), host.level()),
            host.read(),
            guest.write() && host.write(),
            host.snoop());
    refusal = second.due(writes(page));
    if (refusal != 0) {
      return Page.fault(refusal);
    }
    Page result = updated(outside(snooped(page, entry)), () -> first.update(writes(page)));
    return updated(result, () -> second.update(writes(page)));
  }

  private static Page snooped(Page page, PasidEntry entry) {
    return new Page(
        0, page.hpa(), page.level(), page.read(), page.write(), page.snoop() || entry.bit(88));
  }

  /// Whether the page counts as written.
  private boolean writes(Page page) {
    if (ask.isTranslation()) {
      return page.write() && !(ask.noWrite() && facts.noWriteFlag());
    }
    return ask.writes();
  }

  /// 5.12, 5.23, 5.38.
  private Page outside(Page page) {
    boolean granted = !ask.isTranslation() || page.read() || page.write();
    return granted && MissingRight.isInInterruptRange(walk, page) ? Page.fault(0x87) : page;
  }
}
