package dev.portcullis.unit.command;

import static dev.portcullis.spec.register.GlobalRegisters.GCMD;
import static dev.portcullis.spec.register.GlobalRegisters.GSTS;
import static dev.portcullis.spec.register.GlobalRegisters.QIE;
import static dev.portcullis.spec.register.GlobalRegisters.RTA;
import static dev.portcullis.spec.register.GlobalRegisters.RTADDR;
import static dev.portcullis.spec.register.GlobalRegisters.SRTP;
import static dev.portcullis.spec.register.GlobalRegisters.SSIRWE;
import static dev.portcullis.spec.register.GlobalRegisters.TE;
import static dev.portcullis.spec.register.GlobalRegisters.TTM;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.queue.InvalidationQueue;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.translate.Translator;

/// Obeys the global command register.
///
/// A write should change one bit. If it changes several, one-shot commands come before switches:
/// SRTP, QIE, TE. A command has ended when the write has, so that its status never reads half-way.
///
/// @vtd 11.4.4 Global Command Register
/// @vtd 11.4.5 Global Status Register
public final class GlobalCommand {
  private final RegisterFile file;
  private final Cell status;
  private final Cell rootTable;
  private final Translator translator;
  private final TranslationCaches caches;
  private final InvalidationQueue queue;
  private final FaultLog faults;
  private final boolean queued;
  private final boolean scalable;
  private final boolean rootTableFlushes;

  public GlobalCommand(
      RegisterFile file,
      Translator translator,
      TranslationCaches caches,
      InvalidationQueue queue,
      FaultLog faults) {
    this.file = file;
    this.translator = translator;
    this.caches = caches;
    this.queue = queue;
    this.faults = faults;
    this.status = file.cell(GSTS);
    this.rootTable = file.cell(RTADDR);
    this.scalable = file.capabilities().has(Feature.SCALABLE_MODE);
    this.queued = file.capabilities().has(Feature.QUEUED_INVALIDATION);
    this.rootTableFlushes = file.capabilities().has(Feature.ENHANCED_SET_ROOT_TABLE_POINTER);
    file.cell(GCMD).onCommand((before, after, written) -> obey(after, written));
  }

  /// @param levels the value of every switch
  /// @param written the same where software wrote, else 0: one-shot commands count here only
  private void obey(long levels, long written) {
    if (SRTP.isSet(written)) {
      takeRootTable();
    }
    // WBF has nothing to do: no write is ever buffered. WBFS stays 0, done.
    if (queued && QIE.isSet(levels) != status.isSet(QIE)) {
      switchQueue(QIE.isSet(levels));
    }
    if (TE.isSet(levels) != status.isSet(TE)) {
      translator.translating(TE.isSet(levels));
      if (!TE.isSet(levels)) {
        faults.rewind();
        if (scalable) {
          caches.invalidateAll();
        }
      }
      show(TE, TE.isSet(levels));
    }
  }

  private void takeRootTable() {
    show(SRTP, false);
    long value = rootTable.word();
    translator.rootTable(RTA.inPlace(value), TTM.intOf(value), SSIRWE.isSet(value));
    if (rootTableFlushes) {
      caches.invalidateAll();
    }
    show(SRTP, true);
  }

  private void switchQueue(boolean on) {
    if (on) {
      // Shown first: software that sees a descriptor done must not see the queue off.
      show(QIE, true);
      queue.enable();
    } else {
      queue.disable();
      show(QIE, false);
    }
  }

  private void show(BitField bit, boolean on) {
    synchronized (file) {
      status.set(bit, on ? 1 : 0);
    }
  }
}
