package dev.portcullis.pci;

/// The answer to a group of page requests.
///
/// @param prefix the [PasidPrefix] of the requests, or none
/// @param group page request group index, 9 bits
/// @param code one of [#SUCCESS], [#INVALID_REQUEST], [#FAILURE], or a reserved value 2 to 14
/// @pcie 10.4.2 Page Request Group Response Message
public record PageResponse(int prefix, int group, int code) {
  /// The pages are there; try again.
  public static final int SUCCESS = 0;

  /// One of the pages is not to be had.
  public static final int INVALID_REQUEST = 1;

  /// Something is broken: the function stops asking.
  public static final int FAILURE = 15;
}
