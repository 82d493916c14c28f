package dev.portcullis.vmm.partition;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.vmm.memory.PageRange;

/// Guest physical pages, and the host physical pages they are.
///
/// @param guest guest physical addresses
/// @param host address of the first host physical page
/// @param rights of processor and devices
public record Mapping(PageRange guest, long host, Rights rights) {

  /// The host physical pages.
  public PageRange hostPages() {
    return new PageRange(host, guest.bytes());
  }

  /// The host physical address of `gpa`, which is in it.
  public long hpa(long gpa) {
    return host + gpa - guest.first();
  }

  public boolean isReadable() {
    return rights != Rights.WRITE;
  }

  public boolean isWritable() {
    return rights != Rights.READ;
  }

  /// The part of it that is in `range`, which overlaps it.
  Mapping within(PageRange range) {
    long first = Math.max(guest.first(), range.first());
    long end = Math.min(guest.end(), range.end());
    return new Mapping(new PageRange(first, end - first), host + first - guest.first(), rights);
  }
}
