package dev.portcullis.net.pcapng;

/// An interface that frames of a file were captured at.
///
/// @param name empty if the file does not tell
/// @param linkType what its frames are: 1 is Ethernet
/// @param snapBytes how many bytes of a frame are kept at most; 0 is all
public record CaptureInterface(String name, int linkType, long snapBytes) {
  public static final int ETHERNET = 1;
}
