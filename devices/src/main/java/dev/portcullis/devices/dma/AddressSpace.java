package dev.portcullis.devices.dma;

import dev.portcullis.devices.atc.PageRequester;
import dev.portcullis.devices.atc.PageRequester.Answer;
import dev.portcullis.devices.atc.VirtualMemory;
import dev.portcullis.devices.atc.VirtualMemory.Access;
import dev.portcullis.devices.atc.Wanted;
import java.util.function.BooleanSupplier;

/// The address space a channel works in: makes accesses, asks for pages that are missing, and tries
/// again. Belongs to one thread.
final class AddressSpace {
  private static final long PAGE_BYTES = 4096;

  private final VirtualMemory memory;
  private final PageRequester pages;
  private final Settings settings;
  private final BooleanSupplier stopping;
  private boolean asks;
  private int asked;
  private long faultAddress;

  /// What software has set of the way a channel works.
  ///
  /// @param prefix its [dev.portcullis.pci.PasidPrefix], or none
  /// @param pagesPerGroup pages asked for at once, 1 to 255; 0 if none are ever asked for
  /// @param retries how often one access asks, 1 to 255
  record Settings(int prefix, int pagesPerGroup, int retries) {}

  /// One way to access memory.
  interface Step {
    Access on(VirtualMemory memory, int prefix);
  }

  /// @param stopping whether to end as soon as can be
  AddressSpace(
      VirtualMemory memory, PageRequester pages, Settings settings, BooleanSupplier stopping) {
    this.memory = memory;
    this.pages = pages;
    this.settings = settings;
    this.stopping = stopping;
  }

  /// A new piece of work begins.
  ///
  /// @param askForPages whether it may ask for pages
  void begin(boolean askForPages) {
    asks = askForPages && settings.pagesPerGroup > 0;
    asked = 0;
    faultAddress = 0;
  }

  /// Whether to end as soon as can be.
  boolean isStopping() {
    return stopping.getAsBoolean();
  }

  /// How many groups of page requests the piece of work has made.
  int asked() {
    return asked;
  }

  /// Where the access was that ended the piece of work.
  long faultAddress() {
    return faultAddress;
  }

  /// Carries out `step`, which wants something of the page of `address`.
  ///
  /// @param leftBytes how many bytes from there on will be wanted, at least 1
  Status access(long address, long leftBytes, Wanted wanted, Step step) {
    Status status = attempt(address, leftBytes, wanted, step);
    if (!status.isSuccess()) {
      faultAddress = address;
    }
    return status;
  }

  private Status attempt(long address, long leftBytes, Wanted wanted, Step step) {
    for (int tries = 0; ; tries++) {
      switch (step.on(memory, settings.prefix)) {
        case DONE -> {
          return Status.SUCCESS;
        }
        case REFUSED -> {
          return Status.REFUSED;
        }
        case ABORTED -> {
          return Status.ABORTED;
        }
        case MISSING -> {}
      }
      if (isStopping()) {
        return Status.STOPPED;
      }
      if (!asks) {
        return Status.PAGE_MISSING;
      }
      if (tries == settings.retries) {
        return Status.TOO_MANY_RETRIES;
      }
      Status status = ask(address, leftBytes, wanted);
      if (!status.isSuccess()) {
        return status;
      }
    }
  }

  private Status ask(long address, long leftBytes, Wanted wanted) {
    long pagesLeft = (address & PAGE_BYTES - 1) + leftBytes + PAGE_BYTES - 1 >>> 12;
    int count = (int) Math.min(pagesLeft, settings.pagesPerGroup);
    asked++;
    Answer answer = pages.request(settings.prefix, address, count, wanted, stopping);
    return switch (answer) {
      case PROVIDED -> Status.SUCCESS;
      case INVALID -> Status.PAGE_INVALID;
      case UNAVAILABLE -> Status.PAGE_UNAVAILABLE;
      case ABANDONED -> Status.STOPPED;
    };
  }
}
