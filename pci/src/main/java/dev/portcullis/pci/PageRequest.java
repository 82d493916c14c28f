package dev.portcullis.pci;

/// A function asks software to make a page available: a page request message.
///
/// @param prefix its [PasidPrefix], or none
/// @param address of the page: untranslated, bits 63 to 12
/// @param group page request group index, 9 bits
/// @param read whether it wants to read
/// @param write whether it wants to write
/// @param last whether it is the last of its group, and so is answered
/// @pcie 10.4.1 Page Request Message
public record PageRequest(
    int prefix, long address, int group, boolean read, boolean write, boolean last) {

  /// Whether it marks the end of the requests with its PASID: last, and for nothing.
  public boolean isStopMarker() {
    return last && !read && !write;
  }
}
