package dev.portcullis.unit;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Completion;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.request.Request;

/// A DMA remapping unit: software writes its registers and tables, devices ask it where their
/// requests go.
///
/// Every method may be called from any thread at any time. Nothing a guest writes, to a register or
/// to memory, makes one throw.
public final class RemappingUnit {
  private final InFlight inFlight = new InFlight();

  /// A unit after power-on.
  ///
  /// @param memory where tables and queue are, and status writes go
  /// @param messages where the unit's own interrupt messages go
  public RemappingUnit(UnitConfiguration configuration, MemoryMap memory, MessageSink messages) {}

  /// Software reads `widthBytes` (1, 2, 4 or 8) bytes of the register window.
  public long readRegister(long offset, int widthBytes) {
    return 0;
  }

  /// Software writes `widthBytes` (1, 2, 4 or 8) bytes of the register window.
  public void writeRegister(long offset, int widthBytes, long value) {}

  /// Size of the register window: a power of two, at least 4 KiB.
  public int registerWindowBytes() {
    return 4096;
  }

  /// Where a request without PASID of `sourceId` for `iova` goes: the hot path.
  ///
  /// The request lies inside one 4-KiB page. The caller brackets this call and its memory access in
  /// [InFlight#enter] and [InFlight#exit].
  ///
  /// @return the host physical address, at least 0; or a negative code, see [#completionOf], when
  ///   the request is blocked
  public long translate(int sourceId, long iova, Request request) {
    return iova;
  }

  /// What the device sees of a request that [#translate] blocked.
  public static Completion completionOf(long blocked) {
    return Completion.UNSUPPORTED_REQUEST;
  }

  /// An interrupt request: a device's write of the doubleword `data` to `address` in the range
  /// FEE00000h to FEEFFFFFh. What comes of it goes to `out`, on this thread.
  public Completion interrupt(int sourceId, long address, int data, MessageSink out) {
    out.send(address, data);
    return Completion.SUCCESS;
  }

  /// The requests under way.
  public InFlight inFlight() {
    return inFlight;
  }

  /// What the unit has done since it was made.
  public Statistics statistics() {
    return new Statistics(inFlight.entered());
  }

  /// Back to the state after power-on.
  public void reset() {}
}
