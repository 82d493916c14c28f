package dev.portcullis.pci;

/// The way down: what a remapping unit says to the functions behind it. Does not wait for what the
/// function makes of it, and never throws.
///
/// @pcie 10.3 ATS Invalidation
/// @pcie 10.4 Page Request Services
public interface DownstreamPort {

  /// Tells function `requesterId` to forget translations. Its answer is an invalidate completion.
  ///
  /// @return whether there is such a function with ATS to tell; if not, no answer will come
  boolean invalidate(int requesterId, InvalidateRequest request);

  /// Answers a group of page requests of function `requesterId`.
  void respond(int requesterId, PageResponse response);

  /// Leads nowhere: no function is there.
  static DownstreamPort unplugged() {
    return new DownstreamPort() {
      @Override
      public boolean invalidate(int requesterId, InvalidateRequest request) {
        return false;
      }

      @Override
      public void respond(int requesterId, PageResponse response) {}
    };
  }
}
