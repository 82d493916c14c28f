package dev.portcullis.devices.atc;

import dev.portcullis.pci.Ats;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;

/// A device-TLB for a device that knows nothing of it: a port whose requests go with translated
/// addresses while software lets them, and with untranslated ones else. Such a device has no PASIDs
/// and asks for no pages: one that is missing is a request that nobody takes.
///
/// Messages are never translated.
public final class DeviceTlb implements UpstreamPort, AutoCloseable {
  private static final long PAGE_BYTES = 4096;
  private static final int PLACES = 64;

  private final UpstreamPort port;
  private final TranslationCache cache;
  private final VirtualMemory memory;
  private final Invalidations invalidations;

  /// @param name what its thread is called
  /// @param ats the device's capability
  /// @param port the device's own
  public DeviceTlb(String name, Ats ats, UpstreamPort port) {
    this.port = port;
    cache = new TranslationCache(ats, port, PLACES);
    memory = new VirtualMemory(cache, port);
    invalidations = new Invalidations(name, cache, port);
  }

  @Override
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    for (long done = 0; done < lengthBytes; ) {
      long at = iova + done;
      long step = step(at, lengthBytes - done);
      Completion completion =
          completion(memory.read(PasidPrefix.NONE, at, to, toOffset + done, step));
      if (!completion.isSuccess()) {
        return completion;
      }
      done += step;
    }
    return Completion.SUCCESS;
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    for (long done = 0; done < lengthBytes; ) {
      long at = iova + done;
      long step = step(at, lengthBytes - done);
      Completion completion =
          completion(memory.write(PasidPrefix.NONE, at, from, fromOffset + done, step));
      if (!completion.isSuccess()) {
        return completion;
      }
      done += step;
    }
    return Completion.SUCCESS;
  }

  private static long step(long at, long left) {
    return Math.min(left, PAGE_BYTES - (at & PAGE_BYTES - 1));
  }

  private static Completion completion(VirtualMemory.Access access) {
    return switch (access) {
      case DONE -> Completion.SUCCESS;
      case MISSING, REFUSED -> Completion.UNSUPPORTED_REQUEST;
      case ABORTED -> Completion.COMPLETER_ABORT;
    };
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return port.zeroLengthRead(iova);
  }

  @Override
  public Completion message(long address, int data) {
    return port.message(address, data);
  }

  /// Takes an invalidate request on.
  public void accept(InvalidateRequest request) {
    invalidations.accept(request);
  }

  /// Forgets the requests that wait, and returns when none is being carried out.
  public void reset() {
    invalidations.reset();
  }

  @Override
  public void close() {
    invalidations.close();
  }
}
