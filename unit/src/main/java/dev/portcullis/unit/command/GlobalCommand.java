package dev.portcullis.unit.command;

import static dev.portcullis.spec.register.GlobalRegisters.CFI;
import static dev.portcullis.spec.register.GlobalRegisters.GCMD;
import static dev.portcullis.spec.register.GlobalRegisters.GSTS;
import static dev.portcullis.spec.register.GlobalRegisters.IRE;
import static dev.portcullis.spec.register.GlobalRegisters.QIE;
import static dev.portcullis.spec.register.GlobalRegisters.RTA;
import static dev.portcullis.spec.register.GlobalRegisters.RTADDR;
import static dev.portcullis.spec.register.GlobalRegisters.SIRTP;
import static dev.portcullis.spec.register.GlobalRegisters.SRTP;
import static dev.portcullis.spec.register.GlobalRegisters.SSIRWE;
import static dev.portcullis.spec.register.GlobalRegisters.TE;
import static dev.portcullis.spec.register.GlobalRegisters.TTM;

import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.InterruptRegisters;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.interrupt.InterruptRemapper;
import dev.portcullis.unit.queue.InvalidationQueue;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import dev.portcullis.unit.translate.Translator;

/// Obeys the global command register.
///
/// A write should change one bit. If it changes several, one-shot commands come before switches:
/// SRTP, SIRTP, QIE, CFI, IRE, TE. A command has ended when the write has, so that its status never
/// reads half-way.
///
/// @vtd 11.4.4 Global Command Register
/// @vtd 11.4.5 Global Status Register
public final class GlobalCommand {
  private final RegisterFile file;
  private final Cell status;
  private final Cell rootTable;
  private final Cell interruptTable;
  private final Translator translator;
  private final TranslationCaches caches;
  private final InvalidationQueue queue;
  private final InterruptRemapper interrupts;
  private final FaultLog faults;
  private final boolean queued;
  private final boolean remapping;
  private final boolean scalable;
  private final boolean rootTableFlushes;

  public GlobalCommand(
      RegisterFile file,
      Translator translator,
      TranslationCaches caches,
      InvalidationQueue queue,
      InterruptRemapper interrupts,
      FaultLog faults) {
    this.file = file;
    this.translator = translator;
    this.caches = caches;
    this.queue = queue;
    this.interrupts = interrupts;
    this.faults = faults;
    this.status = file.cell(GSTS);
    this.rootTable = file.cell(RTADDR);
    this.interruptTable = file.cell(InterruptRegisters.IRTA);
    this.scalable = file.capabilities().has(Feature.SCALABLE_MODE);
    this.remapping = file.capabilities().has(Feature.INTERRUPT_REMAPPING);
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
    if (remapping && SIRTP.isSet(written)) {
      takeInterruptTable();
    }
    // WBF has nothing to do: no write is ever buffered. WBFS stays 0, done.
    if (queued && QIE.isSet(levels) != status.isSet(QIE)) {
      switchQueue(QIE.isSet(levels));
    }
    if (remapping) {
      switchInterrupts(levels);
    }
    if (TE.isSet(levels) != status.isSet(TE)) {
      switchTranslation(TE.isSet(levels));
    }
  }

  private void switchTranslation(boolean on) {
    translator.translating(on);
    if (!on && scalable) {
      caches.invalidateAll();
    }
    show(TE, on);
    rewindFaults();
  }

  private void switchInterrupts(long levels) {
    if (CFI.isSet(levels) != status.isSet(CFI)) {
      interrupts.compatibility(CFI.isSet(levels));
      show(CFI, CFI.isSet(levels));
    }
    boolean on = IRE.isSet(levels);
    if (on != status.isSet(IRE)) {
      translator.interruptsRemapped(on);
      interrupts.remapping(on);
      show(IRE, on);
      rewindFaults();
    }
  }

  /// The log begins anew when the unit remaps nothing any more.
  ///
  /// @vtd 7.2.1 Primary Fault Logging
  private void rewindFaults() {
    if (!status.isSet(TE) && !status.isSet(IRE)) {
      faults.rewind();
    }
  }

  private void takeInterruptTable() {
    show(SIRTP, false);
    interrupts.table(interruptTable.word());
    show(SIRTP, true);
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
