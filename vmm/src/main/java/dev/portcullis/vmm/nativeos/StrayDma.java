package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.guest.edu.EduDriver;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Bug;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Stray;
import dev.portcullis.vmm.nativeos.dma.Direction;
import dev.portcullis.vmm.nativeos.dma.DmaBuffer;
import dev.portcullis.vmm.nativeos.dma.Explanation;
import dev.portcullis.vmm.nativeos.dma.Explanation.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// Has a driver make a mistake, and looks whether it is found and does no harm.
///
/// ```
///   | others' memory | … others' | buffer | others' memory |
///                                ^ page           ^ page
/// ```
///
/// The buffer ends where a page ends, as the system places buffers under suspicion: what goes past
/// its end is refused from the first byte on.
final class StrayDma {
  private static final int PAGE = PageAllocator.PAGE_BYTES;
  private static final int BUFFER_BYTES = 1024;
  private static final int MISS_BYTES = 1;
  private static final byte OTHERS = 0x5a;

  /// So far to each side a driver may miss.
  private static final int MARGIN_PAGES = 16;

  private static final int PAGES = 2 * MARGIN_PAGES + 1;
  private static final long TOLD_MILLIS = 5_000;
  private static final long LOOK_MILLIS = 5;

  private final NativeSystem system;
  private final Stray stray;
  private final NativeDriver driver;
  private final String name;

  /// @param name of the buffer
  StrayDma(NativeSystem system, Stray stray, String name) {
    this.system = system;
    this.stray = stray;
    this.driver = system.driver(stray.driver());
    this.name = name;
  }

  NativeOutcome examine() throws DriverException, PciException, InterruptedException {
    long first = system.pages().allocate(PAGES);
    try {
      MemorySegment all = system.memory().at(first, (long) PAGES * PAGE);
      all.fill(OTHERS);
      return examine(first, all);
    } finally {
      system.pages().free(first, PAGES);
    }
  }

  private NativeOutcome examine(long first, MemorySegment all)
      throws DriverException, PciException, InterruptedException {
    int before = system.findings().size();
    long hpa = first + (MARGIN_PAGES + 1L) * PAGE - BUFFER_BYTES;
    Direction direction =
        stray.bug() == Bug.WRITE_READ_ONLY ? Direction.TO_DEVICE : Direction.FROM_DEVICE;
    DmaBuffer buffer = driver.dma().map(name, hpa, BUFFER_BYTES, direction);
    boolean mapped = true;
    try {
      EduDriver engine = driver.engine();
      if (stray.bug() == Bug.AFTER_UNMAP) {
        driver.dma().unmap(buffer);
        mapped = false;
      }
      if (write(engine, buffer)) {
        return wrong("the device was not refused");
      }
      return judge(all, buffer, before);
    } finally {
      if (mapped) {
        driver.dma().unmap(buffer);
      }
    }
  }

  /// The mistake itself.
  ///
  /// @return whether the device says that it is done
  private boolean write(EduDriver engine, DmaBuffer buffer)
      throws PciException, InterruptedException {
    int off = stray.offByBytes();
    return switch (stray.bug()) {
      case OVERRUN -> engine.write(buffer.address(), BUFFER_BYTES + off);
      case MISS_BEHIND -> engine.write(buffer.end() - 1 + off, MISS_BYTES);
      case MISS_BEFORE -> engine.write(buffer.address() - off - MISS_BYTES + 1, MISS_BYTES);
      case WRITE_READ_ONLY, AFTER_UNMAP -> engine.write(buffer.address(), BUFFER_BYTES);
    };
  }

  private NativeOutcome judge(MemorySegment all, DmaBuffer buffer, int before)
      throws InterruptedException {
    if (!isUnharmed(all)) {
      return wrong("memory of others was changed");
    }
    Optional<Finding> found = await(buffer, before);
    return found
        .map(one -> NativeOutcome.of(stray, isRight(one.explanation()), one.toString()))
        .orElseGet(() -> wrong("refused, and not found"));
  }

  private NativeOutcome wrong(String what) {
    return NativeOutcome.of(stray, false, what);
  }

  /// Only an overrun may write to the buffer, as it begins there.
  private boolean isUnharmed(MemorySegment all) {
    long from = (MARGIN_PAGES + 1L) * PAGE - BUFFER_BYTES;
    long to = from + BUFFER_BYTES;
    for (long i = 0; i < all.byteSize(); i++) {
      boolean mayChange = stray.bug() == Bug.OVERRUN && i >= from && i < to;
      if (!mayChange && all.get(ValueLayout.JAVA_BYTE, i) != OTHERS) {
        return false;
      }
    }
    return true;
  }

  private Optional<Finding> await(DmaBuffer buffer, int before) throws InterruptedException {
    long deadline = System.nanoTime() + TOLD_MILLIS * 1_000_000;
    while (System.nanoTime() < deadline) {
      Optional<Finding> found =
          system.findings().stream()
              .skip(before)
              .filter(one -> one.driver().equals(driver.name()))
              .filter(one -> one.explanation().nearest().equals(Optional.of(buffer)))
              .findFirst();
      if (found.isPresent()) {
        return found;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    return Optional.empty();
  }

  private boolean isRight(Explanation why) {
    Kind kind =
        switch (stray.bug()) {
          case OVERRUN, MISS_BEHIND -> Kind.BEHIND;
          case MISS_BEFORE -> Kind.BEFORE;
          case WRITE_READ_ONLY -> Kind.WRONG_DIRECTION;
          case AFTER_UNMAP -> Kind.AFTER_UNMAP;
        };
    int off = stray.bug() == Bug.OVERRUN ? 1 : stray.offByBytes();
    return why.kind() == kind && why.leastBytes() <= off && off <= why.mostBytes();
  }
}
