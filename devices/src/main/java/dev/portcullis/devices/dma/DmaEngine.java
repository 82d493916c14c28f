package dev.portcullis.devices.dma;

import dev.portcullis.devices.atc.Invalidations;
import dev.portcullis.devices.atc.PageRequester;
import dev.portcullis.devices.atc.TranslationCache;
import dev.portcullis.devices.atc.VirtualMemory;
import dev.portcullis.pci.Ats;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Interrupts;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.Msix;
import dev.portcullis.pci.PageRequestInterface;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.Pasid;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.PowerManagement;
import java.util.ArrayList;
import java.util.List;

/// A DMA engine with several channels, each of which copies and fills in an address space of its
/// own. `docs/devices/dma-engine.md` says what a driver needs to know.
///
/// ```
///  0000 RO identification    0008 RO what there is     0010 RO translations asked for
///  0004 RO version                                     0018 RO translations known
///                                                      0020 RO page requests made
///                                                      0028 RO invalidations carried out
///  1000 + 100h n  channel n, see [Channel]
///  8000 MSI-X table          c000 MSI-X pending bits
/// ```
///
/// Accesses have 4 or 8 bytes and are aligned; all others read all ones and are dropped.
public final class DmaEngine extends PciFunction {
  /// Channels of an engine that says nothing else.
  public static final int DEFAULT_CHANNELS = 4;

  /// Most channels an engine can have.
  public static final int MOST_CHANNELS = 16;

  static final int IDENTIFICATION = 0x00;
  static final int VERSION = 0x04;
  static final int WHAT_THERE_IS = 0x08;
  static final int TRANSLATIONS_ASKED = 0x10;
  static final int TRANSLATIONS_KNOWN = 0x18;
  static final int PAGES_ASKED = 0x20;
  static final int INVALIDATIONS = 0x28;
  static final int CHANNELS = 0x1000;
  static final int CHANNEL_BYTES = 0x100;
  static final int MSIX_TABLE = 0x8000;
  static final int MSIX_PENDING = 0xc000;

  /// `PDMA`.
  private static final int WHO = 0x414d_4450;

  private static final int VERSION_1 = 0x0001_0000;
  private static final int WINDOW_BYTES = 1 << 16;
  private static final int CACHED_TRANSLATIONS = 64;
  private static final int PAGE_REQUESTS = 64;

  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x1234, 0xd3a1).withClass(0x08_01_80).withSubsystem(0x1234, 0xd3a1);

  private final Msix msix;
  private final Pasid pasid;
  private final TranslationCache cache;
  private final PageRequester pages;
  private final Invalidations invalidations;
  private final List<Channel> channels = new ArrayList<>();

  /// An engine with [#DEFAULT_CHANNELS].
  public DmaEngine() {
    this(DEFAULT_CHANNELS);
  }

  /// An engine with `channels` channels, 1 to [#MOST_CHANNELS].
  public DmaEngine(int channels) {
    this(
        channels,
        new Msix(channels, 0, MSIX_TABLE, MSIX_PENDING),
        new Ats(Ats.MOST_INVALIDATIONS),
        new Pasid(),
        new PageRequestInterface(PAGE_REQUESTS));
  }

  private DmaEngine(int count, Msix msix, Ats ats, Pasid pasid, PageRequestInterface pageRequests) {
    super(
        HEADER,
        List.of(new Bar(0, WINDOW_BYTES, Bar.Width.MEMORY_64)),
        List.of(
            msix,
            new PowerManagement(),
            new PciExpress(PciExpress.Kind.ROOT_COMPLEX_INTEGRATED_ENDPOINT),
            ats,
            pasid,
            pageRequests));
    if (count > MOST_CHANNELS) {
      throw new IllegalArgumentException("an engine has 1 to 16 channels: " + count);
    }
    this.msix = msix;
    this.pasid = pasid;
    cache = new TranslationCache(ats, port(), CACHED_TRANSLATIONS);
    pages = new PageRequester(pageRequests, port());
    invalidations = new Invalidations("dma-engine-invalidations", cache, port());
    VirtualMemory memory = new VirtualMemory(cache, pasid, port());
    Parts parts = new Parts(memory, pages, pasid, this::interrupt);
    for (int i = 0; i < count; i++) {
      channels.add(new Channel("dma-engine-channel-" + i, parts));
    }
  }

  /// There are messages and no pin: while software has not enabled them, nothing is told.
  private void interrupt(int vector) {
    if (interrupts().mode() == Interrupts.Mode.MSIX && vector < channels.size()) {
      interrupts().raise(vector);
    }
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (!isLegal(offset, widthBytes)) {
      return -1L >>> 64 - 8 * widthBytes;
    }
    if (msix.covers(bar, offset)) {
      return msix.readTable(offset, widthBytes);
    }
    long low = readWord((int) offset) & 0xffff_ffffL;
    return widthBytes == 4 ? low : (long) readWord((int) offset + 4) << 32 | low;
  }

  private int readWord(int offset) {
    Channel channel = channelAt(offset);
    if (channel != null) {
      return channel.read(offset & CHANNEL_BYTES - 1);
    }
    return switch (offset) {
      case IDENTIFICATION -> WHO;
      case VERSION -> VERSION_1;
      case WHAT_THERE_IS -> channels.size() | Channel.MOST_ENTRIES_LOG2 << 8;
      case WHAT_THERE_IS + 4 -> pasid.widthBits();
      case TRANSLATIONS_ASKED -> (int) cache.asked();
      case TRANSLATIONS_ASKED + 4 -> (int) (cache.asked() >>> 32);
      case TRANSLATIONS_KNOWN -> (int) cache.hits();
      case TRANSLATIONS_KNOWN + 4 -> (int) (cache.hits() >>> 32);
      case PAGES_ASKED -> (int) pages.sent();
      case PAGES_ASKED + 4 -> (int) (pages.sent() >>> 32);
      case INVALIDATIONS -> (int) invalidations.done();
      case INVALIDATIONS + 4 -> (int) (invalidations.done() >>> 32);
      default -> 0;
    };
  }

  private Channel channelAt(int offset) {
    int index = offset - CHANNELS >> 8;
    return offset >= CHANNELS && index < channels.size() ? channels.get(index) : null;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (!isLegal(offset, widthBytes)) {
      return;
    }
    if (msix.covers(bar, offset)) {
      msix.writeTable(offset, widthBytes, value);
      return;
    }
    writeWord((int) offset, (int) value);
    if (widthBytes == 8) {
      writeWord((int) offset + 4, (int) (value >>> 32));
    }
  }

  private void writeWord(int offset, int value) {
    Channel channel = channelAt(offset);
    if (channel != null) {
      channel.write(offset & CHANNEL_BYTES - 1, value);
    }
  }

  private static boolean isLegal(long offset, int widthBytes) {
    return (widthBytes == 4 || widthBytes == 8) && (offset & widthBytes - 1) == 0;
  }

  @Override
  public boolean invalidate(InvalidateRequest request) {
    invalidations.accept(request);
    return true;
  }

  @Override
  public void respond(PageResponse response) {
    pages.respond(response);
  }

  @Override
  public void reset() {
    channels.forEach(Channel::reset);
    invalidations.reset();
    super.reset();
  }

  @Override
  public void close() {
    channels.forEach(Channel::reset);
    invalidations.close();
  }
}
