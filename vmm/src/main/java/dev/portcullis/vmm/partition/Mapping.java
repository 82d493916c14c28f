package dev.portcullis.vmm.partition;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.vmm.memory.PageRange;
import java.util.Optional;

/// Guest physical pages, and the host physical pages they are.
///
/// @param guest guest physical addresses
/// @param host address of the first host physical page
/// @param rights of processor and devices, where no guard takes some
/// @param guard who may not write all the same
public record Mapping(PageRange guest, long host, Rights rights, Guard guard) {

  /// Unguarded.
  public Mapping(PageRange guest, long host, Rights rights) {
    this(guest, host, rights, Guard.NOBODY);
  }

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

  /// Whether processors may write.
  public boolean isWritable() {
    return rights != Rights.READ && guard != Guard.EVERYBODY;
  }

  /// What devices may do; nothing if it is empty.
  public Optional<Rights> deviceRights() {
    if (guard == Guard.NOBODY) {
      return Optional.of(rights);
    }
    return rights == Rights.WRITE ? Optional.empty() : Optional.of(Rights.READ);
  }

  /// Whether devices may write.
  public boolean isWritableByDevices() {
    return rights != Rights.READ && guard == Guard.NOBODY;
  }

  Mapping guarded(Guard by) {
    return new Mapping(guest, host, rights, by);
  }

  /// The part of it that is in `range`, which overlaps it.
  Mapping within(PageRange range) {
    long first = Math.max(guest.first(), range.first());
    long end = Math.min(guest.end(), range.end());
    return new Mapping(
        new PageRange(first, end - first), host + first - guest.first(), rights, guard);
  }
}
