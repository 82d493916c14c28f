package dev.portcullis.devices.nvme;

import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Where the data of one command lies, as its PRP entries say: runs of consecutive addresses.
///
/// The length of the data bounds the walk: a list that points to itself is just read again until
/// all bytes have a place.
///
/// @nvme 4.3 Physical Region Page Entry and List
final class PageList {
  private static final int ENTRY_BYTES = 8;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final UpstreamPort port;
  private final int pageBytes;
  private final MemorySegment entries;
  private final long[] addresses;
  private final int[] lengths;
  private int runs;
  private long end;

  /// @param pageBytes size of a memory page, a power of two
  /// @param mostBytes most data a command may have
  PageList(UpstreamPort port, int pageBytes, int mostBytes) {
    this.port = port;
    this.pageBytes = pageBytes;
    entries = Arena.ofAuto().allocate(pageBytes, ENTRY_BYTES);
    int most = mostBytes / pageBytes + 2;
    addresses = new long[most];
    lengths = new int[most];
  }

  int runs() {
    return runs;
  }

  /// I/O virtual address of a run's first byte.
  long address(int run) {
    return addresses[run];
  }

  int lengthBytes(int run) {
    return lengths[run];
  }

  /// Finds the place of `lengthBytes` bytes, at least 1.
  Status resolve(long prp1, long prp2, int lengthBytes) {
    runs = 0;
    if ((prp1 & 3) != 0) {
      return Status.PRP_OFFSET_INVALID;
    }
    int first = Math.min(lengthBytes, pageBytes - offset(prp1));
    add(prp1, first);
    int rest = lengthBytes - first;
    if (rest == 0) {
      return Status.SUCCESS;
    }
    if (rest > pageBytes) {
      return resolveList(prp2, rest);
    }
    return addPage(prp2, rest) ? Status.SUCCESS : Status.PRP_OFFSET_INVALID;
  }

  private Status resolveList(long listAddress, int lengthBytes) {
    if ((listAddress & ENTRY_BYTES - 1) != 0) {
      return Status.PRP_OFFSET_INVALID;
    }
    long list = listAddress;
    int rest = lengthBytes;
    while (true) {
      int pagesLeft = (rest + pageBytes - 1) / pageBytes;
      int room = (pageBytes - offset(list)) / ENTRY_BYTES;
      int count = Math.min(room, pagesLeft);
      if (!port.read(list, entries, 0, (long) count * ENTRY_BYTES).isSuccess()) {
        return Status.DATA_TRANSFER_ERROR;
      }
      // The last entry of a full list page points to the next one if more than it is still to come.
      int pages = pagesLeft > room ? room - 1 : count;
      for (int i = 0; i < pages; i++) {
        int step = Math.min(rest, pageBytes);
        if (!addPage(entry(i), step)) {
          return Status.PRP_OFFSET_INVALID;
        }
        rest -= step;
      }
      if (rest == 0) {
        return Status.SUCCESS;
      }
      list = entry(pages);
      if (offset(list) != 0) {
        return Status.PRP_OFFSET_INVALID;
      }
    }
  }

  private long entry(int index) {
    return entries.get(LONG, (long) index * ENTRY_BYTES);
  }

  private int offset(long address) {
    return (int) address & pageBytes - 1;
  }

  /// Every entry but the first starts at a page.
  private boolean addPage(long address, int lengthBytes) {
    if (offset(address) != 0) {
      return false;
    }
    add(address, lengthBytes);
    return true;
  }

  private void add(long address, int lengthBytes) {
    if (runs > 0 && address == end) {
      lengths[runs - 1] += lengthBytes;
    } else {
      addresses[runs] = address;
      lengths[runs] = lengthBytes;
      runs++;
    }
    end = address + lengthBytes;
  }
}
